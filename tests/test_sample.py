"""The sample crawl: built the same everywhere, and its truth agrees with its files."""

from __future__ import annotations

import functools
import gzip
import html
import json
import os
import re
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import trafilatura

HERE = Path(__file__).parent / "data"
ROOT = HERE.parent.parent
SHARED = ROOT.parent / "shared"
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
CHARSET = re.compile(rb'charset="?([\w-]+)')

TRUTH = json.loads((HERE / "truth.json").read_text(encoding="utf-8"))
PAGES = {page["id"]: page for page in TRUTH["pages"]}
KINDS = TRUTH["relations"]["copies"] | TRUTH["relations"]["kept"]

CATEGORIES = {
    "ad_marker", "aggregator_tail", "app_promo", "author_bio", "byline_dateline_meta", "comment_prompt",
    "cookie_consent", "copyright_legal", "correction_contact", "donation_appeal", "follow_social", "login_prompt",
    "navigation", "newsletter_signup", "pagination", "photo_credit_caption", "poll_quiz", "related_links",
    "share_widget", "subscription_paywall", "template_mangled", "video_player", "wire_credit",
}  # fmt: skip


def build(folder: Path, seed: str) -> Path:
    subprocess.run([sys.executable, HERE / "build.py", folder], check=True, env={**os.environ, "PYTHONHASHSEED": seed})
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build(tmp_path_factory.mktemp("built"), "0")


def files(folder: Path) -> dict[str, Path]:
    found = [*(folder / "crawl").rglob("*"), folder / "truth.json"]
    return {path.relative_to(folder).as_posix(): path for path in found if path.is_file()}


def members(path: Path) -> list[bytes]:
    """Return the gzip members of a file, the last one as far as it goes."""
    rest, found = path.read_bytes(), []
    while rest:
        stream = zlib.decompressobj(wbits=31)
        found.append(stream.decompress(rest))
        rest = stream.unused_data
    return found


@functools.cache
def decoded(path: Path) -> object:
    """Return what a file says, apart from how a version of zlib, zstd or Parquet wrote it down."""
    if path.name.endswith((".warc.gz", ".wet.gz")):
        return members(path)
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes())
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    return path.read_bytes()


def test_another_build_writes_the_same_bytes(built, tmp_path):
    again = build(tmp_path, "1")

    assert {name: path.read_bytes() for name, path in files(built).items()} == {
        name: path.read_bytes() for name, path in files(again).items()
    }


def test_the_committed_files_are_what_a_build_gives(built):
    assert {name: decoded(path) for name, path in files(HERE).items()} == {
        name: decoded(path) for name, path in files(built).items()
    }


def test_the_crawl_is_small_enough_to_commit_and_large_enough_to_show_something():
    hosts = {page["source_name"] for page in PAGES.values()}
    languages = {page["language"] for page in PAGES.values()}

    assert sum(path.stat().st_size for path in files(HERE).values()) < 1_500_000
    assert (len(PAGES) >= 110, len(hosts) >= 12, len(languages) >= 9) == (True, True, True)
    assert {page["relation"] for page in PAGES.values()} == {"", *KINDS}
    assert {line["category"] for page in PAGES.values() for line in page["residue"]} == CATEGORIES


def record(page: dict) -> bytes | str:
    """Return the record that the truth names: bytes of HTML, or text."""
    path = HERE / "crawl" / page["file"]
    if page["file"].startswith(("warc/", "wet/")):
        (found,) = {each for each in decoded(path) if f"WARC-Target-URI: {page['url']}\r\n".encode() in each[:600]}
        *_, body = found.split(b"\r\n\r\n", 1 if page["file"].startswith("wet/") else 2)
        return body.decode() if page["file"].startswith("wet/") else body
    if "member" in page:
        return decoded(path)[page["member"]]
    if path.suffix == ".parquet":
        return decoded(path)[page["record"] - 1]["text"]
    if "record" in page:
        row = json.loads(decoded(path).split(b"\n")[page["record"] - 1])
        return row.get("text") or row["maintext"]
    return path.read_bytes()


def shown(found: bytes | str) -> str:
    """Return the record as text with single spaces, mark-up gone."""
    if isinstance(found, bytes):
        text = found.decode(CHARSET.search(found)[1].decode())
        found = html.unescape(re.sub(r"<!--.*?-->|</?[a-z][^<>]*>", "", text))
    return " ".join(found.replace("\x00", "").split())


