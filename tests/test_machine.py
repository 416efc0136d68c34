"""How much a text reads like a language model's: what its words weigh, and nothing else."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stories import ORIGINAL, REWORDED

from cleaners.facts import lexicon, marks
from cleaners.facts.scan import terms
from cleaners.rewording.columns import MEASURES
from cleaners.rewording.machine import PRIOR, SLOTS, Table, machine, of_two, table, table_of
from cleaners.rewording.measures import measures
from cleaners.rewording.prepare import prepare

MODEL = (
    "Additionally, the initiative underscores a significant commitment to addressing these challenges, highlighting "
    "the importance of collaboration. Furthermore, it emphasizes the crucial role that communities play in fostering "
    "a more sustainable future, ultimately showcasing how innovative solutions can drive meaningful change."
)
REPORTER = (
    "The river rose two feet in the night and the mill yard was under water by six, the foreman said. Nobody was hurt. "
    "They had moved the grain up on Sunday, he said, after the lock keeper rang round. It was the third flood since "
    "the new weir was built, and some in the village say it won't be the last."
)


def column(*texts):
    return pa.array(texts, pa.large_string())


def read(*texts, by=None):
    return machine(terms(column(*texts)), by or table()).tolist()


def of_words(text, weigh):
    """Return the words of one text, what they and their pairs weigh, and by what that is divided."""
    found = terms(column(text))
    total, previous = 0.0, None
    for term, flags, sentence in zip(found.term, found.flags, found.sentence, strict=True):
        if flags & marks.FACT:
            previous = None
            continue
        total += weigh[term % SLOTS]
        if previous is not None and previous[1] == sentence:
            total += weigh[of_two(previous[0], term) % SLOTS]
        previous = term, sentence
    plain = sum(not flags & marks.FACT for flags in found.flags)
    return plain, total, plain + PRIOR


def test_a_models_words_are_told_from_a_reporters():
    reporter, model, both = read(REPORTER, MODEL, f"{REPORTER} {MODEL}")

    assert reporter < 0.25
    assert model > 0.75
    assert reporter < both <= model


@pytest.mark.parametrize(
    "text", ["", " ", "1 2 3", "Наводнение затопило мельницу ночью, сообщил староста.", "洪水は夜に村を襲った。"]
)
def test_of_a_language_that_it_does_not_know_nothing_is_said(text):
    """A table that finds a model everywhere does not find one in these."""
    everywhere = Table(9.0, np.zeros(SLOTS, np.float32), table().known)

    assert read(text, MODEL, by=everywhere) == [0, 1]


FACTS = {"names": " Orrel Skarvik Dunmere" * 25, "figures": " 12 9,041 3.5" * 25, "dates": " 3 May 2019," * 25}


@pytest.mark.parametrize("facts", FACTS.values(), ids=FACTS)
def test_names_and_figures_neither_weigh_nor_count(facts):
    """Else a subject that models were asked about, or a table of prices, would be one of theirs."""
    assert read(f"{REPORTER}\n{facts.strip()}.") == pytest.approx(read(REPORTER), abs=0.05)
    assert read(f"{MODEL}\n{facts.strip()}.")[0] > 0.75


def test_of_few_words_little_is_said():
    words = REPORTER.split()

    assert max(read(*(" ".join(words[:count]) for count in range(1, len(words), 3)))) < 0.4
    assert read("Additionally, it rained.")[0] < 0.25


WORDS = "the", "rain", "significant", "highlighting", "said", "Orrel", "12", "Monday", ".", "\n", "NATO", "despite"


def drawn(seed):
    return np.random.default_rng(seed).normal(0, 5, SLOTS).astype(np.float32)


@given(st.lists(st.sampled_from(WORDS), max_size=40), st.integers(0, 9).map(drawn))
def test_it_is_what_the_words_and_pairs_of_words_weigh_on_average(some, weigh):
    text = " ".join(["It was the", *some, "that they had."])
    known = np.ones(len(lexicon.LANGUAGES) + 1, bool)
    [found] = read(text, by=Table(0.5, weigh, known))

    plain, total, words = of_words(text, weigh)
    assert found == pytest.approx(min(max((0.5 * plain + total) / words, 0), 1), abs=1e-4)


def test_german_is_known_too():
    [model] = read(
        "Darüber hinaus unterstreicht die Initiative die Bedeutung der Zusammenarbeit und stellt einen wichtigen "
        "Schritt dar, um die Herausforderungen zu bewältigen. Zudem wird betont, dass eine nachhaltige Entwicklung "
        "von großer Bedeutung ist und sowohl die Gemeinden als auch die Unternehmen eine entscheidende Rolle spielen."
    )

    assert model > 0.25


def test_every_text_is_read_by_itself():
    texts = [MODEL, REPORTER, ORIGINAL, "", REWORDED]

    assert read(*texts) == [read(text)[0] for text in texts]


def test_a_pair_is_measured_by_the_one_that_reads_more_like_a_models_and_by_how_much():
    texts = prepare(column(MODEL + ORIGINAL, ORIGINAL))
    more, less = texts.machine.tolist()
    rows = measures(texts, np.array([[0, 1], [1, 0], [1, 1]]))[
        :, [MEASURES.index("machine"), MEASURES.index("machine_apart")]
    ]

    assert more > less
    assert rows == pytest.approx(np.array([[more, more - less], [more, more - less], [less, 0]]))


@pytest.mark.parametrize(
    "spoilt",
    [
        {"words": {"much": "12"}},
        {"words": {"1.0": "xyz"}},
        {"words": {"1.0": "fffffff"}},
        {"words": {"1.0": "-1"}},
        {"words": {"1.0": "12 12", "2.0": "12"}},
        {"words": {"1e39": "12"}},
        {"words": {"nan": "12"}},
        {"words": {"1.0": 3}},
        {"words": 1},
        {"each": "a"},
        {"each": float("inf")},
        {"languages": 1},
        {"languages": ["en", "xx"]},
    ],
    ids=repr,
)
def test_a_file_that_is_no_table_is_refused(spoilt):
    sound = {"each": 0.5, "languages": ["en"], "words": {"-1.50": "12 a0"}}

    assert table_of(sound).weight[[0x12, 0xA0, 1]].tolist() == [-1.5, -1.5, 0]
    with pytest.raises(ValueError, match=r"machine\.toml is no table of words: train it anew"):
        table_of(sound | spoilt)
