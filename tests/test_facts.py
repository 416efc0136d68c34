"""Facts are found whatever way they are written, at the place where they stand, and in any text whatever."""

import hashlib
import time
import unicodedata
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaners.config import RewordingSettings
from cleaners.facts import marks, rarity, scan, sets
from cleaners.facts.lexicon import LANGUAGES
from cleaners.facts.reading import told_of
from cleaners.facts.scan import blocks, terms
from cleaners.rewording.prepare import prepare


def column(*texts):
    return pa.array(texts, pa.large_string())


class Fact(NamedTuple):
    """A fact as it is told."""

    key: int
    kind: str
    written: str


def facts(text):
    """Return the facts of one text."""
    [told] = told_of(column(text))
    return list(map(Fact, *told))


def only(text):
    """Return the one figure of a text."""
    [fact] = [fact for fact in facts(text) if fact.kind in ("number", "date")]
    return fact


@pytest.mark.parametrize(
    "ways",
    [
        ("12.9bn", "12.9 billion", "12,9 Mrd.", "12,9 Milliarden", "12.9 млрд", "12,9 miliarda", "12 900 000 000"),
        ("12,000", "12.000", "12 000", "12’000", "12000", "12 thousand", "12k", "twelve thousand", "zwölf Tausend"),
        ("25", "twenty-five", "٢٥", "２５"),
        ("5", "five", "fünf", "cinco", "pięć", "пять", "5th"),
        ("0.5", "0,5"),
    ],
)
def test_a_number_is_the_same_however_it_is_written(ways):
    assert len({only(f"There were {way} of them.").key for way in ways}) == 1


@pytest.mark.parametrize(("one", "other"), [("1.5", "15"), ("12", "12,000"), ("3 million", "3 billion"), ("7", "8")])
def test_other_numbers_are_other_facts(one, other):
    assert only(f"There were {one} of them.").key != only(f"There were {other} of them.").key


@pytest.mark.parametrize(
    "written",
    [
        "Nov. 19", "November 19", "19 November", "19th of November", "19. November", "19 de noviembre", "19 listopada",
        "19 ноября", "2019-11-19", "19.11.2019", "11/19/2019", "11月19日", "11월 19일",
    ],
)  # fmt: skip
def test_a_date_is_the_same_however_it_is_written(written):
    fact = only(f"on {written}")

    assert (fact.kind, fact.key) == ("date", only("on 19 November").key)
    assert fact.written == written


def test_the_month_comes_first_between_slashes_unless_it_cannot():
    assert only("on 3/4/2021").key == only("on 4 March").key
    assert only("on 31/4/2021").key == only("on 31 April").key


@pytest.mark.parametrize("word", ["march", "mars", "may", "jan", "set"])
def test_a_month_that_is_also_a_word_counts_only_beside_a_day(word):
    assert not any(fact.kind == "date" for fact in facts(f"they {word} with us again"))


def test_a_full_stop_after_an_abbreviation_ends_no_sentence():
    found = terms(column("Mr. Quill met J. Orrel of the U.S. team on Nov. 19. They left."))

    assert int(found.sentence.max()) == 1


def test_words_that_open_a_sentence_are_names_only_if_they_are_names_elsewhere():
    text = "Bread was dear. Quill baked it. Nobody but Quill did."

    assert [fact.written for fact in facts(text) if fact.kind == "name"] == ["Quill", "Quill"]


def test_text_in_capitals_has_no_names():
    text = "RIVER FLOODS ORREL AGAIN AS RAIN FALLS ON QUILL COUNTY"

    assert not any(fact.kind == "name" for fact in facts(text))


@pytest.mark.parametrize(("one", "other"), [("São", "Sao"), ("Łódź", "lodz"), ("Ёлка", "елка"), ("naïve", "NAIVE")])
def test_accents_and_case_do_not_matter(one, other):
    assert terms(column(one)).term.tolist() == terms(column(other)).term.tolist()


def test_composed_and_decomposed_letters_are_the_same():
    word = "Ångström é"

    assert (
        terms(column(unicodedata.normalize("NFC", word))).term.tolist()
        == terms(column(unicodedata.normalize("NFD", word))).term.tolist()
    )


