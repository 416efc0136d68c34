"""A rewording is told from an independent report, an update and a brief, on the two texts alone."""

import hashlib
import itertools
import json
import pathlib
import time
import tomllib
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stories import ORIGINAL, REWORDED, RIVAL, SPUN, UPDATE

from cleaners.cluster import Verdicts
from cleaners.columns import TEXT
from cleaners.config import RewordingSettings
from cleaners.facts import rarity, sets
from cleaners.facts.originality import originality
from cleaners.facts.reading import told_of
from cleaners.facts.scan import terms
from cleaners.rewording import glance
from cleaners.rewording.columns import MEASURES, VERSION
from cleaners.rewording.evidence import shared_and_not
from cleaners.rewording.machine import SLOTS, machine, table
from cleaners.rewording.measures import LEAST_SHARED, measures
from cleaners.rewording.prepare import SENTENCES, prepare
from cleaners.rewording.verify import KINDS, NOTHING, judge, verify, version
from cleaners.rewording.walks import falling_pairs, longest_rise
from cleaners.shards.evidence import REWORDED as OF_FACTS
from cleaners.shards.evidence import TOLD, evidence

SETTINGS = RewordingSettings()


def column(*texts):
    return pa.array(texts, pa.large_string())


def kind(one, other, settings=SETTINGS):
    found = verify(np.array([0]), np.array([1]), column(one, other).take, settings)
    return KINDS[found.kind[0]] if found.kind[0] != NOTHING else None


def figures(one, other):
    [row] = measures(prepare(column(one, other)), np.array([[0, 1]]))
    return dict(zip(MEASURES, row.tolist(), strict=True))


def test_a_report_in_other_words_is_reworded():
    assert kind(ORIGINAL, REWORDED) == "reworded"


@pytest.mark.parametrize("other", [ORIGINAL, REWORDED])
def test_an_independent_report_of_the_same_event_is_nothing(other):
    assert kind(other, RIVAL) is None


CASELESS = tomllib.loads(pathlib.Path(__file__).with_name("caseless.toml").read_text(encoding="utf-8"))["event"]


@pytest.mark.parametrize("event", CASELESS, ids=[event["language"] for event in CASELESS])
def test_where_capitals_mark_no_names_rewordings_are_told_from_independent_reports(event):
    assert kind(event["original"], event["reworded"]) == "reworded"
    assert kind(event["original"], event["independent"]) is None
    assert kind(event["reworded"], event["independent"]) is None


def test_an_update_overlaps():
    assert kind(ORIGINAL, UPDATE) == "overlap"
    assert kind(ORIGINAL, REWORDED[:600] + RIVAL) != "reworded"


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"name": "Heron", "count": 41, "port": "Marle"}, "overlap"),
        ({"name": "Heron", "count": 30, "port": "Orrel"}, "overlap"),
        ({"name": "Wren", "count": 41, "port": "Orrel"}, "overlap"),
        ({"name": "Wren", "count": 30, "port": "Orrel"}, "reworded"),
    ],
)
def test_a_form_filled_in_anew_is_no_rewording(other, expected):
    form = (
        "The ferry {name} ran aground off {port} on Monday with {count} people on board, and the coast guard said that "
        "nobody was hurt. It had left the harbour at noon to bring the {name} back to its owner. The captain told the "
        "court of {port} that fog had been thick, and that he would have turned back with the tide. A tug is to pull "
        "the {name} free at {count} minutes past six, when the water is high. All {count} passengers of the {name} "
        "spent the night in a school. They were given soup, and to some of them the mayor read a story."
    )

    assert kind(form.format(name="Wren", count=30, port="Orrel"), form.format(**other)) == expected


def test_below_the_least_words_nothing_is_said():
    first, second = (" ".join(text.split()[:20]) for text in (ORIGINAL, REWORDED))

    assert kind(first, first) is None
    assert kind(first, second) is None


def test_a_text_far_smaller_than_the_other_is_no_copy():
    brief, long = " ".join(REWORDED.split()[:30]), ORIGINAL + RIVAL + UPDATE

    assert kind(long, brief) != "reworded"


def test_the_figures_say_what_was_kept_and_what_was_changed():
    alike, other = figures(ORIGINAL, REWORDED), figures(ORIGINAL, ORIGINAL.replace("214", "180").replace("37", "52"))

    assert alike["numbers_of_b"] > 0.9
    assert alike["changed_numbers"] == 0
    assert alike["verbatim_of_b"] < 0.2
    assert other["changed_numbers"] > 0
    assert other["copied_of_b"] > 0.5


