"""Bands find who met, verification counts on the texts, and nothing depends on how the work was cut."""

import collections
import itertools
import math
import random

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cleaners.config import FingerprintSettings, MatchSettings
from cleaners.errors import RunError
from cleaners.fingerprint.columns import fingerprint
from cleaners.match.bands import Bands, bands_for, least_agreement
from cleaners.match.candidates import Meetings, candidates
from cleaners.match.exact import first_of_content
from cleaners.match.pairs import MATCHES, match, pairs
from cleaners.match.verify import verify
from cleaners.pieces import partitions

PRINTS = FingerprintSettings()
MATCH = MatchSettings()
SIZE = PRINTS.shingle_words


def column(texts):
    return pa.array(texts, pa.large_string())


def plain_shingles(text):
    words = text.lower().split()
    return set(zip(*(words[at:] for at in range(SIZE)), strict=False))


def plain_jaccard(first, second):
    left, right = plain_shingles(first), plain_shingles(second)
    return len(left & right) / max(1, len(left | right))


def invented(count, seed=3, words=120):
    """Texts without sense, each third one a copy of an earlier text with some words changed."""
    draw = random.Random(seed)  # noqa: S311  # a fixed seed, for invented texts
    vocabulary = [f"word{number}" for number in range(5000)]
    texts = []
    for number in range(count):
        text = draw.choices(vocabulary, k=words)
        if number % 3 == 2:
            text = draw.choice(texts).split()
            for number_changed in range(draw.randrange(1, 8)):
                text[draw.randrange(len(text))] = f"changed{number}{number_changed}"
        texts.append(" ".join(text))
    return texts


def matched(texts, settings=MATCH):
    texts = column(texts)
    return match(texts.take, len(texts), [fingerprint(texts, PRINTS)], settings, shingles=PRINTS)


# --- bands