@pytest.mark.parametrize(
    "page", [each for each in PAGES.values() if each["damage"] != "mojibake"], ids=lambda page: page["id"]
)
def test_a_page_stands_where_the_truth_says_and_holds_its_lines(page):
    text = shown(record(page))
    lines = page["content"] + [line["line"] for line in page["residue"]]

    assert [line for line in lines if " ".join(line.split()) not in text] == []


def test_mojibake_is_undone_by_going_back_the_way_it_came():
    (page,) = [each for each in PAGES.values() if each["damage"] == "mojibake"]

    text = record(page)
    back = b"".join(each.encode("cp1252") if each.encode("cp1252", "ignore") else bytes([ord(each)]) for each in text)

    assert page["content"][0] not in text
    assert [line for line in page["content"] if line not in back.decode()] == []


def test_every_fault_is_in_its_file():
    missing = []
    for fault in TRUTH["faults"]:
        path = HERE / "crawl" / fault["file"]
        inside = decoded(path)
        if "url" in fault and "record" not in fault:
            missing += [fault] if not any(fault["url"].encode() in each[:600] for each in inside) else []
        elif "member" in fault:
            missing += [fault] if fault["member"] not in inside else []
        elif path.suffix == ".parquet":
            missing += [fault] if inside[fault["record"] - 1]["text"] is not None else []
        elif "record" in fault:
            missing += [fault] if fault["url"].encode() not in inside.split(b"\n")[fault["record"] - 1] else []

    assert missing == []
    assert len(TRUTH["faults"]) >= 15


def shingles(page: dict) -> set[tuple[str, ...]]:
    words = WORD.findall(" ".join(page["content"]).lower())
    return {tuple(words[at : at + 5]) for at in range(len(words) - 4)}


BOUNDS = {
    "exact": (1, 1), "near": (0.75, 0.99), "spun": (0.1, 0.5), "looped": (0, 0.15), "paraphrased": (0, 0.1),
    "event": (0, 0.02), "update": (0, 0.3), "half": (0.1, 0.5), "brief": (0, 0.1), "translated": (0, 0.01),
}  # fmt: skip


@pytest.mark.parametrize("page", [each for each in PAGES.values() if each["relation"]], ids=lambda page: page["id"])
def test_a_relation_is_what_its_name_says(page):
    one, other = shingles(page), shingles(PAGES[page["of"]])
    low, high = BOUNDS[page["relation"]]

    assert low <= len(one & other) / len(one | other) <= high


def test_stories_without_a_relation_share_nothing():
    heads = {page["family"]: shingles(PAGES[page["family"]]) for page in PAGES.values() if not page["relation"]}
    pairs = [(a, b) for a in heads for b in heads if a < b and len(heads[a] & heads[b]) / len(heads[a]) > 0.02]

    assert pairs == []


def test_residue_of_every_category_leaks_through_the_default_extraction():
    leaking = set()
    for page in PAGES.values():
        found = record(page)
        if isinstance(found, bytes):
            text = trafilatura.extract(found.decode(CHARSET.search(found)[1].decode()), include_comments=False) or ""
            leaking |= {each["category"] for each in page["residue"] if each["line"] in text}

    assert CATEGORIES - leaking == set()


@pytest.mark.shared
def test_no_residue_is_taken_from_the_labelled_lines():
    path = SHARED / "data" / "residue_lines" / "residue.jsonl"
    if not path.exists():
        pytest.skip("the labelled residue lines are not beside this repository")
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    labelled = {line.strip().casefold() for row in rows for line in row["lines"]}
    ours = {line["line"].strip().casefold() for page in PAGES.values() for line in page["residue"]}

    assert sorted(ours & labelled) == []


def test_reports_from_the_factory_share_next_to_nothing(monkeypatch):
    monkeypatch.syspath_prepend(str(HERE))
    import factory  # noqa: PLC0415 (its folder is on the path only now)

    sets = [shingles({"content": factory.report(number)}) for number in range(30)]

    assert max(len(a & b) / len(a | b) for a in sets for b in sets if a is not b) < 0.02


def test_the_readme_counts_what_is_there():
    pytest.importorskip("cogapp", reason="the figures in the README are generated with cog")

    checked = subprocess.run(
        [sys.executable, "-m", "cogapp", "--check", HERE / "README.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout
