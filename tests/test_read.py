"""Read: every kind of input becomes the same articles, with true provenance, however it is stored."""

from __future__ import annotations

import gzip
import json
import random
import zipfile
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from reading import SAMPLES, SETTINGS, SMALL, articles, read_all, reasons
from samples import make

from cleaners.errors import InputError
from cleaners.read import kinds
from cleaners.read.inputs import discover, slices
from cleaners.read.readers import READERS, read
from cleaners.read.streams import Stream, lines


def sample_files():
    return sorted(path for path in SAMPLES.iterdir() if path.suffix not in {".py", ".md", ""})


def test_every_kind_has_a_sample():
    assert set(READERS) - kinds.NOT_READ == {path.name.split(".")[0] for path in sample_files()}


@pytest.mark.parametrize("path", sample_files(), ids=lambda path: path.name)
def test_a_sample_gives_its_articles_even_under_another_name(path, tmp_path):
    kind = path.name.split(".")[0]
    nameless = tmp_path / "download"
    nameless.write_bytes(path.read_bytes())
    wanted = make.ARTICLES[:1] if kind in {"html", "text"} else make.ARTICLES

    found = articles(path)

    assert kind == discover([str(nameless)], SETTINGS)[0].kind
    assert [(one.html, one.text) for one in articles(nameless)] == [(one.html, one.text) for one in found]
    for article, record in zip(wanted, found, strict=True):
        assert (record.html or record.text) in {article["text"], make.page(article)}
        if kind in {"jsonl", "json", "csv", "parquet", "warc"}:
            assert article["url"] == record.meta.url
            assert article["id"] == record.meta.source_id
        if kind in {"jsonl", "json", "csv", "parquet"}:
            assert article["title"] == record.meta.title
            assert article["date"][:10] == record.meta.published.date().isoformat()


def test_the_samples_are_what_their_script_writes():
    for name, content in make.samples().items():
        if not name.startswith("parquet"):  # its bytes depend on the version of pyarrow
            assert content == (SAMPLES / name).read_bytes(), name


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.txt", b"<!DOCTYPE html><p>x", "html"),
        ("a.txt", b"<p> is a tag, she wrote.", "text"),
        ("a", b"<p>Rain fell.</p>", "html"),
        ("a.json", b'{"text": "a"}\n{"text": "b"}\n', "jsonl"),
        ("a.json", b'{\n "a": [\n  {"x": 1}\n ]\n}', "json"),
        ("a.txt", b"[mc4wp_form id=1] Rain fell.", "text"),
        ("a.txt", b'{ "We left", he said. }', "text"),
        ("a.html", b"\x89PNG\r\n\x1a\n", kinds.UNKNOWN),
        ("a.docx", b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml", kinds.UNKNOWN),
        ("a.parquet", bytes(range(256)) * 4, "parquet"),
        ("style.css", b"p { color: red }", kinds.UNKNOWN),
        ("feed", b'<?xml version="1.0"?><rss><channel>', kinds.UNKNOWN),
        ("a", b"title,text\nA,Rain fell.\n", "csv"),
        ("signatures", b"title,te\rxt\nA,Rain fell.\n", "text"),
        ("story", b"It rained, again, in the text of the day.", "text"),
        ("a.txt", "Łódź liegt".encode("utf-16"), "text"),
        ("a.html", "<html><p>Łódź".encode("utf-16-le"), "html"),
        ("empty.jsonl", b"", "jsonl"),
    ],
)
def test_the_kind_is_told_by_content_and_by_name_where_that_leaves_it_open(name, head, kind):
    assert kind == kinds.kind(head, name)


def test_ids_do_not_depend_on_file_order_or_place(tmp_path):
    rows = [{"text": f"Story {n} of the day.", "url": f"https://a.example/{n}"} for n in range(20)]
    (tmp_path / "one.jsonl").write_text("\n".join(map(json.dumps, rows)))
    random.Random(3).shuffle(rows)  # noqa: S311  (any order)
    (tmp_path / "two.jsonl").write_text("\n\n".join(map(json.dumps, rows[:9])))
    pq.write_table(pa.Table.from_pylist(rows[9:]), tmp_path / "three.parquet")

    whole = {record.id for record in articles(tmp_path / "one.jsonl")}

    assert len(whole) == 20
    assert whole == {record.id for record in articles(tmp_path / "two.jsonl", tmp_path / "three.parquet")}


def test_identical_records_have_identical_ids_and_url_or_source_id_make_a_difference(tmp_path):
    rows = [{"text": "a"}, {"text": "a"}, {"text": "a", "url": "u"}, {"text": "a", "id": "u"}, {"text": "b"}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))

    ids = [record.id for record in articles(tmp_path)]

    assert ids[0] == ids[1]
    assert len(set(ids)) == 4


