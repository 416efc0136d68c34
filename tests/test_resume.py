"""A run that goes on from the last one's walk ends as one over all at once, wherever its new parts stand."""

from __future__ import annotations

import copy
import dataclasses
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cleaners import leaders
from cleaners.cluster import KEPT, Comparison, Verified, cluster
from cleaners.config import ClusterSettings
from cleaners.match.bands import Bands
from cleaners.match.candidates import Candidates, band_keys, gathered
from cleaners.match.exact import ANY, first_of_content
from cleaners.match.stories import stories
from cleaners.shards import resume
from cleaners.shards.corpus import Corpus

SETTINGS = ClusterSettings.model_construct(bucket_leaders=4)
MOST, LEAST, LIKELY, THRESHOLD = 6, 2, 4, 0.5


@dataclasses.dataclass(frozen=True)
class Parts:
    """What stands for a corpus: the names of its parts, and where each begins."""

    keys: list[str]
    starts: np.ndarray


@dataclasses.dataclass(frozen=True)
class World:
    """Articles by number: which are in each part, their signatures, contents, merits, and how similar any two are."""

    parts: dict[str, list[int]]
    prints: list[np.ndarray]
    content: np.ndarray
    merit: np.ndarray
    truth: np.ndarray
    known: list[dict[tuple[int, int], float]] = dataclasses.field(default_factory=lambda: [{}, {}])

    def run(self, names: list[str], path: Path) -> tuple[Any, ...]:
        """Return the verdicts by article, the bounds, how many pairs were asked about, and what was recalled."""
        who = np.array([article for name in names for article in self.parts[name]], np.int64)
        n, asked = len(who), []
        corpus = Parts(names, np.cumsum([0, *(len(self.parts[name]) for name in names)]))
        order = np.argsort(np.argsort(who))  # any total order that is the same on every run
        first = first_of_content(np.stack([self.content[who], self.content[who]], axis=1).astype(np.uint64), order)
        alone = first == np.arange(n)
        last = resume.find(str(path), corpus, ["", ""])
        among = np.where(alone, last.novelty if last else ANY, 0).astype(np.uint8)
        met = [_met(prints[who], among) for prints in self.prints]
        story = stories(met[0], first, order, 4)
        rows = np.unique(np.concatenate([each.rows for each in met]))
        best = self.merit[who].copy()
        np.minimum.at(best, story, self.merit[who])
        ranked = [best[story[rows]]]

        def similar(left: np.ndarray, right: np.ndarray) -> np.ndarray:
            asked.extend(zip(left, right, strict=True))
            value = self.truth[who[left], who[right]]
            return np.where(value < 0.3, np.nan, value)  # so much a glance tells, and nobody remembers it

        kinds = zip(("near", "reworded"), met, (2**62, MOST), strict=True)
        ways = [Comparison(kind, each, THRESHOLD, LEAST, LIKELY, most) for kind, each, most in kinds]
        then = resume.recall(last, rows, first, story, ranked) if last else None
        if then:
            resume.doubt_full(then, met, SETTINGS.bucket_leaders)
            resume.unsettle(then, first, band_keys(self.prints[1][who], Bands(3, 2))[:, None])
        recalled = copy.deepcopy(then)
        rank, row_of = Corpus.rank(rows, story, order, ranked), {int(article): row for row, article in enumerate(who)}
        known = [_as_rows(pairs, row_of) for pairs in (self.known if then else [{}, {}])]
        verified, walk = cluster(rank, first, ways, [similar, similar], SETTINGS, known, then)
        for kept, pairs in zip(self.known, verified, strict=True):
            read = zip(who[pairs.left].tolist(), who[pairs.right].tolist(), pairs.similarity.tolist(), strict=True)
            kept |= {(a, b): value for a, b, value in read if not np.isnan(value)}
        resume.remember(str(path), corpus, rows, story, ranked, walk.memory, ["", ""])
        found = walk.verdicts
        verdicts = {
            int(article): (KEPT if c == KEPT else int(who[c]), int(k), None if c == KEPT else float(s))
            for article, c, k, s in zip(who, found.canonical, found.kind, found.similarity, strict=True)
        }
        return verdicts, walk.bounds.short.tolist(), len(asked), recalled


def _met(signatures: np.ndarray, among: np.ndarray) -> Candidates:
    """Return who met whom among some rows."""
    sketch = signatures.astype(np.uint8)
    return gathered(band_keys(signatures, Bands(3, 2))[:, None], among, sketch.__getitem__, 512)