@given(st.floats(0.3, 0.95), st.floats(0.5, 0.999), st.sampled_from([16, 64, 128, 256]))
def test_bands_reach_the_wanted_recall_with_as_many_rows_as_possible(threshold, recall, permutations):
    bands = bands_for(threshold, recall, permutations)
    more = Bands(permutations // (bands.rows + 1), bands.rows + 1)

    assert bands.bands * bands.rows <= permutations
    assert bands.rows == 1 or bands.recall(threshold) >= recall
    assert more.recall(threshold) < recall


def test_the_formula_tells_how_many_planted_pairs_meet():
    rng, bands = np.random.default_rng(1), Bands(6, 3)
    left = rng.integers(0, 2**32, (4000, 18), dtype=np.uint32)
    right = np.where(rng.random(left.shape) < 0.6, left, rng.integers(0, 2**32, left.shape, dtype=np.uint32))
    met = candidates(np.concatenate([left, right]), np.ones(8000, np.bool_), bands)
    expected = bands.recall(0.6)

    assert abs(len(met.rows) / 8000 - expected) < 4 * math.sqrt(expected * (1 - expected) / 4000)


def test_the_estimate_lets_pairs_at_the_threshold_pass():
    rng = np.random.default_rng(2)
    agreeing = rng.binomial(128, 0.7, 200_000)

    assert (agreeing < least_agreement(0.7, 128, 4)).mean() < 1e-4
    assert (agreeing < least_agreement(0.7, 128, 2.5)).mean() < 1e-2


# --- candidates

SMALL = arrays.arrays(np.uint32, st.tuples(st.integers(0, 12), st.just(6)), elements=st.integers(0, 2))


def plain_meetings(signatures, valid, bands):
    """Return the pairs of valid rows that agree in a whole band."""
    met = set()
    for left, right in itertools.combinations(np.flatnonzero(valid).tolist(), 2):
        for places in bands.places(signatures.shape[1]):
            if (signatures[left, places] == signatures[right, places]).all():
                met.add((left, right))
    return met


def test_which_pairs_would_have_met_in_fewer_bands():
    signatures = np.array([[1, 2, 3, 4], [1, 2, 5, 4], [1, 6, 3, 7]], np.uint32)
    met = Meetings(3, Bands(6, 2), 1)
    met.add(signatures)
    left, right = np.array([0, 0, 1]), np.array([1, 2, 2])

    assert met.agreeing(left, right, Bands(2, 2), 2).tolist() == [True, False, False]  # 0 and 2 meet in places 0 and 2
    assert met.agreeing(left, right, Bands(6, 2), 2).tolist() == [True, True, False]
    assert met.agreeing(left, right, Bands(6, 2), 3).tolist() == [True, False, False]


def meetings(met):
    inside = collections.defaultdict(set)
    for place, row in enumerate(met.rows.tolist()):
        for bucket in met.buckets[met.offsets[place] : met.offsets[place + 1]].tolist():
            inside[bucket].add(row)
    return {pair for rows in inside.values() for pair in itertools.combinations(sorted(rows), 2)}


@pytest.mark.parametrize("bands", [Bands(25, 5), Bands(64, 2), Bands(96, 2), Bands(128, 2), Bands(256, 2)])
def test_no_two_bands_have_the_same_places(bands):
    """What overlaps begins one place further on, or has more room between its places; the last ones go on in front."""
    places = bands.places(128)

    assert places.shape == (bands.bands, bands.rows)
    assert ((places >= 0) & (places < 128)).all()
    assert len({frozenset(band) for band in places.tolist()}) == bands.bands


@given(SMALL, st.sampled_from([Bands(3, 2), Bands(6, 1), Bands(2, 3), Bands(5, 2)]), st.randoms(use_true_random=False))
def test_candidates_are_the_pairs_that_agree_in_a_whole_band(signatures, bands, draw):
    valid = np.array([draw.random() < 0.8 for _ in signatures], np.bool_)
    met = candidates(signatures, valid, bands)

    assert meetings(met) == plain_meetings(signatures, valid, bands)
    assert (np.diff(met.offsets) > 0).all()
    assert (met.sketch == signatures[met.rows].astype(np.uint8)).all()


@given(SMALL)
def test_the_smallest_buckets_come_first(signatures):
    """Where a row is compared with so many others only, it is with those that it shares something rare with."""
    sizes = np.bincount(candidates(signatures, np.ones(len(signatures), np.bool_), Bands(3, 2)).buckets)

    assert (sizes >= 2).all()
    assert (np.diff(sizes) >= 0).all()


def test_more_buckets_than_there_are_numbers_for_are_told(monkeypatch):
    signatures, valid = np.zeros((2, 6), np.uint32), np.ones(2, np.bool_)
    monkeypatch.setattr("cleaners.match.candidates._MOST_BUCKETS", 6)
    assert len(candidates(signatures, valid, Bands(6, 1)).buckets) == 12

    monkeypatch.setattr("cleaners.match.candidates._MOST_BUCKETS", 5)
    with pytest.raises(RunError, match="2 articles meet in more than 5 buckets"):
        candidates(signatures, valid, Bands(6, 1))


@given(SMALL)
def test_each_candidate_pair_is_listed_once(signatures):
    bands, valid = Bands(3, 2), np.ones(len(signatures), np.bool_)
    left, right = pairs(candidates(signatures, valid, bands), 0)
    listed = list(zip(left.tolist(), right.tolist(), strict=True))

    assert sorted(listed) == sorted(plain_meetings(signatures, valid, bands))


@given(SMALL, st.integers(0, 6))
def test_pairs_with_too_few_agreeing_places_are_left_out(signatures, least):
    left, right = pairs(candidates(signatures, np.ones(len(signatures), np.bool_), Bands(6, 1)), least)

    for pair in itertools.combinations(range(len(signatures)), 2):
        agreement = int((signatures[pair[0]] == signatures[pair[1]]).sum())
        listed = ((left == pair[0]) & (right == pair[1])).any()
        assert listed == (agreement >= max(1, least))


def compared(met, most, rank):
    """Return the pairs of rows that stand at most so far apart in a bucket of theirs, in order of rank."""
    inside = collections.defaultdict(list)
    for place in sorted(range(len(met.rows)), key=lambda place: rank[met.rows[place]]):
        for bucket in met.buckets[met.offsets[place] : met.offsets[place + 1]].tolist():
            inside[bucket].append(int(met.rows[place]))
    return {(a, b) for rows in inside.values() for at, a in enumerate(rows) for b in rows[at + 1 : at + 1 + most]}


@given(SMALL, st.integers(1, 3), st.randoms(use_true_random=False))
def test_a_pair_that_is_too_far_apart_in_one_bucket_is_listed_where_it_is_not(signatures, most, draw):
    rank = np.array(draw.sample(range(len(signatures)), len(signatures)), np.int64)
    met = candidates(signatures, np.ones(len(signatures), np.bool_), Bands(3, 2))
    for ranked, order in (({"rank": rank}, rank), ({}, np.arange(len(rank)))):
        left, right = pairs(met, 0, most, **ranked)
        listed = list(zip(left.tolist(), right.tolist(), strict=True))

        assert len(set(listed)) == len(listed)
        assert set(listed) == compared(met, most, order)


@given(SMALL)
def test_two_of_one_family_are_no_pair(signatures):
    family = np.arange(len(signatures)) % 3
    met = candidates(signatures, np.ones(len(signatures), np.bool_), Bands(3, 2))
    left, right = pairs(met, 0, family=family)
    every = zip(*(rows.tolist() for rows in pairs(met, 0)), strict=True)

    assert [*zip(left.tolist(), right.tolist(), strict=True)] == [(a, b) for a, b in every if (a - b) % 3]


def test_parts_files_and_slices_give_the_same_candidates(tmp_path):
    rng = np.random.default_rng(4)
    signatures = rng.integers(0, 40, (70_000, 16), dtype=np.uint32)
    valid = rng.random(len(signatures)) < 0.9
    bands = Bands(4, 4)
    whole = candidates(signatures, valid, bands)
    parts = iter(np.split(signatures, [10, 30_000, 30_000]))
    spilled = candidates(parts, valid, bands, memory_mb=1, folder=tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {"keys", "sketch"}
    assert (whole.rows == spilled.rows).all()
    assert (whole.offsets == spilled.offsets).all()
    assert (whole.buckets == spilled.buckets).all()
    assert (whole.sketch == spilled.sketch).all()


# --- exact


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=12), st.randoms(use_true_random=False))
def test_the_first_of_a_content_is_its_best_ranked_row(content, draw):
    rank = list(range(len(content)))
    draw.shuffle(rank)
    best = {}
    for row in sorted(range(len(content)), key=rank.__getitem__):
        best.setdefault(content[row], row)

    first = first_of_content(np.array(content, np.uint64).reshape(-1, 2), np.array(rank, np.int64))

    assert first.tolist() == [best[value] for value in content]


