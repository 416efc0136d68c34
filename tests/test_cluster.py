"""A copy is a copy of something kept, whatever was known before and in whatever order things came."""

import dataclasses
import random
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cleaners import leaders, sketches
from cleaners.cluster import KEPT, Comparison, Memory, Verified, cluster, sweep
from cleaners.config import ClusterSettings, FingerprintSettings, MatchSettings
from cleaners.fingerprint.columns import fingerprint
from cleaners.match.bands import Bands, bands_for, least_agreement
from cleaners.match.candidates import candidates
from cleaners.match.exact import first_of_content
from cleaners.match.verify import verify
from cleaners.shards.resume import doubt_full

CLUSTER = ClusterSettings()
PRINTS = FingerprintSettings()
MATCH = MatchSettings()
THRESHOLD = 0.5


@dataclasses.dataclass(frozen=True)
class Met:
    """Candidates written by hand."""

    rows: np.ndarray
    offsets: np.ndarray
    buckets: np.ndarray
    sketch: np.ndarray


@dataclasses.dataclass(frozen=True)
class World:
    """Some articles, who met whom in each comparison, and how similar any two would turn out to be."""

    rank: np.ndarray
    first: np.ndarray
    met: list[Met]
    truth: list[np.ndarray]
    sketches: list[np.ndarray]

    def comparisons(self, likely=2):
        kinds = ("near", "reworded")
        return [Comparison(kind, met, THRESHOLD, 1, likely) for kind, met in zip(kinds, self.met, strict=False)]

    def verify(self):
        return [lambda left, right, table=table: table[left, right] for table in self.truth]

    def candidates(self, number, row, other):
        """Tell whether two rows share a bucket and at least one place of their sketches."""
        buckets = [set(), set()]
        met = self.met[number]
        for place, name in enumerate(met.rows.tolist()):
            inside = set(met.buckets[met.offsets[place] : met.offsets[place + 1]].tolist())
            buckets[0] |= inside if name == row else set()
            buckets[1] |= inside if name == other else set()
        sketch = self.sketches[number]
        return bool(buckets[0] & buckets[1]) and (sketch[row] == sketch[other]).any()


def hand_made(memberships, sketch):
    """Return candidates from a list of (row, bucket)."""
    memberships = sorted(memberships)
    rows = sorted({row for row, _ in memberships})
    counts = [sum(row == wanted for row, _ in memberships) for wanted in rows]
    buckets = np.array([bucket for _, bucket in memberships], np.int32)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Met(np.array(rows, np.int64), offsets, buckets, sketch[rows].astype(np.uint8))


@st.composite
def worlds(draw, comparisons=2):
    n = draw(st.integers(1, 9))
    seed = draw(st.randoms(use_true_random=False))
    numpy_seed = np.random.default_rng(seed.randrange(2**32))
    rank = numpy_seed.permutation(n)
    # Identical copies share a content number; the first of a content is its best ranked row.
    content = [seed.randrange(n) if seed.random() < 0.3 else row for row in range(n)]
    first = np.array(
        [min((r for r in range(n) if content[r] == content[row]), key=rank.__getitem__) for row in range(n)]
    )
    met, truth, sketches = [], [], []
    for _ in range(comparisons):
        firsts = [row for row in range(n) if first[row] == row]
        memberships = {(row, seed.randrange(4)) for row in firsts for _ in range(seed.randrange(4))}
        sketch = numpy_seed.integers(0, 2, (n, 3))
        table = numpy_seed.integers(0, 5, (n, n)) / 4
        met.append(hand_made(memberships, sketch))
        sketches.append(sketch)
        truth.append(np.maximum(table, table.T))
    return World(rank, first, met, truth, sketches)


def plain_clusters(world):
    """Follow the rule to the letter: best first, kept unless like a kept one; the most alike of those is canonical."""
    kept, verdict = [], {}
    for row in sorted(range(len(world.rank)), key=world.rank.__getitem__):
        if world.first[row] != row:
            continue
        for number, truth in enumerate(world.truth):
            matching = [k for k in kept if world.candidates(number, row, k) and truth[row, k] >= THRESHOLD]
            if matching:
                canonical = min(matching, key=lambda k: (-truth[row, k], world.rank[k]))
                verdict[row] = (canonical, number + 1, truth[row, canonical])
                break
        else:
            kept.append(row)
            verdict[row] = (KEPT, -1, None)
    for row in range(len(world.rank)):
        leader = int(world.first[row])
        if leader != row:
            verdict[row] = (leader, 0, 1.0) if verdict[leader][0] == KEPT else verdict[leader]
    return [verdict[row] for row in range(len(world.rank))]


def told(verdicts):
    columns = (verdicts.canonical.tolist(), verdicts.kind.tolist(), verdicts.similarity.tolist())
    return [(c, k, None if c == KEPT else s) for c, k, s in zip(*columns, strict=True)]


@given(worlds())
def test_verdicts_are_those_of_the_rule_in_plain_words(world):
    _, (verdicts, _, bounds, _) = cluster(world.rank, world.first, world.comparisons(), world.verify(), CLUSTER)

    assert told(verdicts) == plain_clusters(world)
    assert bounds.crowded.tolist() == []


@given(worlds(), st.integers(0, 4))
def test_guesses_leave_no_trace(world, likely):
    _, (verdicts, *_) = cluster(world.rank, world.first, world.comparisons(likely), world.verify(), CLUSTER)

    assert told(verdicts) == plain_clusters(world)


@given(worlds(), st.randoms(use_true_random=False))
def test_what_was_verified_before_changes_nothing(world, draw):
    n = len(world.rank)
    known = []
    for truth in world.truth:
        pairs = [(a, b) for a in range(n) for b in range(a) if draw.random() < 0.5]
        draw.shuffle(pairs)
        sides = [np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1)]
        known.append(Verified(*sides, truth[sides[0], sides[1]]))
    _, (verdicts, *_) = cluster(world.rank, world.first, world.comparisons(), world.verify(), CLUSTER, known)

    assert told(verdicts) == plain_clusters(world)


@given(worlds())
def test_with_all_it_asked_for_a_sweep_asks_nothing(world):
    comparisons = world.comparisons()
    known, _ = cluster(world.rank, world.first, comparisons, world.verify(), CLUSTER)
    again = sweep(world.rank, world.first, comparisons, known, CLUSTER)

    assert [len(left) for left, _ in again.asked] == [0, 0]
    assert all(len({*zip(*(map(tuple, np.sort([v.left, v.right], 0))), strict=True)}) == len(v.left) for v in known)


@given(worlds(comparisons=1))
def test_every_copy_names_a_kept_article_that_it_matches(world):
    _, (verdicts, *_) = cluster(world.rank, world.first, world.comparisons(), world.verify(), CLUSTER)
    copies = np.flatnonzero(verdicts.canonical != KEPT)

    assert (verdicts.canonical[verdicts.canonical[copies]] == KEPT).all()
    assert (verdicts.similarity[copies] >= THRESHOLD).all()
    assert (world.rank[verdicts.canonical[copies]] < world.rank[copies]).all()


def crowd(n, buckets=1):
    """Return the comparison of n articles that all met each other."""
    sketch = np.zeros((n, 4), np.int64)
    met = hand_made([(row, bucket) for row in range(n) for bucket in range(buckets)], sketch)
    return Comparison("near", met, THRESHOLD, 1, 2)


def test_a_cluster_costs_one_comparison_a_copy():
    n = 500
    order = np.random.default_rng(8).permutation(n)
    [verified], (verdicts, *_) = cluster(
        order, np.arange(n), [crowd(n, buckets=5)], [lambda left, _: np.ones(len(left))], CLUSTER
    )

    assert len(verified.left) == n - 1
    assert (verdicts.canonical != KEPT).sum() == n - 1
    assert set(verdicts.canonical.tolist()) == {KEPT, int(np.argmin(order))}


def test_a_full_bucket_is_reported():
    n = 60
    settings = ClusterSettings(bucket_leaders=10)
    [verified], (verdicts, _, bounds, _) = cluster(
        np.arange(n), np.arange(n), [crowd(n)], [lambda left, _: np.zeros(len(left))], settings
    )

    assert bounds.crowded.tolist() == [[0, 0, n - 10]]
    assert (verdicts.canonical == KEPT).all()
    assert len(verified.left) == sum(min(row, 10) for row in range(n))


# --- going on from an earlier run


class Growth(NamedTuple):
    """Signatures of articles of which the first `old` were there before, and their order then and now."""

    old: int
    prints: list[np.ndarray]
    truth: np.ndarray
    rank_then: np.ndarray
    rank: np.ndarray
    moved: np.ndarray

    def comparisons(self, n, most, likely):
        met = [candidates(prints[:n], np.ones(n, np.bool_), Bands(3, 2)) for prints in self.prints]
        kinds = ("near", "reworded")
        return [Comparison(kind, each, THRESHOLD, 2, likely, most) for kind, each in zip(kinds, met, strict=True)]

    def verify(self, asked):
        def similar(left, right):
            asked.extend(zip(left.tolist(), right.tolist(), strict=True))
            return self.truth[left, right]

        return [similar, lambda left, right: similar(left, right) * self.truth[right, left]]

    def memory(self, then):
        """Return what is still known of the run before, some of it upset."""
        n, old = len(self.rank), self.old
        memory = Memory.blank(n, 2)
        memory.kept[:old], memory.settled[:old] = then.kept, then.settled
        for name in ("left_out", "compared", "reach"):
            getattr(memory, name)[:, :old] = getattr(then, name)
        for column in ("canonical", "kind", "similarity"):
            getattr(memory.verdicts, column)[:old] = getattr(then.verdicts, column)
        memory.change[self.moved], memory.change[old:] = leaders.UPSET, leaders.TOUCHED
        memory.kept[memory.change > 0] = memory.settled[memory.change > 0] = False
        memory.stood[:] = memory.kept
        for number, reached in enumerate(memory.reached):
            decided = (memory.verdicts.canonical < 0) | (memory.verdicts.kind > number)
            reached[:] = np.where(memory.settled & decided, memory.reach[number], 0)
        return memory


