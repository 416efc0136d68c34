"""Read: every kind of input becomes the same articles, with true provenance, wherever and however it is stored."""

from __future__ import annotations

import csv
import datetime as dt
import encodings.aliases
import gzip
import importlib.util
import json
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from fastwarc.warc import ArchiveIterator, WarcRecordType
from hypothesis import given
from hypothesis import strategies as st

from cleaners.config import ReadSettings
from cleaners.errors import InputError
from cleaners.model import Meta, RawArticle, Rejected
from cleaners.read import charset, fields, kinds
from cleaners.read.inputs import discover, slices
from cleaners.read.readers import READERS, read
from cleaners.read.records import REASONS
from cleaners.read.streams import Stream, lines

SAMPLES = Path(__file__).parent / "samples"
SETTINGS = ReadSettings()
SMALL = ReadSettings(shard_mb=1)


def _load_make():
    spec = importlib.util.spec_from_file_location("samples_make", SAMPLES / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make = _load_make()


def read_all(*inputs, settings=SETTINGS):
    """Read inputs as a run does, and check what holds of every record."""
    found = []
    for file in discover([str(one) for one in inputs], settings):
        for part in slices(file, settings):
            assert json.loads(json.dumps(part.start)) == part.start
            found += read(part, settings)
    for record in found:
        assert isinstance(record, RawArticle | Rejected)
        assert len(record.id) == 20
        assert record.source.record >= 1
        if isinstance(record, Rejected):
            assert record.reason in REASONS
            assert record.detail.isprintable()
        else:
            assert (record.html is None) != (record.text is None)
            (record.html or record.text).encode()
    return found


def articles(*inputs, settings=SETTINGS):
    return [record for record in read_all(*inputs, settings=settings) if isinstance(record, RawArticle)]


def reasons(*inputs, settings=SETTINGS):
    return [record.reason for record in read_all(*inputs, settings=settings) if isinstance(record, Rejected)]


def contents(*inputs, settings=SETTINGS):
    return [record.html or record.text for record in articles(*inputs, settings=settings)]


# ---------------------------------------------------------------------------------------------------- kinds


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
        ("story", b"It rained, again, in the text of the day.", "text"),
        ("a.txt", "Łódź liegt".encode("utf-16"), "text"),
        ("a.html", "<html><p>Łódź".encode("utf-16-le"), "html"),
        ("empty.jsonl", b"", "jsonl"),
    ],
)
def test_the_kind_is_told_by_content_and_by_name_where_that_leaves_it_open(name, head, kind):
    assert kind == kinds.kind(head, name)


# ---------------------------------------------------------------------------------------------------- ids and slices


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
    import zipfile  # noqa: PLC0415  (only here)

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


# ---------------------------------------------------------------------------------------------------- WARC


def test_a_sound_warc_reads_as_fastwarc_reads_it(tmp_path):
    page = b"<html><p>" + b"Rain fell on the harbour. " * 50
    records = [
        make.record("response", make.answer(page, "Content-Type: text/html"), name="1", url="https://a.example/1"),
        make.record(
            "response",
            make.answer(b"%x\r\n%s\r\n0\r\n\r\n" % (len(page), page), "Transfer-Encoding: chunked"),
            name="2",
            url="https://a.example/2",
        ),
        make.record("response", make.answer(gzip.compress(page), "Content-Encoding: gzip"), name="3"),
    ]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(map(gzip.compress, [*make.warc(), *records])))
    with path.open("rb") as file:
        theirs = [
            (record.headers["WARC-Target-URI"] or None, record.reader.read().decode())
            for record in ArchiveIterator(
                file, record_types=WarcRecordType.response, parse_http=True, auto_decode="all"
            )
        ]

    assert theirs == [(record.meta.url, record.html) for record in articles(path)]