def test_facts_that_only_one_text_has_are_counted():
    told, one = (
        figures("Ada Quill lost 12 hens in Orrel.", "Ada Quill of Orrel lost 12 hens and 30 geese."),
        np.log(2) / 7,
    )

    own = [told[name] for name in ("own_facts_a", "own_numbers_a", "own_names_a", "own_facts_b")]
    assert own == pytest.approx([one, one, 0, 0])
    assert told["common_facts"] > told["common_numbers"] > 0


def test_a_text_beside_itself_is_covered_in_order():
    same = figures(ORIGINAL, ORIGINAL)

    for name in ("jaccard", "of_a", "aligned_b", "verbatim_of_a", "copied_of_b", "balance", "path_of_b", "neighbours"):
        assert same[name] == pytest.approx(1, abs=0.1), name
    for name in ("bare_a", "changed_numbers", "changed_names"):
        assert same[name] == 0, name


def test_the_order_of_sentences_counts():
    sentences = ORIGINAL.replace("\n", " ").split(". ")
    turned = figures(ORIGINAL, ". ".join(reversed(sentences)))

    assert turned["jaccard"] > 0.9
    assert turned["straight"] < figures(ORIGINAL, REWORDED)["straight"]
    assert turned["agreeing"] < 0.5


WORDS = st.sampled_from(
    [
        "Halvard",
        "Skarvik",
        "ferry",
        "reef",
        "214",
        "37",
        "diesel",
        "lighthouse",
        "Tveit",
        "March",
        "3",
        "said",
        ".",
        ",",
        "the",
        "a",
        "Nordhamn",
    ]
)
SALAD = st.lists(WORDS, max_size=60).map(" ".join)


@given(SALAD, SALAD)
@example("Halvard Halvard", "Halvard . Halvard")
def test_figures_lie_between_nought_and_one_and_do_not_care_who_is_left(one, other):
    pair = prepare(column(one, other))
    there, back = (measures(pair, np.array([rows])) for rows in ([0, 1], [1, 0]))

    assert ((there >= 0) & (there <= 1.0001)).all()
    assert (there == back).all()


@given(st.lists(SALAD, min_size=2, max_size=5))
def test_a_pair_is_judged_the_same_in_any_company(texts):
    places = np.array(list(itertools.combinations(range(len(texts)), 2)))
    together = judge(prepare(column(*texts)), places, SETTINGS)
    apart = [judge(prepare(column(texts[a], texts[b])), np.array([[0, 1]]), SETTINGS) for a, b in places]

    assert together.reworded.tolist() == [found.reworded[0] for found in apart]
    assert together.kind.tolist() == [found.kind[0] for found in apart]


@given(st.lists(st.integers(0, 30), max_size=12))
def test_walks_agree_with_counting(values):
    given_values = np.array(values, np.int64)
    rising = max(
        (len(some) for size in range(len(values) + 1) for some in itertools.combinations(values, size)
         if all(x < y for x, y in itertools.pairwise(some))),
        default=0,
    )  # fmt: skip
    falling = sum(x > y for x, y in itertools.combinations(values, 2))

    assert longest_rise(given_values, np.zeros(len(values), np.int64)) == rising
    assert falling_pairs(given_values.copy(), np.zeros(len(values), np.int64)) == falling


def test_no_pairs_give_no_verdicts():
    nobody = np.zeros(0, np.int64)

    assert len(verify(nobody, nobody, column().take, SETTINGS).kind) == 0


def test_no_more_bytes_of_text_are_read_at_one_time_than_are_allowed(monkeypatch):
    monkeypatch.setattr("cleaners.rewording.verify._BYTES", 50_000)
    monkeypatch.setattr("cleaners.shards.evidence._BYTES", 50_000)
    texts = column(*(f"{ORIGINAL} {'1 ' * 10_000}" for _ in range(20)))
    sizes, read = np.full(20, len(texts[0].as_py()), np.uint32), []

    def source(rows):
        taken = texts.take(pa.array(rows))
        read.append(sum(map(len, taken.to_pylist())))
        return taken

    found = verify(np.arange(19), np.arange(1, 20), source, SETTINGS, sizes)

    assert max(read) <= 3 * sizes[0]  # the last text of a group is the first of the next
    assert found.kind.tolist() == [KINDS.index("reworded")] * 19

    read.clear()
    verdicts = Verdicts(np.arange(20) - 1, np.full(20, OF_FACTS, np.int8), np.ones(20))
    ids = pa.array(map(str, range(20)), TEXT).take
    corpus = SimpleNamespace(ids=ids, texts=source, sizes=sizes, content=np.zeros((20, 2), np.uint64))
    shown, _ = evidence(verdicts, corpus, SETTINGS, TOLD.empty_table())

    assert max(read) <= 3 * sizes[0]
    assert shown.field("aligned").to_pylist() == [pytest.approx(1)] * 19
    [pair] = measures(prepare(texts.take([0, 1])), np.array([[0, 1]]))
    assert shown.field("machine").to_pylist() == [pytest.approx(pair[MEASURES.index("machine")])] * 19


