"""Which story goes into which file: a table of containers, each with the function that fills it."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa

from builder import faults, pages, records, stories

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from builder.hosts import Host
    from builder.pages import Renderer
    from builder.stories import Story

    Filler: TypeAlias = Callable[["Shelf", Path, str], None]

Place = dict[str, str | int]


@dataclasses.dataclass(frozen=True)
class Shelf:
    """What a container is filled from: its stories in order, and the notes taken while filling it."""

    stories: Sequence[Story]
    hosts: Mapping[str, Host]
    neighbours: Mapping[str, Sequence[Story]]
    renderer: Renderer
    placed: dict[str, Place]
    planted: list[Place]

    def html(self, story: Story) -> bytes:
        """Return the page of a story."""
        return self.renderer.html(story, self.hosts[story.host], self.neighbours[story.host])

    def text(self, story: Story) -> str:
        """Return the text of a story as an extractor left it, broken where its data says so."""
        text = pages.text(story, self.hosts[story.host], self.neighbours[story.host])
        return faults.mojibake(text) if story.damage == "mojibake" else text

    def plant(self, file: str, note: Place) -> None:
        """Note a broken record."""
        self.planted.append({"file": file, **note})


def _response(shelf: Shelf, story: Story) -> bytes:
    host = shelf.hosts[story.host]
    content_type = f"text/html; charset={host.header}" if host.header else "text/html"
    body = shelf.html(story)
    # A length that the page outgrew, as templates behind a cache send it: browsers show the page all the same.
    length = len(body) + 512 if story.damage == "http-length" else None
    wire = records.http_response(body, content_type, length=length)
    fetched = story.published + timedelta(hours=9)
    return records.warc_record("response", host.url(story), fetched, wire, "application/http; msgtype=response")


def warc(shelf: Shelf, folder: Path, name: str) -> None:
    """Responses; broken ones in the middle of the first file, one twice and one cut off in the second."""
    first, last = shelf.stories[0], shelf.stories[-1]
    host = shelf.hosts[first.host]
    members = [records.warc_info(name.rsplit("/", 1)[-1], first.published)]
    for story in shelf.stories:
        members.append(_response(shelf, story))
        shelf.placed[story.id] = {"file": name}
    if "00000" in name:
        shell = shelf.renderer.html(dataclasses.replace(first, blocks=(), photo=""), host, shelf.neighbours[first.host])
        broken = faults.in_warc(host.domain, first.published, shelf.html(first), shell)
        for place, (note, record) in enumerate(broken):
            members.insert(4 + 3 * place, record)
            shelf.plant(name, note)
    else:
        members.insert(9, members[5])
        shelf.plant(name, faults.fault("the same record twice", "copy", url=host_url(shelf, shelf.stories[4])))
        note, member = faults.cut_member(shelf.hosts[last.host].domain, last.published, shelf.html(last))
        members.append(member)
        shelf.plant(name, note)
    records.write_warc(folder / name, members)


def host_url(shelf: Shelf, story: Story) -> str:
    """Return the address of a story."""
    return shelf.hosts[story.host].url(story)


def wet(shelf: Shelf, folder: Path, name: str) -> None:
    """Plain texts as `conversion` records."""
    members = [records.warc_info(name.rsplit("/", 1)[-1], shelf.stories[0].published)]
    for story in shelf.stories:
        block = shelf.text(story).encode()
        fetched = story.published + timedelta(hours=9)
        members.append(records.warc_record("conversion", host_url(shelf, story), fetched, block, "text/plain"))
        shelf.placed[story.id] = {"file": name}
    records.write_warc(folder / name, members)


def loose(shelf: Shelf, folder: Path, name: str) -> None:
    """HTML files, a folder for each host, as `wget --mirror` leaves them."""
    for story in shelf.stories:
        file = f"{name}/{shelf.hosts[story.host].domain}/{story.id}.html"
        records.write_file(folder / file, shelf.html(story))
        shelf.placed[story.id] = {"file": file}
    broken = f"{name}/{shelf.hosts[shelf.stories[0].host].domain}/index.html"
    records.write_file(folder / broken, b"")
    shelf.plant(broken, faults.fault("empty file", "rejected"))


def zipped(shelf: Shelf, folder: Path, name: str) -> None:
    """HTML files in a zip, with an image between them."""
    files = {f"{shelf.hosts[story.host].domain}/{story.id}.html": story for story in shelf.stories}
    members = {file: shelf.html(story) for file, story in files.items()}
    image = f"{shelf.hosts[shelf.stories[0].host].domain}/logo.png"
    records.write_zip(folder / name, {**members, image: faults.PIXEL})
    for file, story in files.items():
        shelf.placed[story.id] = {"file": name, "member": file}
    shelf.plant(name, faults.fault("image between the pages", "rejected", member=image))


def c4(shelf: Shelf, folder: Path, name: str) -> None:
    """Rows of text, url and timestamp, as C4 has them, with broken lines between."""
    rows: list[bytes] = []
    broken = faults.in_json_lines("broken-rows.example")
    for number, story in enumerate(shelf.stories):
        row = {"text": shelf.text(story), "timestamp": _stamp(story), "url": host_url(shelf, story)}
        rows.append(faults.with_nul_and_surrogate(row) if story.damage == "nul" else pages.as_json(row))
        shelf.placed[story.id] = {"file": name, "record": len(rows)}
        if number % 2 == 1 and broken:
            note, line = broken.pop()
            rows.append(line)
            shelf.plant(name, {**note, "record": len(rows)})
    if broken:
        raise ValueError(f"{name}: too few stories to put {len(broken)} broken lines between")
    records.write_lines(folder / name, rows)


def news(shelf: Shelf, folder: Path, name: str) -> None:
    """Rows in the columns that news crawlers write: `maintext`, `date_publish`, `authors`."""
    rows = []
    for number, story in enumerate(shelf.stories, start=1):
        host = shelf.hosts[story.host]
        row = {
            "authors": [story.author] if story.author else [],
            "date_publish": f"{story.published:%Y-%m-%d %H:%M:%S}",
            "language": host.language,
            "maintext": shelf.text(story),
            "source_domain": host.domain,
            "title": story.title,
            "url": host_url(shelf, story),
        }
        rows.append(pages.as_json(row))
        shelf.placed[story.id] = {"file": name, "record": number}
    records.write_lines(folder / name, rows)


def fineweb(shelf: Shelf, folder: Path, name: str) -> None:
    """Rows in FineWeb's columns, the last one without a text."""
    schema = pa.schema([(column, pa.string()) for column in ("text", "id", "dump", "url", "date", "language")])
    rows: list[dict[str, object]] = []
    for number, story in enumerate(shelf.stories, start=1):
        host = shelf.hosts[story.host]
        identity = records.record_id("row", host.url(story)).strip("<>")
        row = {"text": shelf.text(story), "id": identity, "dump": "TIDEWATER-2024-18", "url": host.url(story)}
        rows.append({**row, "date": _stamp(story), "language": host.language})
        shelf.placed[story.id] = {"file": name, "record": number}
    rows.append(
        {"text": None, "id": "no-text", "dump": "TIDEWATER-2024-18", "url": None, "date": None, "language": "en"}
    )
    shelf.plant(name, faults.fault("row whose text is null", "rejected", record=len(rows)))
    records.write_parquet(folder / name, rows, schema)


