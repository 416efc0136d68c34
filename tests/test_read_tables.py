"""Read: rows of JSON, CSV and Parquet, with the names and dates that known datasets use."""

from __future__ import annotations

import csv
import datetime as dt
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import SAMPLES, articles, contents, read_all, reasons

from cleaners.config import ReadSettings
from cleaners.errors import InputError
from cleaners.model import Meta, Rejected
from cleaners.read import charset, fields
from cleaners.read.inputs import discover

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
