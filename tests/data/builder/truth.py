"""What a cleaner should make of the crawl: for each page the lines to keep and to strike, and whose copy it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from builder import pages, stories

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from builder.containers import Place
    from builder.hosts import Host
    from builder.stories import Story


def of(
    told: Mapping[str, Story], hosts: Mapping[str, Host], placed: Mapping[str, Place], planted: Sequence[Place]
) -> dict[str, Any]:
    """Return the truth as one JSON value; the README of this folder explains its keys."""
    neighbours = stories.by_host(told.values())
    return {
        "relations": {"copies": stories.COPIES, "kept": stories.KEPT},
        "pages": [
            {
                "id": story.id,
                **placed[story.id],
                "url": hosts[story.host].url(story),
                "language": hosts[story.host].language,
                "title": story.title,
                "author": story.author,
                "published": story.published.isoformat(),
                "source_name": hosts[story.host].name,
                "relation": story.relation,
                "of": story.of,
                "family": stories.family(told, story.id),
                "damage": story.damage,
                "content": pages.content(story),
                "residue": [
                    {"category": each.category, "line": line}
                    for each in hosts[story.host].chosen(story, neighbours[story.host])
                    for line in each.lines
                ],
            }
            for story in told.values()
        ],
        "faults": list(planted),
    }


def encode(truth: Mapping[str, Any]) -> bytes:
    """Return the truth as JSON that a person can read and a diff can follow."""
    return json.dumps(truth, ensure_ascii=False, indent=1).encode() + b"\n"