def _stamp(story: Story) -> str:
    return f"{story.published + timedelta(hours=9):%Y-%m-%dT%H:%M:%SZ}"


CONTAINERS: dict[str, tuple[str, Filler]] = {
    "warc-0": ("warc/tidewater-00000.warc.gz", warc),
    "warc-1": ("warc/tidewater-00001.warc.gz", warc),
    "wet": ("wet/tidewater-00002.warc.wet.gz", wet),
    "html": ("pages", loose),
    "zip": ("mirror.zip", zipped),
    "c4": ("dumps/c4-like.00000.jsonl.gz", c4),
    "news": ("dumps/news.jsonl", news),
    "fineweb": ("dumps/fineweb-like.parquet", fineweb),
}
"""Name in the data → file in the crawl, and what fills it."""


def write(
    folder: Path, told: Mapping[str, Story], hosts: Mapping[str, Host], renderer: Renderer
) -> tuple[dict[str, Place], list[Place]]:
    """Write every container; return where each story went, and the broken records."""
    neighbours = stories.by_host(told.values())
    placed: dict[str, Place] = {}
    planted: list[Place] = []
    for container, (name, fill) in CONTAINERS.items():
        inside = [story for story in told.values() if (story.via or hosts[story.host].via) == container]
        if inside:
            fill(Shelf(inside, hosts, neighbours, renderer, placed, planted), folder, name)
    if missing := sorted(set(told) - set(placed)):
        raise ValueError(f"no container for {missing}; there are {', '.join(CONTAINERS)}")
    return placed, planted