def test_a_warc_record_brings_url_time_id_and_its_number(tmp_path):
    (tmp_path / "a.warc").write_bytes(b"".join(make.warc()))

    ferry = articles(tmp_path)[0]

    assert ferry.source.record == 3
    assert Meta(
        source_id="ferry-1",
        url="https://courier.example/ferry",
        fetched=dt.datetime(2024, 5, 6, 7, 8, 9, tzinfo=dt.UTC),
    ) == (ferry.meta)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (make.record("response", make.answer(b"\x89PNG\r\n\x1a\n", "Content-Type: text/html")), "not html"),
        (make.record("response", make.answer(b"a{}", "Content-Type: text/css")), "not html"),
        (make.record("response", make.answer(b"<html>", status="404 Not Found")), "http status"),
        (make.record("response", make.answer(b"", status="301 Moved")), "http status"),
        (make.record("response", make.answer(b"")), "empty"),
        (make.record("revisit", b""), "revisit"),
        (make.record("conversion", b" \n"), "empty"),
        (make.record("surprise", b"x"), "broken record"),
    ],
)
def test_what_is_no_page_is_rejected_with_a_reason(record, reason, tmp_path):
    (tmp_path / "a.warc").write_bytes(record)

    assert [reason] == reasons(tmp_path)


def test_what_is_about_the_crawl_is_no_record(tmp_path):
    crawl = [
        make.record("warcinfo", b"x"),
        make.record("request", b"GET / HTTP/1.1\r\n\r\n"),
        make.record("metadata", b"fetchTimeMs: 3"),
        make.record("response", b"20240101 a.example 127.0.0.1", url="dns:a.example", content_type="text/dns"),
        make.record("response", make.answer(b"User-agent: *"), url="https://a.example/robots.txt"),
    ]
    (tmp_path / "a.warc").write_bytes(b"".join(crawl))

    assert read_all(tmp_path) == []


@pytest.mark.parametrize(
    "headers",
    [
        ["Transfer-Encoding: chunked"],
        ["Content-Encoding: gzip"],
        ["Content-Encoding: br"],
        ["Content-Encoding: deflate, gzip"],
        ["Content-Encoding: zstd", "Transfer-Encoding: chunked"],
        ["Content-Type: application/octet-stream"],
        ["Content-Type: "],
    ],
)
def test_headers_that_no_longer_fit_the_body_do_no_harm(headers, tmp_path):
    page = b"<html><p>Rain fell.</p></html>"
    (tmp_path / "a.warc").write_bytes(make.record("response", make.answer(page, *headers)))

    assert [page.decode()] == contents(tmp_path)


def test_bodies_are_unpacked(tmp_path):
    import zlib  # noqa: PLC0415  (only here)

    import brotli  # noqa: PLC0415  (only here)

    page = b"<html><p>" + b"Rain fell. " * 100
    raw = zlib.compressobj(wbits=-15)
    packed = {
        "gzip": gzip.compress(page),
        "br": brotli.compress(page),
        "deflate": zlib.compress(page),
        "Deflate": raw.compress(page) + raw.flush(),
        "zstd": zstandard.compress(page),
        "gzip, br": brotli.compress(gzip.compress(page)),
    }
    (tmp_path / "a.warc").write_bytes(
        b"".join(
            make.record("response", make.answer(body, f"Content-Encoding: {name}")) for name, body in packed.items()
        )
    )

    assert [page.decode()] * len(packed) == contents(tmp_path)


# ---------------------------------------------------------------------------------------------------- charsets