def _as_rows(pairs: dict[tuple[int, int], float], row_of: dict[int, int]) -> Verified:
    """Return remembered pairs by today's rows."""
    rows = np.array([(row_of[a], row_of[b]) for a, b in pairs if {a, b} <= set(row_of)], np.int64).reshape(-1, 2)
    return Verified(rows[:, 0], rows[:, 1], np.array(list(pairs.values()), np.float64))


@st.composite
def worlds(draw):
    drawn = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sizes = {name: int(drawn.integers(0, 14)) for name in "abcd"}
    n = sum(sizes.values())
    named = np.split(drawn.permutation(n), np.cumsum(list(sizes.values()))[:-1])
    content = np.where(drawn.random(n) < 0.2, drawn.integers(0, max(n, 1), n), np.arange(n))
    prints = [drawn.integers(0, draw(st.integers(2, 8)), (n, 6), dtype=np.uint32) for _ in range(2)]
    prints[0] = prints[0][content]  # facts are told by capitals too, which say nothing about the content
    truth = np.tril(drawn.integers(0, 6, (n, n)) / 5 * (drawn.random((n, n)) < draw(st.sampled_from([0.2, 1]))))
    return World(
        {name: part.tolist() for name, part in zip(sizes, named, strict=True)},
        prints,
        content,
        drawn.integers(0, 4, n).astype(np.float64),
        truth + truth.T,
    )


@given(worlds(), st.permutations(list("abcd")), st.integers(1, 3), st.integers(1, 3))
def test_runs_over_more_and_more_parts_end_as_one_over_all(world, order, first, second):
    with tempfile.TemporaryDirectory() as folder:
        at_once = dataclasses.replace(world, known=[{}, {}]).run(list("abcd"), Path(folder, "at_once"))
        for count in (first, max(first, second), 4):
            grown = world.run(sorted(order[:count]), Path(folder, "grown"))

    assert at_once[3] is None
    assert grown[:2] == at_once[:2]


@given(worlds())
def test_where_nothing_is_touched_nothing_is_asked(world):
    strangers = [1000 + np.arange(18, dtype=np.uint32).reshape(3, 6) for _ in world.prints]
    n = len(world.content)
    truth = np.zeros((n + 3, n + 3))
    truth[:n, :n] = world.truth
    more = World(
        {"_": [n, n + 1], **world.parts, "z": [n + 2]},
        [np.concatenate([prints, others]) for prints, others in zip(world.prints, strangers, strict=True)],
        np.append(world.content, [n, n + 1, n + 2]),
        np.append(world.merit, [0, 0, 0]),
        truth,
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "grown")
        before = more.run(list("abcd"), path)
        after = more.run(["_", "a", "b", "c", "d", "z"], path)
    verdicts, short, asked, then = after

    assert {article: verdicts[article] for article in before[0]} == before[0]
    assert (short, asked) == (before[1], 0)
    assert sorted(np.flatnonzero(then.change == leaders.TOUCHED)) == [0, 1, n + 2]
    assert not (then.change & leaders.UPSET).any()
    copies = {article for article, (canonical, *_) in before[0].items() if canonical != KEPT}
    articles = [n, n + 1, *(article for name in "abcd" for article in world.parts[name]), n + 2]
    assert {article for article, kept in zip(articles, then.kept, strict=True) if not kept and article < n} <= copies
    assert then.kept[2:-1].all() == all(kind <= 0 for _, kind, _ in before[0].values())


def test_who_stands_for_a_content_instead_of_another_upsets_those_it_met(tmp_path):
    prints = np.array([[0, 0, n, n, n, n] for n in (1, 1, 2, 3)], np.uint32)  # they meet, and are no one story
    world = World({"a": [1, 2, 3], "b": [0]}, [prints, prints], np.array([1, 1, 2, 3]), np.zeros(4), np.ones((4, 4)))
    world.run(["a"], tmp_path / "walk")
    verdicts, _, _, then = world.run(["a", "b"], tmp_path / "walk")

    assert then.change.tolist() == [leaders.UPSET, 0, 0, leaders.TOUCHED | leaders.UPSET]
    assert {article: canonical for article, (canonical, *_) in verdicts.items()} == {0: KEPT, 1: 0, 2: 0, 3: 0}