def big_files(folder):
    """Write three megabytes of numbered articles in each kind that is cut."""
    chance = random.Random(5)  # noqa: S311  (text that hardly packs)
    rows = [{"text": f"{n} {chance.randbytes(1000).hex()}", "id": str(n)} for n in range(1500)]
    (folder / "a.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    pq.write_table(pa.Table.from_pylist(rows), folder / "a.parquet", row_group_size=100, compression="none")
    records = [make.record("response", make.answer(f"<html><p>{row['text']}".encode()), name=row["id"]) for row in rows]
    (folder / "a.warc").write_bytes(b"".join(records))
    (folder / "a.warc.gz").write_bytes(b"".join(gzip.compress(one, 1) for one in records))
    (folder / "b.warc.zst").write_bytes(b"".join(zstandard.compress(one, 1) for one in records))
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for row in rows:
            archive.writestr(f"{row['id']}.txt", row["text"])
    return rows


def test_slices_give_together_what_the_whole_file_gives(tmp_path):
    rows = big_files(tmp_path)
    for file in discover([str(tmp_path)], SETTINGS):
        whole = [record for part in slices(file, SETTINGS) for record in read(part, SETTINGS)]
        parts = slices(file, SMALL)

        assert [row["id"] for row in rows] == [record.meta.source_id.removesuffix(".txt") for record in whole]
        assert len(parts) > 2, file.path
        assert whole == [record for part in parts for record in read(part, SETTINGS)], file.path


@given(st.lists(st.sampled_from(["", '{"text":"a"}', "[1", "x" * 30]), max_size=40), st.integers(1, 60))
def test_lines_do_not_depend_on_how_a_file_is_cut_into_pieces(rows, size):
    body = "\n".join(rows).encode()
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    whole = body.split(b"\n") if body else []

    assert (whole[:-1] if whole and not whole[-1] else whole) == list(lines(iter(pieces), 1000))


@given(st.binary(max_size=300), st.integers(1, 50), st.lists(st.integers(0, 80), max_size=20))
def test_a_stream_gives_every_byte_once(body, size, steps):
    stream = Stream(iter([body[at : at + size] for at in range(0, len(body), size)]))
    got = b""
    for step in steps:
        ahead = stream.peek(step)
        part = stream.line(step) if step % 2 else stream.read(step)
        assert part.startswith(ahead[: len(part)])
        stream.unread(part[len(part) // 2 :])
        got += part[: len(part) // 2]
        assert len(got) == stream.position

    assert body == got + stream.read(len(body) + 1)


def test_a_folder_is_read_whole_sorted_and_without_what_is_hidden(tmp_path):
    for name in ("b/x.txt", "a.txt", ".hidden.txt", ".git/config", "b/.cache/y.txt", "c/photo.png"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"\x89PNG" if name.endswith("png") else b"Rain fell.")
    (tmp_path / "link.txt").symlink_to(tmp_path / "a.txt")
    (tmp_path / "b" / "up").symlink_to(tmp_path)
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")

    found = discover([str(tmp_path), f"{tmp_path}/b/*.txt"], SETTINGS)

    assert [str(Path(f.path).relative_to(tmp_path)) for f in found] == ["a.txt", "b/x.txt", "c/photo.png", "nowhere"]
    assert [file.kind for file in found] == ["text", "text", "unknown kind", "unreadable"]
    assert reasons(tmp_path) == ["unknown kind", "unreadable"]


def test_the_identity_follows_the_content(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Rain fell.")
    before = discover([str(path)], SETTINGS)[0].identity
    path.write_text("Rain fell!")

    assert before != discover([str(path)], SETTINGS)[0].identity


def test_urls_are_read_as_local_files_are(tmp_path):
    system = fsspec.filesystem("memory")
    big_files(tmp_path)
    for path in [*sample_files(), *tmp_path.iterdir()]:
        system.pipe_file(f"/crawl/{path.name}", path.read_bytes())
    system.pipe_file("/crawl/.hidden/a.txt", b"Rain fell.")

    local = sorted(record.id for record in articles(tmp_path, *sample_files()))

    assert local == sorted(record.id for record in articles("memory://crawl", settings=SMALL))
    assert articles("memory://crawl/*.csv")[0].source.path == "memory:///crawl/csv.csv"
    system.rm("/crawl", recursive=True)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.txt", None, "there is no such file or folder"),
        ("*.warc", None, "no file matches"),
        ("a.pdf", b"%PDF-1.7", "is no kind of file that is read here. Read are: WARC"),
        ("a.csv", b"headline_x,summary\nA,B\n", 'has no column with text; there are: "headline_x", "summary". Name it'),
        ("a.jsonl", b'{"a": 1}\n{"b": 2}', 'no column with text; there are: "a", "b"'),
    ],
)
def test_a_wrong_input_is_one_clear_line(name, content, message, tmp_path):
    if content is not None:
        (tmp_path / name).write_bytes(content)

    with pytest.raises(InputError, match=r"^[^\n]*$") as raised:
        discover([str(tmp_path / name)], SETTINGS)

    assert message in str(raised.value)


def test_a_folder_where_nothing_can_be_read_is_a_wrong_input(tmp_path):
    with pytest.raises(InputError, match="there are no files"):
        discover([str(tmp_path)], SETTINGS)
    pq.write_table(pa.table({"headline_x": ["a"]}), tmp_path / "a.parquet")

    with pytest.raises(InputError, match='there are: "headline_x"'):
        discover([str(tmp_path)], SETTINGS)
    (tmp_path / "b.txt").write_text("Rain fell.")

    assert reasons(tmp_path) == ["no text"]


def test_reading_is_the_same_twice():
    assert read_all(SAMPLES / "warc.warc.gz") == read_all(SAMPLES / "warc.warc.gz")