@pytest.mark.parametrize(
    ("body", "header", "part"),
    [
        ("<p>Łódź, żółć</p>".encode("iso-8859-2"), "iso-8859-2", "Łódź, żółć"),
        ('<meta charset="iso-8859-2"><p>Łódź</p>'.encode("iso-8859-2"), None, "Łódź"),
        (
            '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">Дождь'.encode("cp1251"),
            None,
            "Дождь",
        ),
        ('<?xml version="1.0" encoding="EUC-JP"?><html><p>雨が降った'.encode("euc_jp"), None, "雨が降った"),
        ("<p>“Rain”, he said</p>".encode("cp1252"), "iso-8859-1", "“Rain”"),
        ("<meta charset=iso-8859-1><p>Łódź</p>".encode(), "latin-1", "Łódź"),
        ("<p>Łódź</p>".encode("utf-16"), "utf-8", "Łódź"),
        ("<p>Łódź, one of many</p>".encode("utf-16-le"), None, "Łódź"),
        ("<meta charset=utf-16><p>Łódź</p>".encode(), None, "Łódź"),
        ("<p>" + "Łódź ".encode().decode("latin-1") * 0 + "雨</p>", None, "雨"),
        ("<p>雨が降った</p>".encode("shift_jis"), "x-sjis", "雨が降った"),
        ("<p>下雨了，河水上涨</p>".encode("gb18030"), "gb2312", "下雨了"),
        (("<p>" + "Żółta łódź płynie. " * 20).encode() + b"\xc5</p>", "iso-8859-1", "Żółta łódź"),
        (b"\xef\xbb\xbf<p>caf\xc3\xa9", "cp1252", "café"),
        ("<p>Gęś</p>".encode("cp1250"), "x-klingon, rot13", "G"),
        (b"<p>caf\xe9", "hex", "caf"),
    ],
)
def test_charsets_are_found_as_browsers_find_them(body, header, part):
    body = body.encode() if isinstance(body, str) else body

    assert part in charset.decode(body, header, html=True)


def test_no_codec_that_a_page_can_name_breaks_it():
    for label in {
        *encodings.aliases.aliases,
        *encodings.aliases.aliases.values(),
        "idna",
        "unicode_escape",
        "undefined",
    }:
        body = f"<meta charset={label}>".encode() + b"<p>caf\xe9 \\q</p>"

        assert "<p>caf" in charset.decode(body, html=True), label


def test_a_text_in_an_old_charset_is_detected():
    text = "Дождь шёл всю ночь, и к утру река вышла из берегов. Жители деревни ждали лодку с хлебом. " * 4

    assert text == charset.decode(text.encode("cp1251"))


@given(st.binary(max_size=400))
def test_any_bytes_decode_to_text_that_can_be_stored(body):
    charset.sound_html(charset.sound(charset.decode(body, html=True))).encode()


@given(st.text(alphabet=st.characters(codec=None), max_size=60))
def test_sound_text_keeps_its_length_and_all_that_is_sound(text):
    sound = charset.sound(text)

    assert "\0" not in sound
    assert sound.encode().decode() == sound
    if "\0" not in text and not any(0xD800 <= ord(sign) < 0xE000 for sign in text):
        assert text == sound


# ---------------------------------------------------------------------------------------------------- tables