@st.composite
def growths(draw):
    drawn = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    old, new = draw(st.integers(1, 40)), draw(st.integers(0, 6))
    n = old + new
    prints = [drawn.integers(0, draw(st.integers(2, 6)), (n, 6), dtype=np.uint32) for _ in range(2)]
    truth = np.tril(drawn.integers(0, 6, (n, n)) / 5 * (drawn.random((n, n)) < draw(st.sampled_from([0.1, 1]))))
    rank = drawn.permutation(n)
    then = np.argsort(np.argsort(rank[:old])).astype(float)
    moved = np.flatnonzero(drawn.random(old) < draw(st.sampled_from([0, 0, 0.1])))
    then[moved] = drawn.uniform(-1, old, len(moved))
    return Growth(old, prints, truth + truth.T, np.argsort(np.argsort(then)), rank, moved)


@given(growths(), st.sampled_from([2, 8, 2**62]), st.sampled_from([2, 5, 1000]), st.integers(2, 7))
def test_a_run_that_goes_on_ends_as_one_over_all_at_once(growth, most, room, likely):
    settings = ClusterSettings.model_construct(bucket_leaders=room)
    n, old = len(growth.rank), growth.old
    before = growth.comparisons(old, most, likely)
    known, then = cluster(growth.rank_then, np.arange(old), before, growth.verify([]), settings)
    comparisons = growth.comparisons(n, most, likely)
    _, at_once = cluster(growth.rank, np.arange(n), comparisons, growth.verify([]), settings)
    memory = growth.memory(then.memory)
    doubt_full(memory, [each.candidates for each in comparisons], room)
    _, grown = cluster(growth.rank, np.arange(n), comparisons, growth.verify([]), settings, known, memory)

    assert told(grown.verdicts) == told(at_once.verdicts)
    assert grown.bounds.short.tolist() == at_once.bounds.short.tolist()
    assert sorted(grown.bounds.crowded.tolist()) == sorted(at_once.bounds.crowded.tolist())
    assert grown.memory.kept.tolist() == at_once.memory.kept.tolist()
    assert grown.memory.left_out.tolist() == at_once.memory.left_out.tolist()


@given(growths())
def test_a_run_that_goes_on_asks_nothing_where_what_is_new_is_like_nobody(growth):
    assume(not len(growth.moved))
    n, old = len(growth.rank), growth.old
    alone = 100 + np.arange((n - old) * 6, dtype=np.uint32).reshape(-1, 6)
    growth = growth._replace(prints=[np.concatenate([prints[:old], alone]) for prints in growth.prints])
    before = growth.comparisons(old, 2**62, 7)
    _, then = cluster(growth.rank_then, np.arange(old), before, growth.verify([]), CLUSTER)
    asked, memory = [], growth.memory(then.memory)
    cluster(growth.rank, np.arange(n), growth.comparisons(n, 2**62, 7), growth.verify(asked), CLUSTER, None, memory)

    assert asked == []


# --- with real signatures


