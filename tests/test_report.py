"""Report and card: what they say agrees with the dataset, whatever stands in the dataset."""

from __future__ import annotations

import datetime as dt
import html.parser
import json
import re
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from cleaners import card, report, spans, storage
from cleaners.columns import CLEANED, COLUMNS, REJECTED, VERDICT
from cleaners.config import Settings
from cleaners.errors import InputError
from cleaners.model import Edit
from cleaners.text import word_count
from cleaners.write import write

if TYPE_CHECKING:
    from pathlib import Path

UTC = dt.UTC
FERRY = (
    "The ferry to Tessin island ran aground on Monday with 140 people on board, the harbour office of Orlec said.\n"
    "Nobody was hurt. Captain Mira Dolan told reporters the engine had failed twice that week.\n"
    "Divers will look at the hull before the ship is towed to the yard in Vell, the office said."
)
LOOPED = (
    "With 140 passengers aboard, the Tessin island ferry got stuck on Monday, according to Orlec's harbour office.\n"
    "There were no injuries. The engine broke down two times in the week, said Captain Mira Dolan.\n"
    "Before towing to the Vell yard, divers are going to inspect the hull."
)
DAM = (
    "Repairs of the dam above Orlec will cost 3.2 million, the council heard on Tuesday evening.\n"
    "Work begins in May and will close the upper road for six weeks.\n"
    "The mayor asked residents to use the ferry."
)
BRUCKE = (
    "Die Brücke über die Lenn ist seit Montag wieder offen, teilte die Stadt Orlec mit.\n"
    "Drei Jahre lang war sie gesperrt, weil die Pfeiler unterspült waren.\n"
    "Die Kosten stiegen von zwei auf fünf Millionen."
)
HOSTILE = '<script>alert(1)</script> \u202eevil\u202c <img src=x onerror=alert(1)> \x07 & "quoted" {{ 7*7 }}'


def residue(text: str, line: str, rule: str, category: str, at: int | None = None) -> tuple[str, list[Edit]]:
    """Return a text with a line of residue added, and the edit that strikes it."""
    start = len(text) if at is None else at
    return text[:start] + "\n\n" + line + text[start:], [
        Edit(start, start + len(line) + 2, "\n\n" + line, "", rule, category)
    ]


def row(number: int, text: str, edits: list[Edit], **known: Any) -> dict[str, Any]:
    """Return a cleaned row with its verdict; the text is the extracted one."""
    clean = spans.apply(text, edits)
    return {
        "id": f"{number:016x}",
        "source_id": None,
        "url": f"https://tide{number % 3}.example/{number}",
        "title": f"Story {number}",
        "author": None,
        "published": dt.datetime(2024, 1 + number % 9, 3, tzinfo=UTC),
        "source_name": "Tide",
        "language": "en",
        "fetched": None,
        "source": "crawl.warc.gz",
        "record": number,
        "extractor": "trafilatura",
        "text": clean,
        "words_before": word_count(text),
        "edits": [{name: getattr(edit, name) for name in Edit.__slots__} for edit in edits],
        "salvaged": [],
        "words": word_count(clean),
        "canonical_id": None,
        "kind": None,
        "similarity": None,
        "evidence": None,
    } | known


def rows() -> list[dict[str, Any]]:
    """Return a small crawl: two stories with copies of each kind, one in German, one hostile page."""
    shared = residue(FERRY, "Share this story on Facebook", "en-share", "share_widget")
    offered = residue(DAM, "Sign up for the Orlec morning letter", "en-letter", "newsletter_signup", DAM.index("\n"))
    hostile = residue(DAM.replace("dam", "weir"), HOSTILE, "en-<b>rule", "template_mangled")
    mojibake = DAM.replace("mayor asked", "mayor asked â€™")
    at = mojibake.index("â€™")
    first = f"{0:016x}"
    copy = {"canonical_id": first, "evidence": {"jaccard": 0.8}}
    return [
        row(0, *shared),
        row(1, *offered),
        row(2, BRUCKE, [], language="de", url=None, published=None),
        row(3, *hostile, title=HOSTILE, url="https://ho'st.example/<x>", language='e"n><'),
        row(4, FERRY, [], kind="exact", similarity=1.0, **copy),
        row(5, FERRY.replace("Monday", "Sunday"), [], kind="near", similarity=0.81, **copy),
        row(6, LOOPED, [], kind="reworded", similarity=0.93, title=HOSTILE, **copy),
        row(7, mojibake, [Edit(at, at + 3, "â€™", "’", "mojibake", "repair")]),
    ]


REFUSED = [
    {"id": "r0", "source_id": None, "source": "crawl.warc.gz", "record": 90, "stage": "read", "reason": "broken record", "detail": HOSTILE},
    {"id": "r1", "source_id": "u1", "source": "crawl.warc.gz", "record": 91, "stage": "extract", "reason": "timeout", "detail": "31 s"},
]  # fmt: skip


