"""Stories as data: in `articles/*.toml` a `[[story]]` was written, a `[[copy]]` is made from one."""

from __future__ import annotations

import dataclasses
import re
import tomllib
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

COPIES = {
    "exact": "the same words",
    "near": "the same words but for a lead, a credit, a cut or a few changed words",
    "spun": "words exchanged for synonyms by a machine",
    "looped": "sent through another language and back",
    "paraphrased": "the same report told sentence by sentence in other words",
}
"""Relations after which one of the two stories is enough."""

KEPT = {
    "event": "another outlet's own report of the same event",
    "update": "a later version with new facts",
    "half": "one part taken over, the other part its own",
    "brief": "a few sentences that sum the other up",
    "translated": "the same report in another language",
}
"""Relations after which both stories stay."""


@dataclasses.dataclass(frozen=True, slots=True)
class Story:
    """One report as one host published it. `blocks` are paragraphs, in the small mark-up that `pages` knows."""

    id: str
    host: str
    title: str
    author: str
    published: datetime
    blocks: tuple[str, ...]
    photo: str = ""
    relation: str = ""
    of: str = ""
    via: str = ""
    damage: str = ""


def load(folder: Path) -> dict[str, Story]:
    """Return every story by its id, in the order of their ids; ValueError names an id that is unknown or used twice."""
    stories: dict[str, Story] = {}
    copies: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        copies += table.pop("copy", [])
        for entry in table.pop("story", []):
            _add(stories, Story(blocks=split(entry.pop("text")), **entry))
        if table:
            raise ValueError(f"{path.name}: only [[story]] and [[copy]] are known, not {sorted(table)}")
    synonyms = tomllib.loads((folder.parent / "synonyms.toml").read_text(encoding="utf-8"))
    for entry in copies:
        _add(stories, copied(entry, stories[entry["of"]], synonyms))
    for story in stories.values():
        if bool(story.of) != bool(story.relation) or (story.of and story.of not in stories):
            raise ValueError(f"{story.id}: relation {story.relation!r} to {story.of!r}, which is no story")
        if story.relation and story.relation not in COPIES | KEPT:
            raise ValueError(f"{story.id}: relation {story.relation!r}; known are {', '.join(COPIES | KEPT)}")
    return dict(sorted(stories.items()))


def _add(stories: dict[str, Story], story: Story) -> None:
    if story.id in stories:
        raise ValueError(f"{story.id}: this id stands twice")
    stories[story.id] = story


def split(text: str) -> tuple[str, ...]:
    r"""Return the blocks of a text: what empty lines separate. List items keep their line breaks, prose does not.

    >>> split("One\nline.\n\n- a\n- b\n")
    ('One line.', '- a\n- b')
    """
    blocks = [block.strip() for block in re.split(r"\n{2,}", text) if block.strip()]
    return tuple(block if block.startswith("- ") else " ".join(block.split("\n")) for block in blocks)


def copied(entry: Mapping[str, Any], source: Story, synonyms: Mapping[str, str]) -> Story:
    """Return the copy that a `[[copy]]` entry describes.

    The blocks `keep` (a half-open range) are taken over, `replace` exchanges words (each must be there), `spin` is
    the share in percent of known words exchanged for synonyms, `before` and `after` are the copier's own blocks.
    """
    blocks = source.blocks[slice(*entry.get("keep", (None,)))]
    for old, new in entry.get("replace", ()):
        if not any(old in block for block in blocks):
            raise ValueError(f"{entry['id']}: {old!r} does not stand in {source.id}")
        blocks = tuple(block.replace(old, new) for block in blocks)
    title = source.title
    if share := entry.get("spin", 0):
        blocks = tuple(spun(block, synonyms, share) for block in blocks)
        title = spun(title, synonyms, share)
    return Story(
        id=entry["id"],
        host=entry["host"],
        title=entry.get("title", title),
        author=entry.get("author", ""),
        published=entry["published"],
        blocks=(*split(entry.get("before", "")), *blocks, *split(entry.get("after", ""))),
        photo=entry.get("photo", source.photo),
        relation=entry["relation"],
        of=source.id,
        via=entry.get("via", ""),
        damage=entry.get("damage", ""),
    )


def spun(text: str, synonyms: Mapping[str, str], share: int) -> str:
    """Return the text with about `share` percent of the words that have a synonym exchanged for it.

    Which ones depends on the word and the words before it alone, so that every build gives the same text.

    >>> spun("Big fire near a big house", {"big": "large", "house": "home"}, 100)
    'Large fire near a large home'
    """

    def exchange(found: re.Match[str]) -> str:
        word = found.group()
        synonym = synonyms.get(word.lower())
        place = zlib.crc32(text[max(0, found.start() - 20) : found.end()].encode())
        if synonym is None or place % 100 >= share:
            return word
        return synonym[0].upper() + synonym[1:] if word[0].isupper() else synonym

    return re.sub(r"[A-Za-z]+(?:'[a-z]+)?", exchange, text)


def family(stories: Mapping[str, Story], start: str) -> str:
    """Return the id of the story that this one and its copies go back to; a story of its own is its own head."""
    story = stories[start]
    while story.relation in COPIES:
        story = stories[story.of]
    return story.id


def by_host(stories: Iterable[Story]) -> dict[str, list[Story]]:
    """Return the stories of each host, oldest first."""
    hosts: dict[str, list[Story]] = {}
    for story in sorted(stories, key=lambda each: (each.published, each.id)):
        hosts.setdefault(story.host, []).append(story)
    return hosts
