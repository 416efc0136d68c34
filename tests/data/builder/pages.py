"""A story on its host: as HTML the way a publisher serves it, and as text the way an extractor leaves it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup, escape

from builder.hosts import following

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from builder.hosts import Host, Residue
    from builder.stories import Story

_LINK = re.compile(r"\[([^\]]{1,120})\]\((https?://[^)\s]{1,200})\)")


class Renderer:
    """Bind the templates once; then `html` and `text` render a story."""

    def __init__(self, folder: Path) -> None:
        self.environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folder),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def html(self, story: Story, host: Host, neighbours: Sequence[Story]) -> bytes:
        """Return the page in the host's own charset."""
        chosen = host.chosen(story, neighbours)
        blocks, residue = glued(story.blocks, chosen), [each for each in chosen if not each.glued]
        others = following(story, neighbours)
        link = host.url(others[0]) if others else "/"
        slots = {
            at: Markup("\n").join(self._snippet(each, link) for each in residue if each.at == at)
            for at in _places(residue)
        }
        body = [slots.pop(0, Markup(""))]
        for number, block in enumerate(blocks, start=1):
            body += marked_up(block), slots.pop(number, Markup(""))
        below = slots.pop(-2, Markup(""))
        body.append(slots.pop(-1, Markup("")))
        body += [slots[at] for at in sorted(slots)]  # a short report: what should follow block 9 follows the last
        page = self.environment.get_template(f"{host.template}.html.j2").render(
            story=story,
            host=host,
            day=host.day(story),
            url=host.url(story),
            body=Markup("\n").join(part for part in body if part),
            below=below,
            linked_data=linked_data(story, host),
            others=[(each.title, host.url(each)) for each in others[:6]],
        )
        if story.damage == "deep":
            page = page.replace("<article", "<div>" * 300 + "<article", 1).replace(
                "</article>", "</article>" + "</div>" * 300, 1
            )
        return page.encode(host.charset, "xmlcharrefreplace")

    def _snippet(self, residue: Residue, link: str) -> Markup:
        return Markup(self.environment.from_string(residue.html).render(lines=residue.lines, link=link).strip())  # noqa: S704


def text(story: Story, host: Host, neighbours: Sequence[Story], separator: str = "\n") -> str:
    """Return what an extractor leaves of the page: the report's lines with the residue between them."""
    chosen = host.chosen(story, neighbours)
    blocks, residue = glued(story.blocks, chosen), [each for each in chosen if not each.glued]
    lines = [line for each in residue if each.at == 0 for line in each.lines]
    for number, block in enumerate(blocks, start=1):
        lines += plain(block)
        lines += [line for each in residue if each.at == number for line in each.lines]
    last = len(story.blocks)
    lines += [line for each in residue if each.at > last for line in each.lines]
    lines += [line for at in (-1, -2) for each in residue if each.at == at for line in each.lines]
    return separator.join(line for line in lines if line)


def content(story: Story) -> list[str]:
    """Return the lines of the report itself, without mark-up."""
    return [line for block in story.blocks for line in plain(block)]


def glued(blocks: Sequence[str], residue: Sequence[Residue]) -> tuple[str, ...]:
    """Return the blocks with the residue that hangs on the end of one.

    >>> from builder.hosts import Residue
    >>> glued(["He left."], [Residue("wire_credit", (" (MW)",), at=-1, glued=True)])
    ('He left. (MW)',)
    """
    found = list(blocks)
    for each in residue:
        place = each.at if each.at < 0 else each.at - 1
        if each.glued and found:
            found[place] += each.lines[0]
    return tuple(found)


def _places(residue: Sequence[Residue]) -> list[int]:
    return sorted({each.at for each in residue})


def plain(block: str) -> list[str]:
    r"""Return the lines of one block as a reader sees them.

    >>> plain("## Sub-head"), plain("- one\n- two"), plain("See [the list](https://a.example/x).")
    (['Sub-head'], ['one', 'two'], ['See the list.'])
    """
    lines = [re.sub(r"^(?:#{2,3}|>|-) ", "", line) for line in block.split("\n")]
    return [_LINK.sub(r"\1", line) for line in lines]


def marked_up(block: str) -> Markup:
    """Return one block as HTML.

    >>> marked_up("## A & B"), marked_up("> Said.")
    (Markup('<h2>A &amp; B</h2>'), Markup('<blockquote><p>Said.</p></blockquote>'))
    """
    inner = [_linked(re.sub(r"^(?:#{2,3}|>|-) ", "", line)) for line in block.split("\n")]
    if block.startswith("- "):
        return Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(line) for line in inner))
    frame = {"##": "<h2>{}</h2>", ">": "<blockquote><p>{}</p></blockquote>"}.get(block.split(" ", 1)[0], "<p>{}</p>")
    return Markup(frame).format(inner[0])  # noqa: S704


def _linked(line: str) -> Markup:
    """Escape a line; `[words](https://…)` becomes a link."""
    return Markup(_LINK.sub(r'<a href="\2">\1</a>', str(escape(line))))  # noqa: S704


def linked_data(story: Story, host: Host) -> Mapping[str, object]:
    """Return schema.org's description of the story; `tojson` in the template makes it safe inside a script element."""
    about: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "datePublished": story.published.isoformat(),
        "mainEntityOfPage": host.url(story),
        "publisher": {"@type": "NewsMediaOrganization", "name": host.name},
    }
    if story.author:
        about["author"] = [{"@type": "Person", "name": story.author}]
    return about


def as_json(row: Mapping[str, object]) -> bytes:
    """Return one line of JSON, without its line break."""
    return json.dumps(row, ensure_ascii=False, sort_keys=False).encode()
