"""Furniture: what recurs over a host's pages is learned, what recurs within a story is not."""

from __future__ import annotations

import io
import random
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaners.config import FurnitureSettings
from cleaners.furniture.counting import COUNTS, count, site_of, total
from cleaners.furniture.keys import agreement, scan
from cleaners.furniture.learning import FURNITURE, learn, learn_from
from cleaners.furniture.table import Furniture

SETTINGS = FurnitureSettings()
HOST = "tide-post.example"

PLACES = ["Orlec", "Tessin", "Marwick", "Dunholt", "Velm", "Karsby", "Lunde", "Pell", "Brannock", "Ilford", "Sedge"]
PEOPLE = ["Ada Marl", "Jon Tessier", "Mira Okoro", "Piet Vandel", "Lena Sundqvist", "Omar Haddad", "Rosa Quill"]
THINGS = ["dam", "ferry", "harbour", "school", "tram", "bakery", "museum", "orchard", "bridge", "library", "quarry"]
EVENTS = ["reopened", "caught fire", "was sold", "lost its roof", "won a prize", "closed for a week", "flooded"]
REMARKS = ["nobody expected it", "repairs would take until autumn", "the council must decide", "it cost too much"]


def story(seed: int, paragraphs: int = 7) -> list[str]:
    """Return the lines of an invented report; another seed, another report."""
    draw = random.Random(seed)  # noqa: S311  (a fixture, not a secret)

    def sentence() -> str:
        where, what = draw.choice(PLACES), draw.choice(THINGS)
        return (
            f"The {what} of {where} {draw.choice(EVENTS)} and {draw.choice(PEOPLE)} said that {draw.choice(REMARKS)}."
        )

    return [f"{sentence()} {sentence()}" for _ in range(paragraphs)]


def texts_of(pages: list[list[str]]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(["\n".join(page) for page in pages], pa.large_string())])


def hosts_of(pages: list[list[str]], host: str | None = HOST) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array([host] * len(pages), pa.large_string())])


def learned(pages: list[list[str]], host: str | None = HOST, settings: FurnitureSettings = SETTINGS) -> Furniture:
    return Furniture(learn_from(count(texts_of(pages), hosts_of(pages, host), settings), settings))


def key_of(line: str) -> int:
    keys = scan(pa.array([line], pa.large_string())).lines.key
    return int(keys[0]) if len(keys) else 0


# Keys


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


# Counts


def test_the_empty_line_counts_the_articles_of_each_host():
    table = count(
        texts_of([["One line"], [], ["* * *"]]), pa.chunked_array([["a.example", None, "www.a.example"]]), SETTINGS
    )
    articles = {row["host"]: row["articles"] for row in table.to_pylist() if row["line"] == 0}

    assert articles == {"a.example": 2, None: 1}


def test_a_line_counts_once_for_an_article_and_each_time_for_its_copies():
    page = ["Advertisement", *story(1)[:2], "ADVERTISEMENT", *story(2)[:2], "Advertisement"]
    rows = count(texts_of([page]), hosts_of([page]), SETTINGS).to_pylist()
    found = next(row for row in rows if row["line"] == key_of("Advertisement"))

    assert (found["articles"], found["copies"], found["head"], found["tail"]) == (1, 3, 1, 1)


def test_nothing_counts_as_nothing():
    assert count(texts_of([]), hosts_of([]), SETTINGS).equals(COUNTS.empty_table())
    assert total([COUNTS.empty_table()]).equals(COUNTS.empty_table())
    assert learned([]).lines(HOST, "Share this") == [None]


@given(st.integers(0, 999), st.integers(1, 6))
def test_how_articles_are_cut_into_shards_does_not_matter(seed, shards):
    draw = random.Random(seed)  # noqa: S311
    pages = [[*story(draw.randrange(6), 3), "Share this", f"{nth} comments"] for nth in range(24)]
    hosts = [draw.choice(["a.example", "b.example", None]) for _ in pages]
    texts, names = texts_of(pages), pa.chunked_array([pa.array(hosts, pa.large_string())])
    cuts = sorted(draw.sample(range(len(pages) + 1), shards - 1))
    bounds = list(zip([0, *cuts], [*cuts, len(pages)], strict=True))
    draw.shuffle(bounds)
    parts = [count(texts[start:end], names[start:end], SETTINGS) for start, end in bounds]

    whole = total([count(texts, names, SETTINGS)]).drop_columns("example")
    assert total(parts).drop_columns("example").equals(whole)