def test_other_figures_of_a_pair_have_another_version():
    """What was decided by the old ones is found by their version: whoever changes a figure raises it."""
    told = column(ORIGINAL, REWORDED, SPUN, RIVAL, UPDATE)
    drawn = np.random.default_rng(1).normal(0, 3, SLOTS).astype(np.float32)
    by = table()._replace(each=0.5, weight=drawn)  # the trained words have a version of their own
    texts = prepare(told)._replace(machine=machine(terms(told), by))
    figures = measures(texts, np.array(list(itertools.combinations(range(5), 2))))
    digest = hashlib.sha256(figures.astype(np.float16).tobytes())

    assert (VERSION, digest.hexdigest()[:12]) == (2, "2e419bbb00fa")


@pytest.mark.parametrize(("other", "told"), [(REWORDED, "translated"), (UPDATE, "overlap")])
def test_only_what_shares_little_of_its_wording_can_be_a_translation(other, told):
    """A dozen short words of the one can look like another language."""
    two = prepare(column(ORIGINAL, other))._replace(language=np.array([0, 1], np.int16))
    found = judge(two, np.array([[0, 1]]), SETTINGS)

    assert KINDS[found.kind[0]] == told


DECIDES = (
    "LEAST_SHARED", "PRIOR", "SLOTS", "VERSION", "_ONE_LANGUAGE", "_SAME_WORDS", "_OTHER_NAMES", "_OTHER_NUMBERS",
    "unicodedata.unidata_version",
)  # fmt: skip


@pytest.mark.parametrize("decides", DECIDES)
def test_whatever_decides_on_a_pair_has_another_version(decides, monkeypatch):
    before = version()
    version.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(f"cleaners.rewording.verify.{decides}", 0.123)
        after = version()
    version.cache_clear()

    assert before == version() != after


@pytest.mark.parametrize("trained", ["coefficients.toml", "machine.toml", "glance.toml"])
def test_whatever_was_trained_anew_has_another_version(trained, monkeypatch, tmp_path):
    before = version()  # and what it is told of the words, which is kept
    files = pathlib.Path(prepare.__code__.co_filename).parent
    for name in ("coefficients.toml", "machine.toml", "glance.toml"):
        (tmp_path / name).write_bytes((files / name).read_bytes())
    version.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr("importlib.resources.files", lambda _: tmp_path)
        same = version()
        version.cache_clear()
        (tmp_path / trained).write_bytes(b"\n" + (tmp_path / trained).read_bytes())
        after = version()
    version.cache_clear()

    assert before == same != after


def test_only_the_measures_that_are_asked_for_are_kept():
    pair = np.array([0]), np.array([1])
    texts = column(ORIGINAL, REWORDED)
    wanted = ("length", "facts_of_b")
    all_of_them = measures(prepare(texts), np.array([[0, 1]]))
    found = verify(*pair, texts.take, SETTINGS, wanted=wanted).measures

    assert found.tolist() == all_of_them[:, [MEASURES.index(name) for name in wanted]].tolist()
    assert verify(*pair, texts.take, SETTINGS).measures.shape == (1, 0)


def test_long_and_monotonous_texts_stay_bounded():
    long = " ".join(f"Skarvik number {k} is Halvard." for k in range(20_000))
    figures(ORIGINAL, REWORDED)  # compiled before the clock starts
    prepared = prepare(column(long, long.replace("Halvard", "Tveit")))
    start = time.perf_counter()
    measures(prepared, np.array([[0, 1]]))

    assert time.perf_counter() - start < 5
    assert prepared.sentence.max() < SENTENCES


def test_an_original_looks_more_like_one_than_its_rewording():
    found = terms(column(ORIGINAL, SPUN))
    original, spun = originality(found, rarity.of_terms(found.term))

    assert original > spun