# --- verify


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=20).map(" ".join), min_size=2, max_size=6), st.data())
def test_similarities_are_those_of_plain_sets(texts, data):
    row = st.integers(0, len(texts) - 1)
    wanted = data.draw(st.lists(st.tuples(row, row), max_size=8))
    left, right = (np.array([pair[side] for pair in wanted], np.int64) for side in (0, 1))
    prints = fingerprint(column(texts), PRINTS)
    found = verify(left, right, column(texts).take, prints.sizes, shingle_words=SIZE)

    for number, (first, second) in enumerate(wanted):
        a, b = plain_shingles(texts[first]), plain_shingles(texts[second])
        assert found.jaccard[number] == len(a & b) / max(1, len(a | b))
        assert found.left_in_right[number] == len(a & b) / max(1, len(a))
        assert found.right_in_left[number] == len(a & b) / max(1, len(b))


@pytest.mark.parametrize("pairs", [50, 2**62])
def test_each_partition_reads_its_texts_once_and_fits_the_memory(pairs):
    rng = np.random.default_rng(6)
    left, right = rng.integers(0, 300, (2, 2000))
    sizes = rng.integers(600, 12_000, 300).astype(np.uint32)
    parts = list(partitions(left, right, sizes, 1 << 18, pairs))

    assert sorted(np.concatenate(parts).tolist()) == list(range(2000))
    assert len(parts) > 1
    assert max(map(len, parts)) <= pairs
    for part in parts:
        rows = np.unique(np.concatenate([left[part], right[part]]))
        assert sizes[rows].sum() <= (1 << 18) + 12_000  # the left text of the group before


def reading(texts, most):
    """Return a source of texts that gives no more bytes of them at a time."""

    def read(rows):
        taken = texts.take(pa.array(rows))
        assert sum(map(len, taken.to_pylist())) <= most
        return taken

    return read


def test_long_texts_of_few_shingles_are_read_few_at_a_time():
    texts = column(["a " * 40_000] * 200)
    left, right = np.arange(199), np.arange(1, 200)
    sizes = fingerprint(texts, PRINTS).sizes
    found = verify(left, right, reading(texts, 1 << 19), sizes, shingle_words=SIZE, memory_mb=1)

    assert found.jaccard.tolist() == [1.0] * 199