@pytest.mark.parametrize("host", ["www.tide-post.example", "m.tide-post.example", "TIDE-POST.example"])
def test_the_editions_of_a_site_are_one_site(host):
    assert site_of(host) == "tide-post.example"


# Learning


def pages_with(line: str, articles: int, *, without: int = 0) -> list[list[str]]:
    return [[*story(seed), *([line] if seed < articles else [])] for seed in range(articles + without)]


def test_a_line_at_the_end_of_five_articles_is_furniture():
    evidence = learned(pages_with("Follow the Post wherever you are", 5, without=20)).evidence(
        HOST, "Follow the Post wherever you are"
    )

    assert evidence is not None
    assert (evidence.articles, evidence.different, evidence.points) == (5, 5, 1.0)
    assert (evidence.head, evidence.tail) == (0, 1)


def test_two_articles_are_not_enough_to_strike_a_line():
    points = learned(pages_with("Follow the Post wherever you are", 2, without=20)).points(
        HOST, "Follow the Post wherever you are"
    )

    assert 0 < points < 1


def test_copies_of_one_story_teach_nothing():
    copies = [
        [*story(1), "Share this"],
        [*story(1)[:6], "Share this"],
        [*story(1), "A late line."],
        ["A lead.", *story(1)],
    ]
    furniture = learned([*copies * 4, *(story(seed) for seed in range(2, 12))])

    assert furniture.lines(HOST, "\n".join(story(1))) == [None] * 7


def test_pages_with_as_much_furniture_as_text_are_told_apart():
    block = [f"Our {what} of the house, with all that belongs to it, for you and yours" for what in THINGS]
    pages = [[*story(seed, 4), *block] for seed in range(40)]
    furniture = learned(pages)

    assert all(furniture.points(HOST, line) >= 0.7 for line in block)
    assert not any(furniture.lines(HOST, "\n".join(story(1, 4))))


def test_a_refrain_of_one_poem_is_no_furniture():
    poem = [
        line
        for verse in range(6)
        for line in (f"The tide of verse {verse} came in over the sand", "And the lamp stayed lit")
    ]
    furniture = learned([poem, *(story(seed) for seed in range(20))])

    assert furniture.evidence(HOST, "And the lamp stayed lit") is None


def test_a_background_paragraph_of_a_running_story_is_no_furniture():
    background = (
        "The strike at the harbour of Velm began in March after the owners cut the wages of all night crews by a fifth."
    )
    pages = [story(seed) for seed in range(100)]
    for nth in range(0, 100, 10):
        pages[nth].insert(3, background)

    assert learned(pages).evidence(HOST, background) is None


def test_the_lead_of_a_story_in_many_versions_is_no_furniture():
    lead = (
        "The lighthouse keeper of Karsby has been found alive after nine days at sea, the coast guard said on Sunday."
    )
    pages = [[lead, *story(seed)] if seed < 6 else story(seed) for seed in range(60)]

    assert learned(pages).points(HOST, lead) == 0


def test_sub_headings_of_the_house_are_not_struck_alone():
    pages = [[*story(seed)[:3], "Why it matters", *story(seed)[3:]] for seed in range(40)]

    assert learned(pages).points(HOST, "Why it matters") < 1


def test_lines_of_hard_wrapped_texts_are_not_counted():
    wrapped = [
        line
        for seed in range(4)
        for line in (
            "Officials of the ministry in Velm said",
            f"they would look into case {seed} once more and",
            "report in May.",
        )
    ]
    pages = [[f"Case {seed * 'x'} opened", *wrapped] for seed in range(12)]

    assert learned(pages).evidence(HOST, "Officials of the ministry in Velm said") is None


