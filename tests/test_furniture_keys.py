"""Keys of lines and sketches of articles: what changes them and what does not."""

from __future__ import annotations

import time

import numpy as np
import pyarrow as pa
import pytest
from furniture_pages import PEOPLE, story, texts_of
from hypothesis import given
from hypothesis import strategies as st

from cleaners.furniture.keys import agreement, scan


def key_of(line: str) -> int:
    keys = scan(pa.array([line], pa.large_string())).lines.key
    return int(keys[0]) if len(keys) else 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Published 3 May 2024, 14:05", "PUBLISHED: 12 June 2025 – 9:30"),
        ("Zuletzt aktualisiert: 1. März 2024", "Zuletzt aktualisiert:  24. Dezember 2023"),
        ("Опубликовано 3 мая 2024", "ОПУБЛИКОВАНО 14 июня 2025"),
        ("Updated on the 1st of May", "Updated on the 22nd of Jul"),
        ("12 comments", "3 Comments"),
        ("Read\u00a0more  »", "READ MORE …"),
        ("co\u00adoperate with us", "cooperate with us"),
        ("配信 2024年5月3日", "配信 2023年12月13日"),
        ("نُشر في ٣ مايو ٢٠٢٤", "نُشر في ١٤ يونيو ٢٠٢٥"),
    ],
)
def test_a_line_keeps_its_key_when_only_dates_counts_case_or_punctuation_differ(one, other):
    assert key_of(one) == key_of(other) != 0


@pytest.mark.parametrize(
    ("one", "other"),
    [("Read more", "Read less"), ("Share this story", "This story share"), ("共有する", "共有した"), ("a b", "ab")],
)
def test_other_words_give_another_key(one, other):
    assert key_of(one) != key_of(other)


@pytest.mark.parametrize(
    "line", ["", "   ", "* * *", "2024", "3 May 2024", "Shr 45 cts vs 43 cts", "Marwick 3, Velm 1", "🎉🎉"]
)
def test_a_line_without_words_and_a_row_of_figures_have_no_key(line):
    assert key_of(line) == 0


@given(st.lists(st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=60), max_size=8))
def test_every_line_with_a_letter_or_digit_is_found_where_it_stands(texts):
    encoded = [text.encode("utf-8", "ignore") for text in texts]
    scanned = scan(pa.array([text.decode() for text in encoded], pa.large_string()))
    found = [
        encoded[row][start:end].decode()
        for row, start, end in zip(scanned.lines.row, scanned.lines.start, scanned.lines.end, strict=True)
    ]
    expected = [line for text in encoded for line in text.decode().split("\n") if any(map(str.isalnum, line))]

    assert [line for line in found if any(map(str.isalnum, line))] == expected
    assert scanned.letters.sum() == scanned.lines.letters.sum()


def test_a_slice_and_a_null_are_scanned_like_any_column():
    column = pa.array(["one line", None, "two\nlines", "last"], pa.large_string())

    assert scan(column).lines.row.tolist() == [0, 2, 2, 3]
    assert scan(column[2:]).lines.row.tolist() == [0, 0, 1]
    assert scan(column[:0]).lines.row.tolist() == []


def test_what_lies_under_a_null_is_not_read():
    bounds, content = pa.array([0, 8, 16], pa.int64()).buffers()[1], pa.py_buffer(b"one lineone more")
    column = pa.Array.from_buffers(pa.large_string(), 2, [pa.py_buffer(b"\x01"), bounds, content])

    assert scan(column).lines.row.tolist() == [0]


def test_broken_utf8_runs_over_no_edge():
    for tail in (b"\xc3", b"\xe3\x81", b"\xf0\x9f\x98", b"\xff\xfe"):
        broken = pa.Array.from_buffers(
            pa.large_string(),
            1,
            [None, pa.array([0, 3 + len(tail)], pa.int64()).buffers()[1], pa.py_buffer(b"abc" + tail)],
        )
        assert len(scan(broken).lines.row) == 1


# Bodies


def test_copies_of_an_article_have_one_body_and_different_articles_have_not():
    first, second = story(1), story(2)
    edited = [*first[:3], "An editor added this line to the second edition of the paper.", *first[3:]]
    sketch = scan(
        texts_of([first, edited, second, [*first, "Share this"], [*second, "Share this"]]).combine_chunks()
    ).sketch

    assert agreement(sketch[[0, 0]], sketch[[1, 3]]).min() >= 10
    assert agreement(sketch[[0, 3]], sketch[[2, 4]]).max() < 6


def test_long_lines_make_the_body_and_short_ones_hardly():
    short = [f"{name} again" for name in PEOPLE]
    sketch = scan(texts_of([[*short, *story(1)], [*short, *story(2)], story(1)]).combine_chunks()).sketch

    assert agreement(sketch[:1], sketch[1:2]) < 6
    assert agreement(sketch[:1], sketch[2:3]) > 10


@pytest.mark.parametrize("unit", ["Share this\n", " ", "\u0301", "a:", "1 May ", "READ MORE: x\n", "\U0001f389"])
def test_a_megabyte_of_anything_is_scanned_in_no_time(unit):
    text = unit * (1_000_000 // len(unit))
    column = pa.array([text], pa.large_string())
    scan(column[:0])
    start = time.perf_counter()
    scan(column)
    assert time.perf_counter() - start < 2


def test_a_sketch_is_spread_over_all_its_places():
    sketch = scan(texts_of([story(seed) for seed in range(300)]).combine_chunks()).sketch
    nibbles = (sketch[:, None] >> np.arange(0, 64, 4, dtype=np.uint64)) & np.uint64(15)

    assert (np.unique(nibbles, axis=None, return_counts=True)[1] > 200).all()
