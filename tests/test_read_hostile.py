"""Read on hostile and damaged input: what can be read is, the rest is rejected with a reason, nothing runs away."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import re
import tarfile
import zipfile

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from reading import SAMPLES, SMALL, Peak, read_all, told
from samples import make

from cleaners.errors import RecordError
from cleaners.model import RawArticle, Rejected
from cleaners.read import http
from cleaners.read.inputs import discover, slices

PACKERS = {"plain": bytes, "gzip": lambda part: gzip.compress(part, mtime=0), "zstd": zstandard.compress}


def kept(found):
    return [record for record in found if isinstance(record, RawArticle)]


def rejected(found):
    return [record for record in found if isinstance(record, Rejected)]


def pages(count, body="Rain fell."):
    return [
        make.record(
            "response", make.answer(f"<html><p>{body} {n}</p>".encode()), name=str(n), url=f"https://a.example/{n}"
        )
        for n in range(count)
    ]


def names(found):
    return [record.meta.source_id for record in kept(found)]


@pytest.mark.parametrize("packer", PACKERS)
def test_a_warc_cut_anywhere_gives_its_whole_records_and_says_that_it_was_cut(packer, tmp_path):
    parts = [PACKERS[packer](page) for page in pages(3)]
    body = b"".join(parts)
    ends = [sum(map(len, parts[: n + 1])) for n in range(3)]
    path = tmp_path / "a.warc"

    for cut in range(1, len(body), 7 if packer == "plain" else 3):
        path.write_bytes(body[:cut])
        found = read_all(path, settings=SMALL)
        whole = sum(end <= cut for end in ends)
        # The last four bytes of a plain record are blank lines: without them it is whole. So is a packed one without
        # the last bytes of its checksum, when all of its data are there; it is told of and kept.
        assert [str(n) for n in range(whole)] == names(found)[:whole], cut
        assert len(names(found)) <= whole + 1
        if cut not in ends and len(names(found)) == whole:
            assert len(rejected(found)) == 1, cut
            assert rejected(found)[0].reason in {"truncated", "broken record", "empty", "broken file"}, cut


@pytest.mark.parametrize("packer", PACKERS)
@given(st.integers(0, 10**6), st.binary(min_size=1, max_size=40))
def test_damage_in_one_record_leaves_the_others_alone(tmp_path_factory, packer, at, damage):
    parts = [PACKERS[packer](page) for page in pages(5, "Rain fell on the harbour. " * 20)]
    start = len(b"".join(parts[:2])) + at % (len(parts[2]) - len(damage))
    body = bytearray(b"".join(parts))
    body[start : start + len(damage)] = damage
    path = tmp_path_factory.mktemp("warc") / "a.warc"
    path.write_bytes(body)

    found = read_all(path, settings=SMALL)

    assert {"0", "1", "4"} <= set(names(found))
    if start + len(damage) < len(b"".join(parts[:3])) - 4:
        assert {"3"} <= set(names(found))
    assert 4 <= len(found) <= 8


@pytest.mark.parametrize("packer", ["plain", "gzip"])
def test_garbage_between_records_is_counted_and_passed_over(packer, tmp_path):
    one, two, three = map(PACKERS[packer], pages(3))
    (tmp_path / "a.warc").write_bytes(one + os.urandom(500_000) + two + b"<html>not a record</html>\r\n" * 9 + three)

    found = read_all(tmp_path / "a.warc", settings=SMALL)

    assert names(found) == ["0", "1", "2"]
    assert len(rejected(found)) == 2
    lost = [int(number) for number in re.findall(r"\d+", rejected(found)[0].detail.replace(",", ""))]
    assert 500_000 in {lost[0], lost[-1] - lost[0]}


@pytest.mark.parametrize("length", [0, 3, 500, 10**6, 10**12, -5, "x", ""])
@pytest.mark.parametrize("packer", PACKERS)
def test_a_wrong_length_costs_one_record(packer, length, tmp_path):
    one, two, three = pages(3)
    head, _, block = two.partition(b"\r\n\r\n")
    true = head.split(b"Content-Length: ")[1]
    lie = head.replace(b"Content-Length: " + true, b"Content-Length: " + str(length).encode()) + b"\r\n\r\n" + block
    (tmp_path / "a.warc").write_bytes(b"".join(map(PACKERS[packer], [one, lie, three])))

    found = read_all(tmp_path / "a.warc", settings=SMALL)

    assert names(found) == ["0", "2"]
    assert len(rejected(found)) == 1
    assert rejected(found)[0].source.record == 2


def test_a_warc_in_one_gzip_member_is_read(tmp_path):
    (tmp_path / "a.warc.gz").write_bytes(gzip.compress(b"".join(pages(3))))

    assert names(read_all(tmp_path / "a.warc.gz", settings=SMALL)) == ["0", "1", "2"]


def test_a_zstd_warc_with_a_dictionary_is_read_whole_and_in_slices(tmp_path):
    records = pages(1200, os.urandom(500).hex())
    dictionary = zstandard.train_dictionary(2000, pages(200))
    packer = zstandard.ZstdCompressor(dict_data=dictionary)
    for name, raw in {"a": dictionary.as_bytes(), "b": zstandard.compress(dictionary.as_bytes())}.items():
        frame = b"\x5d\x2a\x4d\x18" + len(raw).to_bytes(4, "little") + raw
        path = tmp_path / f"{name}.warc.zst"
        path.write_bytes(frame + b"".join(map(packer.compress, records)))

        assert len(slices(discover([str(path)], SMALL)[0], SMALL)) > 1
        assert names(read_all(path, settings=SMALL)) == [str(n) for n in range(1200)]


def test_a_skippable_frame_that_claims_more_than_the_file_costs_itself(tmp_path):
    first, second = map(zstandard.compress, pages(2))
    (tmp_path / "a.warc.zst").write_bytes(first + b"\x50\x2a\x4d\x18\xff\xff\xff\x7f" + second)

    assert told(read_all(tmp_path, settings=SMALL)) == [
        "<html><p>Rain fell. 0</p>",
        "broken file",
        "<html><p>Rain fell. 1</p>",
    ]


def test_a_record_above_the_limit_is_rejected_without_being_held(tmp_path):
    small, big = pages(1)[0], make.record("response", make.answer(b"<html>" + b"x" * (30 << 20)), name="big")
    (tmp_path / "a.warc.gz").write_bytes(gzip.compress(small) + gzip.compress(big, 1) + gzip.compress(small))

    with Peak() as peak:
        found = read_all(tmp_path / "a.warc.gz", settings=SMALL)

    assert told(found) == ["<html><p>Rain fell. 0</p>", "too large", "<html><p>Rain fell. 0</p>"]
    assert peak.mb < 40  # a piece of packed bytes gives 16 MB of this


@given(
    st.lists(
        st.sampled_from(
            [
                b"WARC/1.0\r\n",
                b"WARC-Type: response\r\n",
                b"Content-Length: 5\r\n",
                b"\r\n",
                b"\0",
                b"x" * 70,
                b"HTTP/1.1 200 OK\r\n",
            ]
        )
    )
)
def test_no_order_of_parts_breaks_the_reader(tmp_path_factory, parts):
    path = tmp_path_factory.mktemp("warc") / "a.warc"
    path.write_bytes(b"WARC/1.0\r\n" + b"".join(parts))

    read_all(path, settings=SMALL)


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("a.jsonl.gz", gzip.compress),
        ("a.jsonl.zst", lambda body: zstandard.ZstdCompressor(level=1).compress(body)),
        ("a.jsonl.bz2", bz2.compress),
        ("a.jsonl.xz", lambda body: lzma.compress(body, preset=0)),
    ],
)
def test_a_bomb_is_rejected_in_bounded_memory(name, pack, tmp_path):
    (tmp_path / name).write_bytes(pack(b'{"text": "one"}\n' + b" " * (100 << 20)))

    with Peak() as peak:
        found = read_all(tmp_path / name, settings=SMALL)

    assert told(found)[0] == "one"
    assert set(told(found)[1:]) == {"too large"}
    assert peak.mb < 160


def test_every_member_and_frame_of_a_file_is_read(tmp_path):
    rows = [json.dumps({"text": f"story {n}"}).encode() + b"\n" for n in range(4)]
    for name, pack in {"a.jsonl.gz": gzip.compress, "b.jsonl.zst": zstandard.compress}.items():
        (tmp_path / name).write_bytes(b"".join(map(pack, rows)) + b"\0" * 1000)

        assert [f"story {n}" for n in range(4)] == told(read_all(tmp_path / name, settings=SMALL))


@pytest.mark.parametrize("packer", ["gzip", "zstd"])
def test_truncated_jsonl_gives_the_lines_before_and_one_rejected_record(packer, tmp_path):
    rows = "".join(json.dumps({"text": f"story {n} {os.urandom(40).hex()}"}) + "\n" for n in range(20_000))
    body = PACKERS[packer](rows.encode())
    (tmp_path / "a.jsonl").write_bytes(body[: len(body) // 2])

    found = read_all(tmp_path / "a.jsonl", settings=SMALL)

    assert 5000 < len(kept(found)) < 15_000
    assert [record.reason for record in rejected(found)] == ["truncated"]
    assert [record.source.record for record in kept(found)] == list(range(1, len(found)))


def test_brotli_of_a_page_is_bounded():
    bomb = brotli.compress(b"<html>" + b"x" * (64 << 20))

    with Peak() as peak, pytest.raises(RecordError, match="too large"):
        http.parse(make.answer(bomb, "Content-Encoding: br"), 1 << 20)

    assert peak.mb < 8


def test_bad_members_of_a_zip_are_rejected_one_by_one(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../etc/passwd.txt", "Rain fell.")
        archive.writestr("broken.html", "<html>" + "Wind blew. " * 50)
        archive.writestr("big.txt", "x" * (3 << 20))
        archive.writestr("__MACOSX/._a.html", "x")
        archive.writestr("folder/.hidden.html", "x")
        archive.writestr("photo.jpg", b"\xff\xd8\xff\xe0")
        archive.writestr("empty.html", "")
        archive.writestr("last.html", "<html><p>Last.")
    body = bytearray(path.read_bytes())
    at = body.index(b"broken.html") + 20
    body[at : at + 8] = b"\xff" * 8
    path.write_bytes(body)

    found = read_all(path, settings=SMALL)

    assert told(found) == ["Rain fell.", "broken record", "too large", "unknown kind", "empty", "<html><p>Last."]
    assert found[0].meta.source_id == "../../etc/passwd.txt"
    assert [record.source.record for record in found] == [1, 2, 3, 4, 5, 6]


def test_an_archive_that_is_cut_says_so(tmp_path):
    for name in ("zip.zip", "tar.tar.gz"):
        body = (SAMPLES / name).read_bytes()
        (tmp_path / name).write_bytes(body[: len(body) * 2 // 3])

        assert {"broken file", "truncated"} & set(told(read_all(tmp_path / name, settings=SMALL))), name


def test_a_tar_with_links_and_devices_gives_its_files(tmp_path):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        for name, kind in [("a.html", tarfile.REGTYPE), ("link", tarfile.SYMTYPE), ("fifo", tarfile.FIFOTYPE)]:
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.size = kind, "/etc/passwd", 6 if kind == tarfile.REGTYPE else 0
            archive.addfile(info, io.BytesIO(b"<html>"))

    assert told(read_all(path, settings=SMALL)) == ["<html>"]