def test_scripts_without_spaces_are_read_by_neighbouring_characters():
    found = terms(column("東京で会議"))

    assert len(found.term) == 4
    assert len(set(terms(column("会議で東京")).term.tolist()) & set(found.term.tolist())) == 2


def test_handles_and_addresses_are_seen():
    found = {fact.written: fact for fact in facts("She wrote to @quill, see https://orrel.example/a?b=c.")}

    assert found["@quill"].kind == found["https://orrel.example/a?b=c"].kind == "handle"
    assert found["https://orrel.example/a?b=c"].key == facts("see https://orrel.example/a for")[-1].key


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The bridge was closed because it had been hit by a ship and there was no other way to the island."),
        (
            "de",
            "Die Brücke wurde gesperrt, weil sie von einem Schiff getroffen worden war und es keinen anderen Weg gab.",
        ),
        (
            "pl",
            "Most został zamknięty, ponieważ uderzył w niego statek, i nie było innej drogi na wyspę od strony lądu.",
        ),
        (
            "ru",
            "Мост был закрыт, потому что в него врезалось судно, и на остров не было другого пути, так как это было.",
        ),
    ],
)
def test_the_language_is_told_by_common_words(language, text):
    assert list(LANGUAGES)[terms(column(text)).language[0]] == language


def test_what_stands_in_quotes_is_seen():
    text = "She wrote „Regen in Orrel“ to Quill."
    found = terms(column(text))
    quoted = (found.flags & marks.QUOTED) > 0

    assert [
        text.encode()[start:end].decode() for start, end in zip(found.start[quoted], found.end[quoted], strict=True)
    ] == ["Regen", "in", "Orrel"]


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_facts_stand_in_the_text_one_after_the_other(text):
    at = 0
    for fact in facts(text):
        assert fact.written in text[at:]
        at = text.index(fact.written, at) + len(fact.written)


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=60), max_size=6))
def test_a_text_has_the_same_terms_in_any_company(texts):
    together = terms(column(*texts))
    alone = [terms(column(text)) for text in texts]

    assert together.term.tolist() == [term for found in alone for term in found.term.tolist()]
    assert together.flags.tolist() == [flag for found in alone for flag in found.flags.tolist()]
    assert together.offsets.tolist() == np.cumsum([0, *(len(found.term) for found in alone)]).tolist()


def test_slices_and_nulls_of_a_column_are_read_in_place():
    texts = pa.array(["zero", "one Quill", None, "two Orrel"], pa.large_string())

    assert terms(texts.slice(1)).offsets.tolist() == [0, 2, 2, 4]
    assert terms(texts.slice(3)).term.tolist() == terms(column("two Orrel")).term.tolist()