SHAPES = {
    "C4": (
        {"text": "Rain.", "timestamp": "2019-04-21T10:07:13Z", "url": "https://a.example/1"},
        Meta(url="https://a.example/1", fetched=dt.datetime(2019, 4, 21, 10, 7, 13, tzinfo=dt.UTC)),
    ),
    "FineWeb": (
        {
            "text": "Rain.",
            "id": "<urn:uuid:1>",
            "dump": "CC-MAIN-2013-20",
            "url": "https://a.example/1",
            "date": "2013-05-18T05:48:54Z",
            "file_path": "s3://x",
            "language": "en",
        },
        Meta(
            "<urn:uuid:1>",
            "https://a.example/1",
            language="en",
            fetched=dt.datetime(2013, 5, 18, 5, 48, 54, tzinfo=dt.UTC),
        ),
    ),
    "RealNews": (
        {
            "title": "Wet",
            "text": "Rain.",
            "authors": ["Ann Lee", "Bo Ek"],
            "publish_date": "03-04-2019",
            "url": "https://a.example/1",
            "domain": "a.example",
            "warc_date": "2019-03-21T00:00:00Z",
        },
        Meta(
            url="https://a.example/1",
            title="Wet",
            author="Ann Lee, Bo Ek",
            source_name="a.example",
            published=dt.datetime(2019, 3, 4, tzinfo=dt.UTC),
            fetched=dt.datetime(2019, 3, 21, tzinfo=dt.UTC),
        ),
    ),
    "news-please": (
        {
            "maintext": "Rain.",
            "title": "Wet",
            "authors": [],
            "date_publish": "2024-03-04 10:11:12",
            "date_download": "2024-03-05 00:00:00",
            "source_domain": "a.example",
            "language": "en",
            "url": "https://a.example/1",
        },
        Meta(
            url="https://a.example/1",
            title="Wet",
            source_name="a.example",
            language="en",
            published=dt.datetime(2024, 3, 4, 10, 11, 12, tzinfo=dt.UTC),
            fetched=dt.datetime(2024, 3, 5, tzinfo=dt.UTC),
        ),
    ),
    "CC-News": (
        {
            "title": "Wet",
            "text": "Rain.",
            "domain": "a.example",
            "date": "2017-03-04 10:11:12",
            "url": "https://a.example/1",
        },
        Meta(
            url="https://a.example/1",
            title="Wet",
            source_name="a.example",
            published=dt.datetime(2017, 3, 4, 10, 11, 12, tzinfo=dt.UTC),
        ),
    ),
    "OSCAR": (
        {
            "content": "Rain.",
            "warc_headers": {"warc-target-uri": "https://a.example/1", "warc-record-id": "<urn:uuid:1>"},
            "metadata": {"identification": {"label": "en", "prob": 0.9}},
        },
        Meta("<urn:uuid:1>", "https://a.example/1", language="en"),
    ),
    "Dolma": (
        {
            "id": "d1",
            "text": "Rain.",
            "source": "cc",
            "added": "2023-01-02",
            "metadata": {"url": "https://a.example/1"},
        },
        Meta("d1", "https://a.example/1", fetched=dt.datetime(2023, 1, 2, tzinfo=dt.UTC)),
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_columns_of_known_datasets_are_understood(shape, tmp_path):
    row, meta = SHAPES[shape]
    (tmp_path / "a.jsonl").write_text(json.dumps(row))
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "a.parquet")

    for record in articles(tmp_path):
        assert meta == record.meta
        assert record.text == "Rain."


def test_columns_can_be_named(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "teaser", "x": {"full": "Rain."}, "url": "u", "perma": "p"}))
    settings = ReadSettings(fields={"text": "x.full", "url": "perma"})

    record = articles(tmp_path, settings=settings)[0]

    assert (record.text, record.meta.url) == ("Rain.", "p")


def test_a_field_that_does_not_exist_is_a_wrong_setting():
    with pytest.raises(InputError, match=r"read.fields: no such field: txet. There are: text, html, url"):
        discover([str(SAMPLES)], ReadSettings(fields={"txet": "body"}))


@pytest.mark.parametrize(
    ("row", "html", "text"),
    [
        ({"text": "Rain.", "html": "<p>x"}, None, "Rain."),
        ({"text": " \n", "html": "<p>Rain.</p>"}, "<p>Rain.</p>", None),
        ({"content": "<p>Rain.</p>\n<p>Wind.</p>\n"}, "<p>Rain.</p>\n<p>Wind.</p>\n", None),
        ({"content": "<p> is a tag."}, None, "<p> is a tag."),
        ({"text": ["Rain.", "Wind."]}, None, "Rain.\nWind."),
        ({"text": None, "content": "Rain."}, None, "Rain."),
    ],
)
def test_text_counts_before_html_and_html_among_texts_is_seen(row, html, text):
    found = fields.draft(row, ())

    assert (html, text) == (found.html, found.text)


