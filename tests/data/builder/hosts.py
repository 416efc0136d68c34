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
    `every` 3: on about a third of the pages. `html` is a jinja snippet over `lines` (and `link`, another page).
    """

    category: str
    lines: tuple[str, ...]
    at: int
    every: int = 1
    html: str = PARAGRAPHS
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
        others = [each.title for each in neighbours if each.id != story.id] or [self.name]
        at = next((i for i, each in enumerate(neighbours) if each.id == story.id), 0)
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
            "other": others[at % len(others)],
            "third": others[(at + 1) % len(others)],
            "fourth": others[(at + 2) % len(others)],
        }
        found = []
        for index, each in enumerate(self.residue):
            if zlib.crc32(f"{story.id} {index}".encode()) % each.every or (
                each.needs and not getattr(story, each.needs)
            ):
                continue
            lines = tuple(_filled(line, fields) for line in each.lines)
            found.append(dataclasses.replace(each, lines=lines))
        return found


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