@pytest.mark.parametrize(
    "unit",
    ["9", "9,", "9:99", "a.", "A.", "@", "@a", "\u0301", "„", '"', "www.", "http://", "月", "9月9", "ก", "-1/2/", "\n"],
)
def test_hostile_text_takes_no_longer_than_other_text(unit):
    text = unit * (300_000 // len(unit))
    terms(column("warm"))
    start = time.perf_counter()
    terms(column(text))

    assert time.perf_counter() - start < 5


def test_blocks_are_the_column_again():
    texts = column(*("word " * 25_000 for _ in range(7)))

    assert [len(block) for block in blocks(texts)] == [3, 2, 2]


def test_what_stands_everywhere_weighs_less_than_what_stands_once():
    the, harvest, village = (rarity.of_terms(terms(column(word)).term)[0] for word in ("the", "harvest", "zyx"))

    assert 0 <= the < harvest < village <= 7.61


def test_a_common_word_of_any_listed_language_is_common():
    assert rarity.of_terms(terms(column("nicht")).term)[0] < rarity.of_terms(terms(column("Regenschauer")).term)[0]


def test_days_tell_reports_of_a_series_apart_however_common_they_are():
    tuesday, march, the = (rarity.of_terms(terms(column(word)).term)[0] for word in ("Tuesday", "avril", "the"))

    assert the < sets.TELLING < tuesday == march


def test_weekdays_and_months_are_dates():
    found = terms(column("It rained on Tuesday and in April."))

    assert ((found.flags & marks.DATE) > 0).sum() == 2


def test_telling_terms_are_those_a_text_is_compared_by():
    text = "Ada Quill lost 12 hens in Orrel on Tuesday, and the hens were not found."
    telling = sets.fact_sets(column(text), RewordingSettings()).telling

    assert (telling.hashes >> 2).tolist() == sorted({term % 2**30 for term in prepare(column(text)).term.tolist()})


def test_telling_terms_know_facts_from_words_and_figures_from_names():
    def mark(text, written):
        telling = sets.fact_sets(column(text), RewordingSettings()).telling.hashes.tolist()
        [term] = {fact.key for fact in facts(text) if fact.written == written}
        [found] = [int(key) & 3 for key in telling if key >> 2 == term % 2**30]
        return found

    text = "They say that Quill lost 12 pangolins."

    assert mark(text, "pangolins") == 0
    assert mark(text, "Quill") == sets.FACT
    assert mark(text, "12") == sets.FACT | sets.FIGURE


def test_a_word_of_many_alphabets_before_an_address_is_read_once():
    assert len(terms(column("éU://@" * 3 + " end")).term) <= 9


@pytest.mark.parametrize(
    ("name", "weight", "more"), [("Zyxwa", 2, 2), ("Zyxwa", 1, 1), ("Zyxwa", 0, 0), ("Paris", 2, 0)]
)
def test_rare_facts_count_more_than_rare_words(name, weight, more):
    settings = RewordingSettings(fact_weight=weight)
    found = sets.fact_sets(column(f"They met {name}", f"They met {name.lower()}", ""), settings).facts
    fact, word, nothing = np.diff(found.offsets).tolist()

    assert (fact - word, nothing) == (more, 0)


def test_a_set_of_few_facts_is_filled_up_with_commoner_words():
    """Two short texts without a rare word have a set all the same; what few facts are left out of changes nothing."""
    short = "the price of the service was higher than many people there had ever expected"
    rare = " ".join(f"zyx{letter}wa" for letter in "abcdefghijklmnopqrstuvwxyz")
    found = sets.fact_sets(column(short, rare, f"{rare} {short}"), RewordingSettings()).facts
    few, many, both = (set(found.hashes[found.offsets[i] : found.offsets[i + 1]].tolist()) for i in range(3))

    assert len(few) >= 4
    assert len(many) >= 64
    assert both == many


def test_sets_do_not_depend_on_order_or_repetition():
    one, other = "they saw Quill and later that day Orrel", "later that day they saw Orrel and Quill, Quill, Quill"
    found = sets.fact_sets(column(one, other), RewordingSettings()).facts
    first, second = (found.hashes[found.offsets[i] : found.offsets[i + 1]].tolist() for i in (0, 1))

    assert sorted(first) == sorted(second) == sorted(set(first))


def test_another_reading_of_texts_has_another_version():
    """What was made with the old one is found by its version: whoever changes what is read raises it."""
    found = terms(
        column(
            'Ada Quill told @orrel on Nov. 19 that 12.9bn of it, twenty-five percent, "had gone" to www.orrel.example.',
            "Am Montag, 3. März 2019, öffnete die Brücke um 10:30 Uhr; U.S. 3/5/2019. NAÏVE Ωmega",
            "東京で11月19日に会った。 Встреча 5 мая. 한국 3월 5일",
        )
    )
    facts, telling = sets._select(found, (found.term % 61 / 8).astype(np.float32), 3.5, 2)
    digest = hashlib.sha256()
    for read in (*found, *facts, *telling):
        digest.update(np.ascontiguousarray(read).tobytes())

    assert (scan.VERSION, digest.hexdigest()[:12]) == (2, "227c4bd1b020")


def test_marks_do_not_share_a_bit():
    every = [marks.COMMON, marks.NAME, marks.NUMBER, marks.DATE, marks.QUOTED, marks.HANDLE, marks.HEAD, marks.CAPITAL]

    assert sum(every) == 255