@pytest.mark.parametrize(
    ("cell", "date"),
    [
        ("2024-03-04", "2024-03-04T00:00:00"),
        ("2024/3/4 9:05", "2024-03-04T09:05:00"),
        ("2024-03-04 10:11:12.5 UTC", "2024-03-04T10:11:12.500000"),
        ("2024-03-04T10:11:12+0200", "2024-03-04T08:11:12"),
        ("Mon, 04 Mar 2024 10:11:12 GMT", "2024-03-04T10:11:12"),
        ("4 March 2024", "2024-03-04T00:00:00"),
        ("March 4, 2024", "2024-03-04T00:00:00"),
        (1709547072, "2024-03-04T10:11:12"),
        ("1709547072000", "2024-03-04T10:11:12"),
        (1709547072.0, "2024-03-04T10:11:12"),
        ({"$date": "2024-03-04T00:00:00Z"}, "2024-03-04T00:00:00"),
        (dt.date(2024, 3, 4), "2024-03-04T00:00:00"),
        ("31.02.2024", None),
        ("2024-02-31", None),
        ("04/03/2024", None),
        ("0000-00-00 00:00:00", None),
        ("yesterday", None),
        (True, None),
        (5, None),
        ("9" * 64, None),
        ("", None),
        ([], None),
        (float("nan"), None),
    ],
)
def test_a_date_is_read_as_utc_or_left_out(cell, date):
    found = fields.moment(cell)

    assert date == (found and found.replace(tzinfo=None).isoformat())


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=70),
        lambda x: st.lists(x) | st.dictionaries(st.text(max_size=4), x),
    )
)
def test_no_value_of_any_column_breaks_a_row(cell):
    for name in ("text", "html", "url", "date", "author", "language", "id", "timestamp", "metadata"):
        fields.draft({"text": "Rain.", name: cell}, ())


@given(st.text(alphabet="0123456789-/:. TZ+JanFebMonUTC,", max_size=40))
def test_no_text_breaks_a_date(text):
    found = fields.moment(text)

    assert found is None or found.utcoffset() == dt.timedelta(0)


CELLS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=20)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=10), st.sampled_from(",;\t|"))
def test_csv_that_python_writes_is_read_back(tmp_path_factory, rows, delimiter):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerows([("id", "text"), *(("i" + a, "t" + b) for a, b in rows)])

    assert ["t" + text for _, text in rows] == contents(path)


def test_a_quote_that_is_never_closed_costs_one_line(tmp_path):
    body = 'id,text\n1,one\n2,"two\n' + "".join(f"{n},text {n}\n" for n in range(3, 3000))
    (tmp_path / "a.csv").write_text(body)
    (tmp_path / "b.csv").write_text(body + '9,"the end"\n')

    found = read_all(tmp_path / "a.csv")

    assert [record.reason for record in found if isinstance(record, Rejected)] == ["broken record"]
    assert [found[0].text, found[2].text, found[-1].text] == ["one", "text 3", "text 2999"]
    assert contents(tmp_path / "b.csv") == [*contents(tmp_path / "a.csv"), "the end"]


@given(st.text(alphabet='ab",;\\\r\n', max_size=60))
def test_no_csv_breaks_the_reader(tmp_path_factory, body):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(f"id,text\n{body}\n9,last\n".encode())

    found = read_all(path)

    assert found
    assert list(range(1, len(found) + 1)) == [record.source.record for record in found]


def test_csv_in_other_dialects(tmp_path):
    (tmp_path / "a.csv").write_bytes('title;text\r\nA;"Zażółć; ""gęślą"""\r\n'.encode("cp1250"))
    (tmp_path / "b.csv").write_bytes("\ufefftitle\ttext\nA\tRain fell.\n".encode("utf-16-le"))
    (tmp_path / "c.csv").write_text("title,text\rA,Rain fell.\rB,Wind blew.\r")
    (tmp_path / "d.csv").write_text('title,text\nA,"He said \\"go\\", twice"\n')
    (tmp_path / "e.csv").write_text("title,text\n\nA,Rain fell.,too much\nB\nC,kept\n")

    assert contents(tmp_path / "a.csv") == ['Zażółć; "gęślą"']
    assert contents(tmp_path / "b.csv") == ["Rain fell."]
    assert contents(tmp_path / "c.csv") == ["Rain fell.", "Wind blew."]
    assert contents(tmp_path / "d.csv") == ['He said "go", twice']
    assert contents(tmp_path / "e.csv") == ["kept"]
    assert reasons(tmp_path / "e.csv") == ["broken record"] * 2


