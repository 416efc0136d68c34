"""Read on hostile tables, file systems and runs of signs: bounded in time and memory."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reading import SAMPLES, SMALL, Peak, read_all, told
from samples import make

from cleaners.errors import InputError
from cleaners.model import RawArticle, Rejected
from cleaners.read import charset, http, kinds, markup
from cleaners.read.inputs import discover, slices
from cleaners.read.readers import read


def kept(found):
    return [record for record in found if isinstance(record, RawArticle)]


def rejected(found):
    return [record for record in found if isinstance(record, Rejected)]


def test_a_damaged_row_group_costs_its_own_rows(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(
        pa.table({"text": [f"story {n} " + os.urandom(20).hex() for n in range(900)]}),
        path,
        row_group_size=300,
        compression="gzip",
        use_dictionary=False,
    )
    column = pq.read_metadata(path).row_group(1).column(0)
    body = bytearray(path.read_bytes())
    body[column.data_page_offset + 100 : column.data_page_offset + 200] = b"\xff" * 100
    path.write_bytes(body)

    found = read_all(path, settings=SMALL)

    assert len(kept(found)) == 600
    assert [record.reason for record in rejected(found)] == ["broken file"]
    assert "300 rows of row group 1 are lost" in rejected(found)[0].detail
    assert found[-1].source.record == 900


def test_parquet_that_is_cut_empty_or_no_utf8(tmp_path):
    body = (SAMPLES / "parquet.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(body[:-30])
    strings = pa.array([b"caf\xe9 noir", b"fine", None]).view(pa.string())
    pq.write_table(pa.table({"text": strings}), tmp_path / "bytes.parquet")
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "none.parquet")

    assert told(read_all(tmp_path / "cut.parquet", settings=SMALL)) == ["broken file"]
    assert told(read_all(tmp_path / "bytes.parquet", settings=SMALL)) == ["café noir", "fine", "empty"]
    assert read_all(tmp_path / "none.parquet", settings=SMALL) == []


def test_a_dictionary_does_not_blow_parquet_up(tmp_path):
    cells = pa.DictionaryArray.from_arrays(pa.array([0] * 5000, pa.int32()), pa.array(["a" * (20 << 20)]))
    path = tmp_path / "a.parquet"
    pq.write_table(
        pa.table({"text": cells}), path, compression="zstd", dictionary_pagesize_limit=1 << 30, store_schema=False
    )

    found = read_all(path, settings=SMALL)

    assert told(found) == ["too large"]
    assert "5,000 rows are lost" in found[0].detail


def test_cells_lines_and_rows_above_the_limit_are_rejected_alone(tmp_path):
    big = "x" * (2 << 20)
    pq.write_table(pa.table({"text": ["one", big, "three"]}), tmp_path / "a.parquet")
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in ("one", big, "three")))
    (tmp_path / "a.csv").write_text(f"id,text\n1,one\n2,{big}\n3,three\n")
    (tmp_path / "b.csv").write_text('id,text\n1,one\n2,"' + ("line by line " * 20 + "\n") * 9_000 + "3,three\n")
    (tmp_path / "a.json").write_text(json.dumps([{"text": "one"}, {"text": big * 2}, {"text": "three"}]))

    for name in ("a.parquet", "a.jsonl", "a.csv"):
        assert told(read_all(tmp_path / name, settings=SMALL)) == ["one", "too large", "three"], name
    assert told(read_all(tmp_path / "b.csv", settings=SMALL))[-1] == "three"
    assert told(read_all(tmp_path / "a.json", settings=SMALL)) == ["one", "broken record", "three"]


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.html")
    (tmp_path / "b.txt").write_text("Rain fell.")

    assert told(read_all(tmp_path, settings=SMALL)) == ["not a file", "Rain fell."]
    with pytest.raises(InputError, match="is a pipe"):
        discover([str(tmp_path / "a.html")], SMALL)


def test_a_file_that_may_not_be_read_is_counted_in_a_folder_and_an_error_by_itself(tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("Rain fell.")
    (tmp_path / "b.txt").write_text("Wind blew.")
    opened = Path.open

    def refuse(path, *more, **named):
        if path.name == "a.txt":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *more, **named)

    monkeypatch.setattr(Path, "open", refuse)

    assert told(read_all(tmp_path, settings=SMALL)) == ["unreadable", "Wind blew."]
    with pytest.raises(InputError, match="cannot be read: permission denied"):
        discover([str(tmp_path / "a.txt")], SMALL)


def test_an_error_of_the_disk_is_raised_so_that_it_can_be_tried_again(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "one"}')
    part = slices(discover([str(path)], SMALL)[0], SMALL)[0]
    path.unlink()

    with pytest.raises(FileNotFoundError):
        list(read(part, SMALL))


def test_names_and_details_cannot_forge_a_line_of_a_log(tmp_path):
    head = b"WARC/1.0\r\nWARC-Type: \x1b[31mERROR\x07\r\nContent-Length: 0\r\n\r\n\r\n\r\n"
    (tmp_path / "a.warc").write_bytes(head)

    assert rejected(read_all(tmp_path, settings=SMALL))[0].detail.isprintable()


HOSTILE = [
    "<",
    "<!--",
    "<meta ",
    "<meta charset=",
    " ",
    "\n",
    "&#",
    "&#0",
    "&#x0",
    "{",
    "[",
    '"',
    "\\",
    "WARC/1.0\r\n",
    "a,",
    "\r",
    "--",
    "<!-- -->",
    "\x00",
]


@pytest.mark.parametrize("bit", HOSTILE)
def test_no_run_of_signs_takes_long(bit, tmp_path):
    run = (bit * (400_000 // len(bit))).encode()
    started = time.process_time()

    for name in ("a.html", "a.txt", "a.csv", "a.jsonl", "a.json"):
        (tmp_path / name).write_bytes(b"text,x\n" + run if name == "a.csv" else run)
        for file in [kinds.kind(run[: kinds.HEAD_BYTES], name)]:
            assert file
    (tmp_path / "a.warc").write_bytes(b"WARC/1.0\r\n" + run)
    (tmp_path / "b.warc").write_bytes(make.record("response", make.answer(run)))
    read_all(tmp_path, settings=SMALL)
    charset.sound_html(charset.decode(run + b"\xe9", html=True))
    markup.is_html(run, "")
    markup.is_html_cell(run.decode())
    http.parse_headers(run)
    http.parse(make.answer(run, "Transfer-Encoding: chunked"), 1 << 20)

    assert time.process_time() - started < 10


def test_many_tiny_records_take_memory_for_one(tmp_path):
    with (tmp_path / "a.jsonl").open("wb") as file:
        for _ in range(10):
            file.write((b'{"text": "' + b"Rain fell. " * 100 + b'"}\n') * 1000)

    with Peak() as peak:
        for part in slices(discover([str(tmp_path)], SMALL)[0], SMALL):
            for record in read(part, SMALL):
                assert record

    assert peak.mb < 8