def invented(count, seed=11, words=90):
    """Families of texts: each text is a light or a heavier edit of some earlier one, so chains of likeness abound."""
    draw = random.Random(seed)  # noqa: S311  # a fixed seed, for invented texts
    vocabulary = [f"w{number}" for number in range(3000)]
    texts = [draw.choices(vocabulary, k=words) for _ in range(count // 6)]
    while len(texts) < count:
        text = list(draw.choice(texts))
        for _ in range(draw.choice([0, 1, 2, 3, 4])):
            text[draw.randrange(words)] = draw.choice(vocabulary)
        texts.append(text)
    return [" ".join(text) for text in texts]


def clustered(texts, verified=None, asked=None):
    """Return {text number: (canonical, kind, similarity)} and the verified pairs, texts named by their numbers."""
    names = np.array([int(name) for name, _ in texts])
    column = pa.array([text for _, text in texts], pa.large_string())
    prints = fingerprint(column, PRINTS)
    rank = np.argsort(np.argsort(names))
    first = first_of_content(prints.content, rank)
    bands = bands_for(MATCH.threshold, MATCH.recall, PRINTS.permutations)
    met = candidates(prints.signatures, prints.valid & (first == np.arange(len(texts))), bands)
    least = least_agreement(MATCH.threshold, PRINTS.permutations, MATCH.deviations)
    comparison = Comparison("near", met, MATCH.threshold, least, 90)

    def jaccard(left, right):
        if asked is not None:
            asked.extend(zip(names[left].tolist(), names[right].tolist(), strict=True))
        return verify(left, right, column.take, prints.sizes, shingle_words=5).jaccard

    known = None
    if verified is not None:
        row_of = {name: row for row, name in enumerate(names.tolist())}
        sides = [np.array([row_of[name] for name in side.tolist()], np.int64) for side in verified[:2]]
        known = [Verified(*sides, verified.similarity)]
    [pairs], (verdicts, *_) = cluster(rank, first, [comparison], [jaccard], CLUSTER, known)
    canonical = [KEPT if row == KEPT else names[row] for row in verdicts.canonical.tolist()]
    told_of = dict(zip(names.tolist(), zip(canonical, verdicts.kind.tolist(), strict=True), strict=True))
    return told_of, Verified(names[pairs.left], names[pairs.right], pairs.similarity)


@pytest.fixture(scope="module")
def family():
    return list(enumerate(invented(400)))


@pytest.mark.parametrize("seed", range(3))
def test_shuffled_articles_get_the_same_verdicts(family, seed):
    shuffled = random.Random(seed).sample(family, len(family))  # noqa: S311  # a fixed seed

    assert clustered(shuffled)[0] == clustered(family)[0]


@pytest.mark.parametrize("seed", range(3))
def test_added_articles_end_as_if_all_had_come_at_once(family, seed):
    shuffled = random.Random(seed).sample(family, len(family))  # noqa: S311  # a fixed seed
    _, verified = clustered(shuffled[:380])
    asked = []
    grown, _ = clustered(shuffled, verified, asked)
    before = {frozenset(pair) for pair in zip(verified.left.tolist(), verified.right.tolist(), strict=True)}

    assert grown == clustered(family)[0]
    assert not before & {frozenset(pair) for pair in asked}
    assert len(asked) < len(before) / 2


def test_articles_that_share_half_their_words_stay_apart_and_copies_among_them_are_found():
    draw = random.Random(21)  # noqa: S311  # a fixed seed, for invented texts
    vocabulary = [f"w{number}" for number in range(3000)]
    template = draw.choices(vocabulary, k=80)
    own = [draw.choices(vocabulary, k=80) for _ in range(600)]
    for text in own[:40]:
        copied = list(text)
        copied[draw.randrange(80)] = "changed"
        own.append(copied)
    articles = list(enumerate(" ".join(template[:40] + text + template[40:]) for text in own))
    asked = []
    told_of, _ = clustered(articles, asked=asked)

    assert {copy: told_of[copy][0] for copy in range(600, 640)} == {600 + number: number for number in range(40)}
    assert all(told_of[article][0] == KEPT for article in range(600))
    assert len(asked) < 3 * 40


def test_an_article_is_compared_with_so_many_and_the_rest_is_told():
    met = hand_made([(0, 0), (1, 0), (2, 0), (3, 1), (4, 1)], np.zeros((5, 8), np.int64))
    asked = []

    def alike(left, right):
        asked.extend(zip(left.tolist(), right.tolist(), strict=True))
        return np.zeros(len(left))

    few = Comparison("reworded", met, 0.5, 1, 9, 1)
    _, (_, _, bounds, _) = cluster(np.arange(5), np.arange(5), [few], [alike], CLUSTER)

    assert sorted(asked) == [(0, 1), (3, 4)]
    assert bounds.short.tolist() == [[1, 2]]


def test_what_is_told_of_the_rest_is_at_most_what_it_was():
    """All three meet twice, and all pairs are compared in the first bucket: for the second there is no room."""
    met = hand_made([(row, bucket) for row in range(3) for bucket in range(2)], np.zeros((3, 8), np.int64))
    asked = []

    def unlike(left, right):
        asked.extend(zip(left.tolist(), right.tolist(), strict=True))
        return np.zeros(len(left))

    few = Comparison("reworded", met, 0.5, 1, 9, 3)
    _, (_, _, bounds, _) = cluster(np.arange(3), np.arange(3), [few], [unlike], CLUSTER)

    assert sorted(asked) == [(0, 1), (0, 2), (1, 2)]
    assert bounds.short.tolist() == [[1, 2]]


@pytest.mark.parametrize("places", [16, 64, 100, 200])
def test_sketches_of_any_width_agree_in_as_many_places_as_they_have_in_common(places: int) -> None:
    given = np.random.default_rng(places).integers(0, 3, (4, places), dtype=np.uint8)

    found = [[sketches.agreement(given, left, right) for right in range(4)] for left in range(4)]

    assert found == (given[:, None] == given[None]).sum(axis=2).tolist()