# ---------------------------------------------------------------------------------------------------- JSON


def test_every_line_of_jsonl_is_an_article_or_a_flaw_at_its_line(tmp_path):
    rows = [
        '{"text": "one"}',
        "",
        '{"text": "line\u2028two"}',
        '{"text": "half',
        '{"text": NaN}',
        '{"text": "lone \\ud800 pair \\ud83d\\ude00 nul \\u0000"}',
        '{"text": "tab\tand\x01"}',
        "[1]",
        '{"text": ""}',
        '{"title": "no text"}',
        '{"text": 7}',
        '{"n": 1' + "0" * 5000 + ', "text": "huge number"}',
        "[" * 100_000,
        '{"text": "last"}',
    ]
    (tmp_path / "a.jsonl").write_bytes(b"\xef\xbb\xbf" + "\n".join(rows).encode())

    found = {record.source.record: getattr(record, "reason", None) or record.text for record in read_all(tmp_path)}

    assert found == {
        1: "one",
        3: "line\u2028two",
        4: "broken record",
        5: "no text",
        6: "lone \ufffd pair 😀 nul \ufffd",
        7: "tab\tand\x01",
        8: "broken record",
        9: "empty",
        10: "no text",
        11: "no text",
        12: "broken record",
        13: "broken record",
        14: "last",
    }


def test_jsonl_in_other_charsets(tmp_path):
    (tmp_path / "a.jsonl").write_bytes('{"text": "Łódź"}\n{"text": "Gęś"}\n'.encode("utf-16"))
    text = "Дождь шёл всю ночь, и к утру река вышла из берегов. Жители деревни ждали лодку с хлебом."
    (tmp_path / "b.jsonl").write_bytes(f'{{"text": "{text}"}}\n'.encode("cp1251") * 3)
    (tmp_path / "c.jsonl").write_bytes('{"text": "Łódź"}\n'.encode() + b'{"text": "caf\xe9"}\n')

    assert contents(tmp_path / "a.jsonl") == ["Łódź", "Gęś"]
    assert [text] * 3 == contents(tmp_path / "b.jsonl")
    assert contents(tmp_path / "c.jsonl") == ["Łódź", "café"]


JSON_ROWS = st.lists(st.fixed_dictionaries({"text": st.text(min_size=1, max_size=9).filter(str.strip)}), max_size=9)


@given(JSON_ROWS, st.sampled_from([None, 1]), st.booleans())
def test_json_in_one_piece_gives_its_objects(tmp_path_factory, rows, indent, array):
    path = tmp_path_factory.mktemp("json") / "a.json"
    one = json.dumps(rows, indent=indent)
    path.write_text(one if array else " ".join(json.dumps(row, indent=indent) for row in rows))
    if not rows:
        return

    assert [charset.sound(row["text"]) for row in rows if not row["text"].isspace()] == contents(path)


def test_a_broken_value_in_an_array_costs_itself_alone(tmp_path):
    rows = [json.dumps({"text": f"Story {n} " + "x" * 3000, "tags": [{"a": 1}]}) for n in range(1000)]
    rows[500] = '{"text": "broken" "value"}'
    (tmp_path / "a.json").write_text("[" + ",\n".join(rows) + "]")

    found = read_all(tmp_path)

    assert [record.source.record for record in found if isinstance(record, Rejected)] == [501]
    assert len(found) == 1000


# ---------------------------------------------------------------------------------------------------- discover


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
    import fsspec  # noqa: PLC0415  (only here)

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
