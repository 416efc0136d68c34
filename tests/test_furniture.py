"""Furniture: what recurs over a host's pages is learned, what recurs within a story is not."""

from __future__ import annotations

import io
import random
import textwrap

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from furniture_pages import PLACES, THINGS, story, texts_of
from hypothesis import given
from hypothesis import strategies as st

from cleaners.config import FurnitureSettings
from cleaners.furniture.counting import COUNTS, count, site_of, total
from cleaners.furniture.keys import keys_of, scan
from cleaners.furniture.learning import FURNITURE, learn, learn_from, version_of
from cleaners.furniture.table import Furniture

SETTINGS = FurnitureSettings()
HOST = "tide-post.example"


def hosts_of(pages: list[list[str]], host: str | None = HOST) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array([host] * len(pages), pa.large_string())])


def learned(pages: list[list[str]], host: str | None = HOST, settings: FurnitureSettings = SETTINGS) -> Furniture:
    return Furniture(learn_from(count(texts_of(pages), hosts_of(pages, host), settings), settings))


def key_of(line: str) -> int:
    keys = scan(pa.array([line], pa.large_string())).lines.key
    return int(keys[0]) if len(keys) else 0


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
    found = next(
        row for row in rows if row["line"] == int(scan(pa.array(["Advertisement"], pa.large_string())).lines.key[0])
    )

    assert (found["articles"], found["copies"], found["head"], found["tail"]) == (1, 3, 1, 1)


def test_a_hundred_copies_leave_room_for_the_articles_beside_them():
    pages = [[*story(min(4, seed)), "Share this"] for seed in range(100)]
    rows = count(texts_of(pages), hosts_of(pages), SETTINGS).to_pylist()

    assert [(row["articles"], len(row["bodies"])) for row in rows if row["line"] == 0] == [(100, 5)]


def test_nothing_counts_as_nothing():
    assert count(texts_of([]), hosts_of([]), SETTINGS).equals(COUNTS.empty_table())
    assert total([COUNTS.empty_table()]).equals(COUNTS.empty_table())
    assert learned([]).lines(HOST, "Share this") == [None]


@given(st.integers(0, 999), st.integers(1, 6))
def test_how_articles_are_cut_into_shards_does_not_matter(seed, shards):
    draw = random.Random(seed)  # noqa: S311
    pages = [[*story(draw.randrange(40), 3), "Share this", f"{nth} comments"] for nth in range(80)]
    hosts = [draw.choice(["a.example", "b.example", None]) for _ in pages]
    texts, names = texts_of(pages), pa.chunked_array([pa.array(hosts, pa.large_string())])
    cuts = sorted(draw.sample(range(len(pages) + 1), shards - 1))
    bounds = list(zip([0, *cuts], [*cuts, len(pages)], strict=True))
    draw.shuffle(bounds)
    parts = [count(texts[start:end], names[start:end], SETTINGS) for start, end in bounds]

    whole = total([count(texts, names, SETTINGS)]).drop_columns("example")
    assert total(parts).drop_columns("example").equals(whole)


@pytest.mark.parametrize("host", ["www.tide-post.example", "m.tide-post.example", "WWW.TIDE-POST.example"])
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

    assert min(told.different for told in furniture.lines(HOST, "\n".join(block)) if told) > 30
    assert all(furniture.points(HOST, line) >= 0.7 for line in block)
    assert not any(furniture.lines(HOST, "\n".join(story(1, 4))))


def test_versions_of_one_story_teach_nothing():
    versions = [[*story(50 + nth, 2), *story(1, 6)] for nth in range(8)]
    furniture = learned([*versions, *(story(seed) for seed in range(2, 30))])

    assert not any(furniture.lines(HOST, "\n".join(story(1, 6))))


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
    line = "Officials of the ministry in Velm said"
    wrapped = [[*textwrap.wrap(" ".join(story(seed)), 50), line, "they knew of nothing."] for seed in range(12)]
    whole = [[*story(seed), line, "They knew of nothing."] for seed in range(12)]

    assert learned(wrapped).evidence(HOST, line) is None
    assert learned(whole).points(HOST, line) == 1


def test_an_opening_is_learned_where_the_rest_differs():
    pages = [[*story(seed), f"Mehr dazu: {PLACES[seed]} im Winter"] for seed in range(10)]
    evidence = learned(pages).evidence(HOST, "MEHR DAZU: Ein ganz anderer Titel")

    assert evidence is not None
    assert evidence.opening
    assert evidence.points == 1