def test_evidence_names_shared_facts_and_figures_that_only_the_copy_has():
    told = shared_and_not(*told_of(column(ORIGINAL, REWORDED.replace("37 of them", "39 of them"))))

    assert {"Halvard", "214", "March 3", "Ingrid Tveit"} <= set(told.shared)
    assert told.unshared == ("39",)


def test_what_two_texts_share_is_the_same_before_and_after_they_are_read():
    texts = column(ORIGINAL, REWORDED, RIVAL)
    left, right = np.array([0, 0, 1]), np.array([1, 2, 2])
    glanced = glance.shared(sets.fact_sets(texts, SETTINGS).telling, left, right)
    measured = measures(prepare(texts), np.stack([left, right], axis=1))[:, MEASURES.index("jaccard")]

    np.testing.assert_allclose(glanced, measured, atol=1e-5)


@pytest.mark.shared
def test_rewordings_are_found_and_rival_reports_are_not(pytestconfig):
    folder = pytestconfig.rootpath.parent / "shared" / "data" / "rewrites"
    if not folder.exists():
        pytest.skip("the labelled rewordings are not beside the repository")
    docs = [json.loads(line) for line in (folder / "docs.jsonl").read_text(encoding="utf-8").splitlines()]
    pairs = [json.loads(line) for line in (folder / "pairs.jsonl").read_text(encoding="utf-8").splitlines()]
    row = {doc["id"]: number for number, doc in enumerate(docs)}
    texts = column(*(doc["text"] for doc in docs))
    left, right = (np.array([row[pair[end]] for pair in pairs]) for end in "ab")
    found = verify(left, right, texts.take, SETTINGS)
    label = np.array([pair["label"] for pair in pairs])

    assert (found.kind[label == "reworded"] == KINDS.index("reworded")).mean() >= 0.93
    assert (found.kind[label == "update"] == KINDS.index("overlap")).mean() >= 0.85
    assert (found.kind[label == "translated"] == KINDS.index("translated")).mean() >= 0.6
    assert (found.kind[label == "same_event"] == NOTHING).all()


def test_a_glance_counts_what_two_texts_share_in_whatever_order_the_pairs_come():
    """Many of these terms share a place in the table of a text."""
    draw = np.random.default_rng(3)
    told = [np.unique(draw.integers(0, 1 << 3, n) << 12 | draw.integers(0, 50, n)) for n in (0, 1, 60, 90, 200, 200)]
    offsets = np.cumsum([0, *map(len, told)])
    telling = sets.Sets(offsets, (np.concatenate(told) << 2).astype(np.uint32))
    left, right = (rows.ravel() for rows in np.meshgrid(np.arange(6), np.arange(6)))
    weight = rarity.weights()

    found = glance.shared(telling, left, right)

    for a, b, share in zip(left, right, found, strict=True):
        both, either = np.intersect1d(told[a], told[b]), np.union1d(told[a], told[b])
        assert share == pytest.approx(weight[both].sum() / max(weight[either].sum(), 1e-9), abs=1e-5)
    assert np.array_equal(glance.shared(telling, left[::-1], right[::-1]), found[::-1])


def test_a_glance_lets_rewordings_through_and_refuses_what_shares_a_few_words():
    texts = pa.array([ORIGINAL, REWORDED, "Rain fell on Orrel on Monday, and the hens of Ada Quill stayed in."])
    telling = sets.fact_sets(texts.cast(pa.large_string()), RewordingSettings()).telling
    ways = np.array([0, 1, 0]), np.array([1, 0, 2])

    assert glance.likely(telling, *ways, LEAST_SHARED).tolist() == [True, True, False]


def test_a_glance_sees_what_the_measures_see():
    texts = pa.array([ORIGINAL, REWORDED]).cast(pa.large_string())
    telling = sets.fact_sets(texts, RewordingSettings()).telling
    seen = glance.figures(telling, np.array([0]), np.array([1]))[0]
    figures = measures(prepare(texts), np.array([[0, 1]]))[0]

    assert seen == pytest.approx([figures[MEASURES.index(name)] for name in glance.MEASURES], abs=1e-5)


def test_a_glance_at_two_texts_that_tell_equally_much_is_the_same_from_either_side():
    texts = pa.array(["the Zyxwa of quorble", "the zyxwa of Vlemp"], pa.large_string())  # one shared, of two kinds
    telling = sets.fact_sets(texts, RewordingSettings()).telling
    there, back = (glance.figures(telling, *np.array([[first], [1 - first]])) for first in (0, 1))

    assert there.tolist() == back.tolist()
