"""The quality signals of small texts, each worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaners.columns import SIGNALS
from cleaners.quality import tokens
from cleaners.quality.signals import MOST_BYTES, _tables, signals


def of(text: str, language: str | None = "en", page_types: list[str] | None = None) -> dict[str, Any]:
    """Return the signals of one text."""
    return table([text], language, page_types).to_pylist()[0]


def table(texts: list[str], language: str | None = "en", page_types: list[str] | None = None) -> pa.Table:
    strings = pa.large_string()
    return signals(
        pa.table(
            {
                "text": pa.array(texts, strings),
                "language": pa.array([language] * len(texts), strings),
                "page_types": pa.array([page_types] * len(texts), pa.list_(strings)),
            }
        )
    )


CASES = [
    # Words: The ferry sank off Orrel (19 letters of 5 words); marks: one full stop.
    ("The ferry sank off Orrel.", "mean_word_length", 4.0),
    ("The ferry sank off Orrel.", "alphabetic", 0.8333),
    ("The ferry sank off Orrel.", "sentences", 1),
    # 14 of 22 visible characters are digits, 1 is a symbol; the point in a number is none.
    ("Paid $12.50 on 3456 789012", "digits", 0.6364),
    ("Paid $12.50 on 3456 789012", "symbols", 0.0455),
    ("# a # b", "hashes", 0.5),
    ("Well… so it goes... on", "ellipses", 0.2857),
    ("Mr. Quill of the U.S. office came at 10.30 a.m. on Monday. He left.", "sentences", 2),
    ("He left.She stayed", "sentences", 2),
    ("What? No! Never. A headline", "sentences", 4),
    ("東京で雪が降った。人々は喜んだ。", "sentences", 2),
    ("- one\n• two\nthree", "bullet_lines", 0.6667),
    ("One...\nTwo…\nThree.\nFour", "ellipsis_lines", 0.5),
    ("It belongs to Quill & Co.\nIt is in the U.S.", "ellipsis_lines", 0.0),
    ("It belongs to Quill & Co.\nIt is in the U.S.", "punctuated_lines", 1.0),
    ("One.\nTwo!\nThree\nFour,", "punctuated_lines", 0.5),
    ("यह पहला है।\nयह दूसरा है", "punctuated_lines", 0.5),
    ("thirty characters are so short\nthirty-one characters are longer", "short_lines", 0.5),
    # 1 break, 5 words.
    ("one two\nthree four five", "line_breaks", 0.2),
    # 1 of 3 lines; 4 of 14 characters, of 12 that are no break.
    ("same\nline\nsame", "duplicate_lines", 0.3333),
    ("same\nline\nsame", "duplicate_line_characters", 0.2857),
    ("same\nline\nsame", "duplicate_characters", 0.3333),
    ("same\nline\nsame", "duplicate_paragraphs", 0.0),
    # Paragraphs "a\nb", "c", "a\nb"; 3 of 11 characters stood there before.
    ("a\nb\n\nc\n\na\nb", "duplicate_paragraphs", 0.3333),
    ("a\nb\n\nc\n\na\nb", "duplicate_paragraph_characters", 0.2727),
    # "ab cd" twice: 10 of 11 characters. Of three words as frequent, the first: "ab cd ab" once.
    ("ab cd ab cd", "top_2gram", 0.9091),
    ("ab cd ab cd", "top_3gram", 0.7273),
    ("ab cd ab cd", "top_4gram", 1.0),
    # Ten words, the second five repeat the first: 5 of 19 characters, spaces not counted.
    ("a b c d e a b c d e", "duplicate_5gram", 0.2632),
    ("a b c d e a b c d e", "duplicate_6gram", 0.0),
    # An overlap does not count twice: after a hit the walk goes on behind it. 17 words, 33 characters: at word 6 the
    # second "a b c d e f", at word 12 the third; 12 letters stood there before, a 17th word is left.
    ("a b c d e f a b c d e f a b c d e", "duplicate_6gram", 0.1818),
    ("the and", "gopher_words", 2),
    ("The AND the", "gopher_words", 1),
    ("to be or not to be", "gopher_words", 2),
    # the of and: 3 of 6 words among the 200 commonest of English (ferry, Orrel, quay are not).
    ("the ferry of Orrel and quay", "stop_words", 0.5),
    # C4 keeps the first line alone: the second has four words, the third no end, the fourth a policy in it.
    ("Five words are a line. Or two.\nOnly four in here.\nThis has no end at all\nRead the privacy policy of ours.",
     "c4_sentences", 2),
    ("He said: “It is over now.”", "c4_sentences", 1),
    ("It went on and on...", "c4_sentences", 0),
    ("Please turn on JavaScript", "javascript", True),
    ("The java script", "javascript", False),
    ("Lorem ipsum dolor", "lorem_ipsum", True),
    ("var a = {", "curly_bracket", True),
]  # fmt: skip


@pytest.mark.parametrize(("text", "signal", "value"), CASES)
def test_signals_are_as_worked_out_by_hand(text: str, signal: str, value: float) -> None:
    assert of(text)[signal] == value


def test_every_signal_is_worked_out_by_hand_or_has_a_test_of_its_own() -> None:
    like = {f"duplicate_{size}gram" for size in range(7, 11)}

    assert {signal for _, signal, _ in CASES} | like | {"page_kind"} == set(SIGNALS.names)


@pytest.mark.parametrize("size", range(5, 11))
def test_words_that_stand_twice_count_for_each_length_up_to_their_own(size: int) -> None:
    words = " ".join("abcdefghij"[:size])
    found = of(f"{words} x y z {words}")

    assert [found[f"duplicate_{n}gram"] > 0 for n in range(5, 11)] == [n <= size for n in range(5, 11)]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("It's O'Hara's", ["It", "'s", "O", "'Hara", "'s"]),
        ("10.5, 10:30 or 1,000", ["10.5", ",", "10:30", "or", "1,000"]),
        ("The U.S. is J. Quill's", ["The", "U.S.", "is", "J.", "Quill", "'s"]),
        ("ice-cold COVID-19 2-1", ["ice", "-", "cold", "COVID-19", "2", "-", "1"]),
        ("write a@orrel.example -- now...", ["write", "a@orrel.example", "--", "now", "..."]),
        ("東京 5年", ["東", "京", "5", "年"]),
        ("می\u200cروم", ["می", "روم"]),
        ("e\u0301t\u0301 🙂\ufe0f", ["e\u0301t\u0301", "🙂"]),
    ],
)
def test_a_text_is_cut_into_words_and_marks(text: str, cut: list[str]) -> None:
    assert pieces(text) == cut


def pieces(text: str) -> list[str]:
    """Return the tokens of a text, line breaks left out."""
    content = text.encode()
    points, out = np.empty(len(content) + 1, np.uint32), tokens.room(len(content) + 1)
    size = tokens.characters(np.frombuffer(content, np.uint8), 0, len(content), points)
    n = tokens.read(points, size, _tables(), out)
    return [text[out.at[k] : out.at[k] + out.size[k]] for k in range(n) if not out.kind[k] & tokens.LINE]


@pytest.mark.parametrize(
    ("text", "page_types", "kind"),
    [
        ("Rain fell on Orrel. " * 20, None, "article"),
        ("Rain fell on Orrel.", None, "stub"),
        ("東" * 49, None, "stub"),
        ("東" * 51, None, "article"),
        ("\n".join(f"{n}. A bridge that was built before the war" for n in range(1, 9)), None, "list"),
        ("\n".join(f"10:{n} The council went on about the bridge" for n in range(10, 19)), None, "live blog"),
        ("\n".join(f"10.{n} Uhr: Der Rat sprach über die Brücke" for n in range(10, 19)), None, "live blog"),
        ("\n".join(f"10.{n} points for the bridge, said the council" for n in range(10, 19)), None, "article"),
        ("Rain fell on Orrel. " * 20 + "\n- ferry\n- bridge" * 4, None, "article"),
        ("Rain fell on Orrel.\n" + "\n- a bridge that was built before the war" * 4, None, "list"),
        ("\n".join(f"{n}/8 The bridge as seen from the old quay" for n in range(1, 9)), None, "gallery"),
        ("Rain fell on Orrel. " * 20, ["NewsArticle", "LiveBlogPosting"], "live blog"),
        ("Rain fell on Orrel.", ["ImageGallery"], "gallery"),
        ("Rain fell on Orrel. " * 20, ["ImageGallery", "NewsArticle"], "article"),
        ("Rain fell on Orrel.", ["NewsArticle"], "stub"),
        (
            "10:30 is when it begins, and no earlier\n" + "The story goes on for a line or two more.\n" * 9,
            None,
            "article",
        ),
    ],
)
def test_kinds_of_page(text: str, page_types: list[str] | None, kind: str) -> None:
    assert of(text, page_types=page_types)["page_kind"] == kind


def test_a_language_without_a_list_has_no_share_of_stop_words() -> None:
    assert of("the ferry", None)["stop_words"] is None
    assert of("la la la", "xx")["stop_words"] is None
    assert of("der Hund und die Katze", "de")["stop_words"] == 0.6


@pytest.mark.parametrize("text", ["", " \n ", "…", "\u200b"])
def test_a_text_without_words_has_figures_too(text: str) -> None:
    assert of(text)["sentences"] == 0


def test_a_text_beyond_the_bound_is_measured_up_to_it() -> None:
    line = "東京で雪が降った。"
    size = len(line.encode())
    text = line * (MOST_BYTES // size + 9)

    assert of(text, "ja")["sentences"] == MOST_BYTES // size


def test_figures_do_not_depend_on_the_texts_beside() -> None:
    texts = [text for text, _, _ in CASES]

    assert table(texts).to_pylist() == [of(text) for text in texts]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), max_size=4))
def test_any_text_has_figures_in_their_bounds(texts: list[str]) -> None:
    for row in table(texts).to_pylist():
        assert all(value >= 0 for name, value in row.items() if name not in {"page_kind", "stop_words"})
        shares = [value for name, value in row.items() if "duplicate" in name or name.endswith("lines")]
        assert all(share <= 1 for share in shares)
