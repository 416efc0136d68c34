"""Hosts as data: `hosts/<name>.toml` holds a publisher's furniture and the residue it mixes into reports."""

from __future__ import annotations

import dataclasses
import tomllib
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from builder.stories import Story

PARAGRAPHS = "{% for line in lines %}<p>{{ line }}</p>\n{% endfor %}"


@dataclasses.dataclass(frozen=True, slots=True)
class Residue:
    """Lines that a template puts beside the blocks of a report.

    `at` counts blocks: 0 stands before the first, 2 after the second, -1 after the last, -2 below the report.
    `every` 3: on about a third of the pages. `glued` lines hang on the end of block `at`, inside its paragraph, with no
    space but their own. `html` is a jinja snippet over `lines` (and `link`, another page).
    """

    category: str
    lines: tuple[str, ...]
    at: int
    every: int = 1
    html: str = PARAGRAPHS
    glued: bool = False
    needs: str = ""  # a field of the story that must not be empty


@dataclasses.dataclass(frozen=True, slots=True)
class Host:
    """A publisher: how its pages are served, what stands around a report and what stands in it."""

    id: str
    name: str
    domain: str
    language: str
    template: str
    via: str
    date: str
    months: tuple[str, ...]
    nav: tuple[str, ...]
    footer: tuple[str, ...]
    words: Mapping[str, str]
    residue: tuple[Residue, ...]
    charset: str = "utf-8"
    header: str | None = None  # charset in the HTTP header; None: none is named there
    metadata: str = "json-ld"  # json-ld | meta | none

    def url(self, story: Story) -> str:
        """Return the address of a story on this host."""
        return f"https://{self.domain}/{story.published:%Y/%m}/{story.id}"

    def day(self, story: Story) -> str:
        """Return the day of publication as this host writes it."""
        when = story.published
        return self.date.format(
            d=when.day, month=self.months[when.month - 1], m=when.month, y=when.year, t=f"{when:%H:%M}"
        )

    def chosen(self, story: Story, neighbours: Sequence[Story]) -> list[Residue]:
        """Return the residue on the page of a story, its placeholders filled in."""
        number = zlib.crc32(story.id.encode())
        others = [each.title for each in following(story, neighbours)] or [self.name]
        fields = {
            "title": story.title,
            "author": story.author or self.name,
            "date": self.day(story),
            "time": f"{story.published:%H:%M}",
            "photo": story.photo,
            "site": self.name,
            "domain": self.domain,
            "url": self.url(story),
            "n": number % 37 + 2,
            "other": others[0],
            "third": others[1 % len(others)],
            "fourth": others[2 % len(others)],
        }
        found = []
        for index, each in enumerate(self.residue):
            if _stands_on(each, index, story):
                lines = tuple(_filled(line, fields) for line in each.lines)
                found.append(dataclasses.replace(each, lines=lines))
        return found


def following(story: Story, neighbours: Sequence[Story]) -> list[Story]:
    """Return the host's other stories, the one after this first: what its template links to."""
    at = next(number for number, each in enumerate(neighbours) if each.id == story.id)
    return [*neighbours[at + 1 :], *neighbours[:at]]


def _stands_on(residue: Residue, index: int, story: Story) -> bool:
    """Tell whether a page has this residue: it is its turn, what it needs is there, and so is the block it hangs on."""
    turn = zlib.crc32(f"{story.id} {index}".encode()) % residue.every == 0
    needed = not residue.needs or bool(getattr(story, residue.needs))
    return turn and needed and not (residue.glued and residue.at > len(story.blocks))


def _filled(line: str, fields: Mapping[str, object]) -> str:
    """Put the fields into their places; other braces (template code that leaked) stay as they are."""
    for name, value in fields.items():
        line = line.replace("{" + name + "}", str(value))
    return line


def load(folder: Path) -> dict[str, Host]:
    """Return every host by the name of its file."""
    hosts = {}
    for path in sorted(folder.glob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        residue = tuple(Residue(lines=tuple(each.pop("lines")), **each) for each in table.pop("residue"))
        lists = {name: tuple(table.pop(name)) for name in ("months", "nav", "footer")}
        hosts[path.stem] = Host(id=path.stem, residue=residue, **lists, **table)
    return hosts
