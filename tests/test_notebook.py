"""What a notebook shows: the section of the README runs as it stands, and nothing scraped becomes mark-up."""

from __future__ import annotations

import ast
import html.parser
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaners.model import Edit, Stripped
from cleaners.spans import apply
from cleaners.strip.engine import strip_text
from cleaners.visible import FAMILIES, cuts_html

ROOT = Path(__file__).resolve().parent.parent
SECTION = (ROOT / "README.md").read_text(encoding="utf-8").partition("## In a notebook")[2].partition("\n## ")[0]


class Shown(html.parser.HTMLParser):
    """What a browser would show: the text outside and inside of cuts, and the tags."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.kept, self.struck, self.tags = "", "", set[str]()
        self._inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.tags.add(tag)
        self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002
        self._inside.pop()

    def handle_data(self, data: str) -> None:
        if "del" in self._inside:
            self.struck += data
        elif "small" not in self._inside:
            self.kept += data


def test_the_section_of_the_readme_runs_and_says_what_it_says(monkeypatch) -> None:
    monkeypatch.chdir(ROOT)
    code, told = re.findall(r"```(?:python|text)\n(.*?)```", SECTION, re.DOTALL)
    body = ast.parse(code)
    last = ast.Expression(body.body.pop().value)  # type: ignore[attr-defined]
    shown: list[str] = []
    names = {"display": lambda article: shown.append(article._repr_html_())}
    exec(compile(body, "README.md", "exec"), names)  # noqa: S102  (our own page)

    assert len(shown) == 10
    assert all("<del" in page for page in shown)
    assert eval(compile(last, "README.md", "eval"), names) == ast.literal_eval(told)  # noqa: S307  (the same)


def test_a_text_shows_its_cuts() -> None:
    stripped = strip_text("The bridge reopened on Monday.\n\nShare on Facebook\n")
    shown = Shown(stripped._repr_html_())

    assert shown.struck == "Share on Facebook"
    assert "The bridge reopened on Monday." in shown.kept
    assert "share widget</small>" in stripped._repr_html_()


@given(st.lists(st.tuples(st.text(max_size=20), st.text(min_size=1, max_size=20), st.booleans()), max_size=5))
def test_nothing_scraped_becomes_mark_up_and_nothing_is_lost(pieces: list[tuple[str, str, bool]]) -> None:
    text, edits = "", []
    for kept, cut, repaired in pieces:
        text += kept
        after, category = ("é", "repair") if repaired else ("", cut)
        edits.append(Edit(len(text), len(text) + len(cut), cut, after, f"<b {cut}", category))
        text += cut
    page = Stripped(apply(text, edits), tuple(edits))._repr_html_()

    assert Shown(page).tags <= {"div", "del", "ins", "small"}
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", page)


def test_the_kept_text_stands_there_whole() -> None:
    text = "One.\n\nTweet\n\nTwo & <three>.\n\nShare\n\nFour."
    edits = [Edit(4, 11, "\n\nTweet", "", "t", "share_widget"), Edit(27, 34, "\n\nShare", "", "s", "share_widget")]
    shown = Shown(cuts_html(apply(text, edits), edits))

    assert shown.struck == "TweetShare"
    assert shown.kept.split() == ["One.", "Two", "&", "<three>.", "Four."]


@pytest.mark.parametrize("family", [*FAMILIES, "other"])
def test_every_family_can_be_read_on_white_and_on_black(family: str) -> None:
    [category, *_] = FAMILIES.get(family, ("unheard of",))
    page = cuts_html("", [Edit(0, 3, "cut", "", "rule", category)])
    [*channels] = (int(part, 16) / 255 for part in re.search("#(..)(..)(..)", page).groups())  # type: ignore[union-attr]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    light = sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

    assert min(1.05 / (light + 0.05), (light + 0.05) / 0.05) >= 4  # of 21; both at once cannot have more than 4.58
