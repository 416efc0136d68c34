"""Read: WARC records, HTTP answers and charsets, as browsers and FastWARC understand them."""

from __future__ import annotations

import datetime as dt
import encodings.aliases
import gzip
import zlib

import brotli
import pytest
import zstandard
from fastwarc.warc import ArchiveIterator, WarcRecordType
from hypothesis import given
from hypothesis import strategies as st
from reading import articles, contents, read_all, reasons
from samples import make

from cleaners.model import Meta
from cleaners.read import charset


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