def lay(root: str, crawl: list[dict[str, Any]], refused: list[dict[str, Any]] | None = None) -> str:
    """Write a dataset of these rows as two shards, with a manifest whose books balance; return its folder."""
    schema = pa.schema([*CLEANED, *(field for field in VERDICT if field.name != "id")])
    refused = REFUSED if refused is None else refused
    notes: dict[str, list[dict[str, Any]]] = {table: [] for table in COLUMNS}
    files = {}
    for number, shard in enumerate(("aa", "bb")):
        paths = {table: storage.join(root, table, f"{shard}.parquet") for table in COLUMNS}
        table = pa.Table.from_pylist(crawl[number::2], schema)
        write(table, pa.Table.from_pylist(refused[number::2], REJECTED), paths, "key", {}, Settings().write)
        for name, path in paths.items():
            note = storage.read_note(path)
            assert note is not None
            notes[name].append(note)
            content = storage.read_bytes(path)
            files[f"{name}/{shard}.parquet"] = {
                "rows": note["rows"],
                "bytes": len(content),
                "sha256": "0",
                "key": "key",
            }
    manifest = {
        "format": "copydesk dataset",
        "schema_version": 1,
        "made_by": {"copydesk": "0.1.0", "pyarrow": pa.__version__},
        "settings": Settings().model_dump(mode="json"),
        "rulebook": "0123456789abcdef",
        "furniture": None,
        "signatures": {"scheme": "affine32"},
        "counts": books(notes, crawl),
        "inputs": [{"path": "crawl.warc.gz", "kind": "warc", "identity": "x", "bytes": 12345}],
        "files": files,
        "shards": [],
    }
    storage.write_bytes(storage.join(root, "manifest.json"), json.dumps(manifest).encode())
    return root


def books(notes: dict[str, list[dict[str, Any]]], crawl: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the counts of a manifest."""
    sums = {table: sum(note["rows"] for note in each) for table, each in notes.items()}

    def ranked(table: str, by: str) -> dict[str, int]:
        total: dict[str, int] = {}
        for note in notes[table]:
            for name, count in note["counts"][by].items():
                total[name] = total.get(name, 0) + count
        return dict(sorted(total.items(), key=lambda pair: (-pair[1], pair[0])))

    return {
        "records": sums["articles"] + sums["duplicates"] + sums["rejected"],
        **sums,
        "words_before": sum(each["words_before"] for each in crawl),
        "words_after": sum(each["words"] for each in crawl),
        "words_kept": sum(each["words"] for each in crawl if each["kind"] is None),
        "duplicates_by_kind": ranked("duplicates", "kind"),
        "rejected_by_reason": ranked("rejected", "reason"),
        "edits_by_rule": ranked("edits", "rule"),
        "articles_by_language": ranked("articles", "language"),
    }


@pytest.fixture
def dataset(tmp_path: Path) -> str:
    """Return the folder of a small dataset."""
    return lay(str(tmp_path / "out"), rows())


class Page(html.parser.HTMLParser):
    """What a browser would see: tags with their attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_report_is_written_beside_the_data_and_not_again_when_nothing_changed(dataset):
    path = report.write(dataset)
    stat = storage.os.stat(path)
    report.write(dataset)

    assert path == f"{dataset}/report.html"
    assert storage.os.stat(path).st_mtime_ns == stat.st_mtime_ns


def test_a_folder_without_a_dataset_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no finished dataset"):
        report.write(str(tmp_path))


def test_nothing_scraped_becomes_mark_up(dataset):
    page = Page(report.render(dataset))

    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "img", "iframe", "object", "embed", "form", "b0"})
    assert not [attrs for _, attrs in page.tags if any(name.startswith("on") for name in attrs)]
    assert "<script>alert(1)</script>" in page.text  # it is there, as text
    assert "{{ 7*7 }}" in page.text


def test_characters_that_act_on_the_page_are_named_instead(dataset):
    page = report.render(dataset)

    assert "⟨U+202E⟩evil⟨U+202C⟩" in page
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)


def test_the_page_asks_for_nothing_from_outside(dataset):
    page = Page(report.render(dataset))

    links = [value for _, attrs in page.tags for name, value in attrs.items() if name in {"src", "href"}]
    assert all((link or "").startswith(("#", "data:,")) for link in links)
    assert "@import" not in page.text
    assert "url(" not in page.text


def test_every_section_named_in_the_contents_is_there(dataset):
    page = Page(report.render(dataset))

    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    anchors = {(attrs["href"] or "")[1:] for tag, attrs in page.tags if tag == "a"}
    assert len(ids) == len(set(ids))
    assert anchors <= set(ids)


def test_an_empty_dataset_has_a_report_and_a_card(tmp_path):
    root = lay(str(tmp_path / "out"), [], [])

    assert "0 articles from 0 records" in Page(report.render(root)).text
    assert "made from 0 scraped records" in card.render(root)
