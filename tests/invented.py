"""A small dataset laid down by hand: every table, kind and oddity, without a run of the product."""

from __future__ import annotations

import collections
import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from cleaners import spans, storage
from cleaners.columns import CLEANED, COLUMNS, REJECTED, VERDICT
from cleaners.config import Settings
from cleaners.model import Edit
from cleaners.quality.signals import signals
from cleaners.shards.quality import beside
from cleaners.text import word_count
from cleaners.write import parts_of, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
        "split": "train",
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


SPLITS = {"train": 0.5, "validation": 0.25, "test": 0.25}


def with_splits() -> list[dict[str, Any]]:
    """Return the small crawl in two of three splits."""
    return [row | {"split": "train" if row["record"] < 2 else "test"} for row in rows()]


def refusal(number: int, stage: str, reason: str, detail: str) -> dict[str, Any]:
    """Return a rejected row."""
    known = {"id": f"r{number}", "source_id": None, "source": "crawl.warc.gz", "record": 90 + number}
    return known | {"stage": stage, "reason": reason, "detail": detail}


REFUSED = [refusal(0, "read", "broken record", HOSTILE), refusal(1, "extract", "timeout", "31 s")]


def cleaned(crawl: Sequence[dict[str, Any]]) -> pa.Table:
    """Return rows as they come to be written: with their verdicts and signals."""
    schema = pa.schema([*CLEANED, *(field for field in VERDICT if field.name != "id")])
    table = pa.Table.from_pylist(list(crawl), schema)
    return beside(table, signals(table))


def lay(
    root: str,
    crawl: Sequence[dict[str, Any]],
    refused: Sequence[dict[str, Any]] = REFUSED,
    settings: Settings | None = None,
) -> str:
    """Write a dataset of these rows as two shards; return its folder."""
    return lay_shards(root, [(list(crawl[number::2]), list(refused[number::2])) for number in range(2)], settings)


def lay_shards(
    root: str,
    shards: Iterable[tuple[list[dict[str, Any]], list[dict[str, Any]]]],
    settings: Settings | None = None,
) -> str:
    """Write a dataset of shards of cleaned and rejected rows, its books in the manifest; return its folder."""
    settings = settings or Settings()
    notes: dict[str, list[dict[str, Any]]] = {table: [] for table in COLUMNS}
    files = {}
    for number, (crawl, refused) in enumerate(shards):
        paths = {table: storage.join(root, table, f"{number:04x}.parquet") for table in COLUMNS}
        origin = {name: sum(each[of] for each in crawl) for name, of in WORDS.items()}
        tables = cleaned(crawl), pa.Table.from_pylist(refused, REJECTED)
        write(*tables, paths, "key", origin, settings)
        for table, name in ((table, name) for table, names in parts_of(paths["rejected"]).items() for name in names):
            note = storage.read_note(storage.join(root, table, name))
            assert note is not None
            notes[table].append(note)
            digest = hashlib.sha256(storage.read_bytes(storage.join(root, table, name))).hexdigest()
            files[f"{table}/{name}"] = {"rows": note["rows"], "bytes": 1, "sha256": digest, "key": "key"}
    manifest = {
        "format": "copydesk dataset",
        "schema_version": 1,
        "made_by": {"copydesk": "0.1.0", "pyarrow": pa.__version__},
        "settings": settings.model_dump(mode="json"),
        "rulebook": "0123456789abcdef",
        "furniture": None,
        "signatures": {"scheme": "affine32"},
        "splits": None,
        "evaluation_sets": {},
        "counts": books(notes),
        "inputs": [{"path": "crawl.warc.gz", "kind": "warc", "identity": "x", "bytes": 12345}],
        "files": files,
        "shards": [],
    }
    storage.write_bytes(storage.join(root, "manifest.json"), json.dumps(manifest).encode())
    return root


WORDS = {"words_before": "words_before", "words_after": "words"}
"""Counts of words that a manifest takes from the stages before, and the columns they are sums of."""


def books(notes: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return the counts of a manifest."""
    sums = {table: sum(note["rows"] for note in each) for table, each in notes.items()}

    def ranked(table: str, by: str) -> dict[str, int]:
        total: collections.Counter[str] = collections.Counter()
        for note in notes[table]:
            total.update(note["counts"][by])
        return dict(sorted(total.items(), key=lambda pair: (-pair[1], pair[0])))

    return {
        "records": sums["articles"] + sums["duplicates"] + sums["rejected"],
        **sums,
        **{name: sum(note["origin"][name] for note in notes["articles"]) for name in WORDS},
        "words_kept": sum(note["counts"]["words"] for note in notes["articles"]),
        "duplicates_by_kind": ranked("duplicates", "kind"),
        "rejected_by_reason": ranked("rejected", "reason"),
        "edits_by_rule": ranked("edits", "rule"),
        "edits_by_category": ranked("edits", "category"),
        "articles_by_language": ranked("articles", "language"),
        "articles_by_split": ranked("articles", "split"),
    }