def test_similarities_do_not_depend_on_the_partitions(monkeypatch):
    texts = column(invented(60))
    sizes = fingerprint(texts, PRINTS).sizes
    left, right = np.array(list(itertools.combinations(range(60), 2))).T
    whole = verify(left, right, texts.take, sizes, shingle_words=SIZE)
    monkeypatch.setattr("cleaners.match.verify.partitions", lambda *_: iter(np.array_split(np.argsort(right), 17)))
    cut = verify(left, right, texts.take, sizes, shingle_words=SIZE)

    assert (whole.jaccard == cut.jaccard).all()


# --- match


def test_every_planted_pair_is_found_and_every_reported_one_is_true():
    texts = invented(150)
    near = matched(texts).filter(pc.field("kind") == "near").to_pylist()
    found = {(row["left"], row["right"]): row["similarity"] for row in near}
    true = {pair: plain_jaccard(*(texts[row] for row in pair)) for pair in itertools.combinations(range(150), 2)}

    assert {pair for pair, jaccard in true.items() if jaccard >= 0.8} <= found.keys()
    assert found == {pair: true[pair] for pair in found}
    assert min(found.values()) >= MATCH.threshold


def test_identical_texts_are_each_paired_with_the_first_of_them():
    story = invented(1)[0]
    table = matched([story, invented(2)[1], story.upper(), story + "!"])

    assert table.select(["left", "right", "kind"]).to_pylist() == [
        {"left": 0, "right": 2, "kind": "exact"},
        {"left": 0, "right": 3, "kind": "exact"},
    ]


def test_short_texts_match_only_word_for_word():
    table = matched(["Rain on Monday", "rain on monday.", "Rain on Tuesday", "Rain"])

    assert table.select(["left", "right", "kind"]).to_pylist() == [{"left": 0, "right": 1, "kind": "exact"}]


def test_short_texts_are_never_read_again():
    texts = column([f"Rain {number}" for number in range(50)])
    read = []

    def source(rows):
        read.extend(rows.tolist())
        return texts.take(rows)

    assert match(source, 50, [fingerprint(texts, PRINTS)], MATCH, shingles=PRINTS).num_rows == 0
    assert read == []


def test_a_brief_and_its_report_overlap():
    words = invented(1, words=200)[0].split()
    report, brief = " ".join(words), " ".join(words[:135])
    [row] = matched([report, brief]).to_pylist()

    assert row["kind"] == "overlap"
    assert row["similarity"] == row["right_in_left"] == 1.0
    assert row["jaccard"] == plain_jaccard(report, brief) < MATCH.threshold


@pytest.mark.parametrize("share", [0.5, 0.7])
def test_reports_are_found_by_their_briefs(share):
    reports = invented(80, words=200)
    reports = [text for number, text in enumerate(reports) if number % 3 != 2]
    briefs = [" ".join(text.split()[: int(200 * share)]) for text in reports]
    found = matched(reports + briefs).filter(pc.field("kind") == "overlap")
    tied = set(zip(found["left"].to_pylist(), found["right"].to_pylist(), strict=True))

    assert sum((row, row + len(reports)) in tied for row in range(len(reports))) >= 0.95 * len(reports)


def test_a_crowd_is_compared_in_part_and_reported():
    texts = [f"{invented(1)[0]} edition {number}" for number in range(40)]
    few = matched(texts, MATCH.model_copy(update={"bucket_pairs": 10}))
    alone = {*range(40)} - {*few["left"].to_pylist()} - {*few["right"].to_pylist()}

    assert matched(texts).num_rows == 40 * 39 // 2
    assert 10 * 30 <= few.num_rows < 40 * 39 // 2
    assert not alone
    assert int(few.schema.metadata[b"crowded"]) > 0
    assert matched(texts).schema.metadata == {b"crowded": b"0"}


def test_no_texts_no_pairs():
    assert matched([]).schema == MATCHES
    assert matched(["", " "]).num_rows == 0
    assert match(column([]).take, 0, [], MATCH, shingles=PRINTS).schema == MATCHES


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_texts_changes_no_pair(seed):
    texts = invented(120)
    order = list(range(len(texts)))
    random.Random(seed).shuffle(order)  # noqa: S311  # a fixed seed
    shuffled = matched([texts[row] for row in order]).to_pylist()
    near = {frozenset((texts[order[row["left"]]], texts[order[row["right"]]])) for row in shuffled}

    assert near == {frozenset((texts[row["left"]], texts[row["right"]])) for row in matched(texts).to_pylist()}