def test_an_opening_is_learned_where_the_rest_differs():
    pages = [[*story(seed), f"Mehr dazu: {PLACES[seed]} im Winter"] for seed in range(10)]
    evidence = learned(pages).evidence(HOST, "MEHR DAZU: Ein ganz anderer Titel")

    assert evidence is not None
    assert evidence.opening
    assert evidence.points == 1


def test_a_speaker_before_a_sentence_is_no_opening():
    pages = [[*story(seed), f"TESSIER: In {PLACES[seed]} it rained."] for seed in range(10)]

    assert learned(pages).evidence(HOST, "TESSIER: We will not go back to Lunde.") is None


def test_furniture_of_one_host_says_nothing_about_another():
    furniture = learned(pages_with("Follow the Post wherever you are", 20))

    assert furniture.evidence("other.example", "Follow the Post wherever you are") is None
    assert furniture.evidence(None, "Follow the Post wherever you are") is None


def test_what_recurs_over_many_hosts_holds_for_a_host_never_seen():
    pages = pages_with("Powered by Quillpress", 24)
    hosts = pa.chunked_array([pa.array([f"{nth % 8}.example" for nth in range(24)], pa.large_string())])
    evidence = Furniture(learn_from(count(texts_of(pages), hosts, SETTINGS), SETTINGS)).evidence(
        "new.example", "Powered by Quillpress"
    )

    assert evidence is not None
    assert (evidence.host, evidence.hosts, evidence.articles) == (None, 8, 24)


def test_texts_without_hosts_need_more_articles():
    few, many = learned(pages_with("Share this story", 8), None), learned(pages_with("Share this story", 24), None)

    assert few.evidence(None, "Share this story") is None
    assert many.points(None, "Share this story") == 1


# Parts and files


def parts_of(pages: list[list[str]], size: int) -> list[io.BytesIO]:
    files = []
    for start in range(0, len(pages), size):
        files.append(io.BytesIO())
        chunk = pages[start : start + size]
        pq.write_table(count(texts_of(chunk), hosts_of(chunk), SETTINGS), files[-1], row_group_size=50)
    return files


def test_many_small_ranges_tell_what_one_large_range_tells():
    pages = [
        [*story(seed), "Share this", f"{seed} comments", f"See also: {PLACES[seed % 11]} at night"]
        for seed in range(60)
    ]
    whole = learn_from(count(texts_of(pages), hosts_of(pages), SETTINGS), SETTINGS)
    parts = parts_of(pages, 7)
    ranges = list(learn(parts, SETTINGS, memory_mb=0.04))
    turned = list(learn(parts[::-1], SETTINGS, memory_mb=64))

    assert len(ranges) > 5
    assert len(turned) == 1
    assert pa.concat_tables(ranges).drop_columns("example").equals(whole.drop_columns("example"))
    assert pa.concat_tables(ranges).combine_chunks().equals(turned[0].combine_chunks())


def test_what_is_kept_is_read_back_equal():
    table = learn_from(
        count(texts_of(pages_with("Share this", 9)), hosts_of(pages_with("Share this", 9)), SETTINGS), SETTINGS
    )
    file = io.BytesIO()
    pq.write_table(table, file)
    kept = Furniture.load(file)

    assert table.schema.equals(FURNITURE, check_metadata=True)
    assert kept.version == Furniture(table).version
    assert kept.evidence(HOST, "Share this") == Furniture(table).evidence(HOST, "Share this")
    assert len(Furniture.load(file, sites=["other.example"])) == 0
    assert len(Furniture.load(file, sites=["www." + HOST])) == len(table)


def test_another_table_has_another_version():
    assert learned(pages_with("Share this", 9)).version != learned(pages_with("Share this", 8)).version


def test_every_line_of_a_text_gets_its_own_evidence():
    furniture = learned(pages_with("Share this", 9))
    told = furniture.lines(HOST, "\nShare this\n\nA new report.\n2024\nSHARE THIS …\n")

    assert [evidence is not None for evidence in told] == [False, True, False, False, False, True, False]


@given(st.text())
def test_evidence_has_one_entry_for_each_line(text):
    assert len(learned([]).lines(HOST, text)) == text.count("\n") + 1


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