def test_an_opening_before_one_and_the_same_rest_is_the_line_alone():
    assert len(learned(pages_with("Mehr dazu: Das Wetter an der Bucht", 9))) == 1


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


def test_of_two_rows_about_a_line_the_more_believed_one_speaks():
    line = "Powered by Quillpress"
    tails, middles = pages_with(line, 20), [[*story(seed, 4), line, *story(seed + 50, 4)] for seed in range(100, 120)]
    hosts = [HOST] * 20 + [f"{nth % 12}.example" for nth in range(20)]
    table = count(texts_of([*tails, *middles]), pa.chunked_array([pa.array(hosts, pa.large_string())]), SETTINGS)
    furniture = Furniture(learn_from(table, SETTINGS))
    here, elsewhere = furniture.evidence(HOST, line), furniture.evidence("new.example", line)

    assert here is not None
    assert elsewhere is not None
    assert (here.host, elsewhere.host) == (HOST, None)
    assert here.belief > elsewhere.belief


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


def test_a_line_that_fills_memory_alone_is_gone_through_some_sites_at_a_time():
    """What all of its sites tell is the same, and so is what each of them does."""
    pages = [[*story(seed), "Share this", f"{seed} comments"] for seed in range(200)]
    hosts = pa.chunked_array([pa.array([f"{seed % 60}.example" for seed in range(200)], pa.large_string())])
    files = []
    for start in range(0, 200, 50):
        files.append(io.BytesIO())
        counts = count(texts_of(pages[start : start + 50]), hosts[start : start + 50], SETTINGS)
        pq.write_table(counts, files[-1], row_group_size=50)
    order = [("line", "ascending"), ("host", "ascending")]
    whole = pa.concat_tables(learn(files, SETTINGS, memory_mb=64)).sort_by(order)
    narrow = list(learn(files, SETTINGS, memory_mb=0.02))

    assert any(table.num_rows and pa.compute.all(table["host"].is_valid()).as_py() for table in narrow)
    assert whole.num_rows > 60
    assert pa.concat_tables(narrow).sort_by(order).equals(whole)


def test_every_line_that_was_learned_has_an_example_though_no_part_has_it_twice():
    pages = [
        [*story(seed), f"Teile diese Küstengeschichte – {'ä' * 60}", "  👋🏽 Liest du gern?  "] for seed in range(9)
    ]
    table = pa.concat_tables(learn(parts_of(pages, 1), SETTINGS))
    examples = table["example"].to_pylist()

    assert sorted(examples) == sorted([f"Teile diese Küstengeschichte – {'ä' * 23}", "👋🏽 Liest du gern?"])


def test_what_is_kept_is_read_back_equal():
    table = learn_from(
        count(texts_of(pages_with("Share this", 9)), hosts_of(pages_with("Share this", 9)), SETTINGS), SETTINGS
    )
    file = io.BytesIO()
    pq.write_table(table, file)
    kept = Furniture.load(file)

    assert table.schema.equals(FURNITURE, check_metadata=True)
    assert kept.evidence(HOST, "Share this") == Furniture(table).evidence(HOST, "Share this")
    assert len(Furniture.load(file, sites=["other.example"])) == 0
    assert len(Furniture.load(file, sites=["www." + HOST])) == len(table)
    asked = pa.array(["A new report.\nSHARE THIS"], pa.large_string())
    assert len(Furniture.load(file, lines=keys_of(asked))) == len(table)
    assert len(Furniture.load(file, lines=keys_of(asked.slice(1)))) == 0


def test_the_version_tells_tables_apart_and_not_their_order():
    nine, eight = (
        learn_from(count(texts_of(pages), hosts_of(pages), SETTINGS), SETTINGS)
        for pages in (pages_with("Share this", 9), pages_with("Share this", 8))
    )

    assert version_of([nine]) != version_of([eight])
    assert version_of([nine, eight]) == version_of([eight, nine])


def test_every_line_of_a_text_gets_its_own_evidence():
    furniture = learned(pages_with("Share this", 9))
    told = furniture.lines(HOST, "\nShare this\n\nA new report.\n2024\nSHARE THIS …\n")

    assert [evidence is not None for evidence in told] == [False, True, False, False, False, True, False]


@given(st.text())
def test_evidence_has_one_entry_for_each_line(text):
    assert len(learned([]).lines(HOST, text)) == text.count("\n") + 1
