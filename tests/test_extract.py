"""Pages become exactly trafilatura's text with metadata and marks, and no page hurts another."""

from __future__ import annotations

import gzip
import importlib
import json
import logging
import os
import pathlib
import pickle
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest
import trafilatura
from hypothesis import given
from hypothesis import strategies as st

from cleaners.config import ExtractSettings
from cleaners.errors import RecordError
from cleaners.extract import body, isolated
from cleaners.extract.isolated import extract_all
from cleaners.extract.page import extract, from_html
from cleaners.extract.parse import PROTECTED, parse
from cleaners.language import identify
from cleaners.model import Article, Mark, Meta, RawArticle, Rejected, Source

HERE = pathlib.Path(__file__).parent
SHARED = HERE.parents[1] / "shared" / "data" / "pages"
SETTINGS = ExtractSettings()
SENTENCE = "The river rose by two metres on Tuesday night, the harbour office of the invented town of Velmar said. "
PARAGRAPHS = "".join(f"<p>{SENTENCE}It was storm number {n} of the winter.</p>" for n in range(6))
# Tables of this width keep trafilatura busy for minutes.
SLOW = f"<html><body>{PARAGRAPHS}<table><tr>{'<td>c</td>' * 60_000}</table></body></html>"


def page(inside: str, head: str = "") -> str:
    return f"<html lang='en'><head>{head}</head><body>{inside}</body></html>"


def record(name: str, html: str | None, text: str | None = None, **meta) -> RawArticle:
    return RawArticle(name, Source("crawl.warc", 1), html, text, Meta(**meta))


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in HERE.glob("pages/*/source.html")), ids=lambda p: p.name
)
def test_a_whole_page_gives_the_text_and_marks_that_a_person_read(folder):
    found = from_html((folder / "source.html").read_text(encoding="utf-8"), SETTINGS)

    assert (folder / "expected.txt").read_text(encoding="utf-8") == found.text + "\n"
    assert (folder / "marks.txt").read_text().splitlines() == [mark.name if mark else "-" for mark in found.marks]


def test_metadata_comes_from_the_page_in_utc():
    html = (HERE / "pages" / "harbour" / "source.html").read_text(encoding="utf-8")

    expected = Meta(
        url="https://courier.example/2031/02/11/orlo-ferry/",
        title="Ferry to Orlo Island stops for the winter",
        author="Ines Karvo",
        published=datetime(2031, 2, 11, 6, 30, tzinfo=UTC),
        source_name="The Velmar Courier",
        language="en",
        language_confidence=1.0,
        canonical_url="https://courier.example/2031/02/11/orlo-ferry/",
        page_types=("NewsArticle",),
    )
    assert expected == extract(record("a", html), SETTINGS).meta


def test_what_the_record_knew_is_not_overwritten():
    html = (HERE / "pages" / "harbour" / "source.html").read_text(encoding="utf-8")
    article = extract(record("a", html, url="https://fetched.example/x", title="Given"), SETTINGS)

    assert article.meta.url == "https://fetched.example/x"
    assert article.meta.title == "Given"
    assert article.meta.author == "Ines Karvo"


def test_a_text_passes_untouched_and_gets_its_language():
    text = "  Der Hafen bleibt\r\n\r\nbis zum ersten April geschlossen,\u200c sagte die Behörde.  \n"
    article = extract(record("t", None, text), SETTINGS)

    assert (text, (), "none", "de") == (article.text, article.marks, article.extractor, article.meta.language)


def test_an_article_has_a_mark_for_each_line_and_names_its_extractor():
    article = extract(record("a", page(PARAGRAPHS)), SETTINGS)

    assert len(article.marks) == len(article.text.split("\n"))
    assert article.extractor.startswith("trafilatura ")


@pytest.mark.parametrize(
    ("reason", "html", "settings"),
    [
        ("empty", "<!-- nothing -->", SETTINGS),
        ("no text", page("<script>var text = 'none';</script>"), SETTINGS),
        ("too deep", page("<div>" * 3000 + PARAGRAPHS), SETTINGS),
        ("too deep", page("<article>" + "<ul><li>x" * 900 + PARAGRAPHS), SETTINGS),
        ("too large", page("x" * 2_000_000), ExtractSettings(max_html_mb=1)),
        ("too short", page(PARAGRAPHS), ExtractSettings(min_words=5000)),
    ],
)
def test_a_page_that_gives_no_article_says_why(reason, html, settings):
    with pytest.raises(RecordError) as caught:
        extract(record("a", html), settings)

    assert reason == caught.value.reason


def test_an_empty_text_is_rejected():
    with pytest.raises(RecordError, match="no text"):
        extract(record("t", None, " \n "), SETTINGS)


def test_a_page_nested_deeper_than_libxml2_reads_by_default_keeps_its_text():
    deep = from_html(page("<div>" * 300 + PARAGRAPHS + "</div>" * 300), SETTINGS)

    assert from_html(page(PARAGRAPHS), SETTINGS).text == deep.text


def test_control_references_cost_a_page_nothing_but_themselves():
    harmed = PARAGRAPHS.replace("river", "ri&#1;ver&#x1f;&#0;&#55296;&#xFFFE;").replace("Tuesday", "Tues\x00day")

    assert from_html(page(PARAGRAPHS), SETTINGS).text == from_html(page(harmed), SETTINGS).text


def test_references_to_c1_mean_windows_1252_as_in_browsers():
    found = from_html(page(PARAGRAPHS + "<p>The mayor&#146;s office &#150; it said &#133;</p>"), SETTINGS).text

    assert found.endswith("The mayor’s office – it said …")


@pytest.mark.parametrize("char", list(PROTECTED), ids=lambda char: f"U+{ord(char):04X}")
@pytest.mark.parametrize("written", ["{0}", "&#{1};", "&#x{1:x};"])
def test_invisible_characters_with_a_meaning_survive(char, written):
    line = "می" + written.format(char, ord(char)) + "خواهم به خانه بروم و کتاب خود را بخوانم"
    found = from_html(page(PARAGRAPHS + f"<p>{line}</p>"), SETTINGS).text

    assert f"می{char}خواهم" in found


def test_protected_characters_survive_beside_their_usual_stand_ins():
    found = from_html(
        page(PARAGRAPHS + "<p>Dominoes \U0001f030\U0001f031 and a ri\u200cver in the same line.</p>"), SETTINGS
    )

    assert found.text.endswith("Dominoes \U0001f030\U0001f031 and a ri\u200cver in the same line.")


def test_a_lone_surrogate_does_not_reach_the_text():
    from_html(page(PARAGRAPHS.replace("river", "ri\ud800ver")), SETTINGS).text.encode("utf-8")


def test_a_line_that_is_one_link_is_told_from_a_line_with_a_link():
    found = from_html(
        page(
            f"<article>{PARAGRAPHS}<p><a href='/a'>Bridge closed <b>again</b> after the storm</a></p>"
            f"<p>{SENTENCE}<a href='/b'>Read on</a></p>"
            f"<p><a href='/c'>One story about the storm at sea</a> in full</p>"
            f"{PARAGRAPHS.replace('storm', 'flood')}</article>"
        ),
        SETTINGS,
    )
    marks = dict(zip(found.text.split("\n"), found.marks, strict=True))

    assert marks["Bridge closed again after the storm"] == Mark.LINK
    assert marks[f"{SENTENCE}Read on"] == Mark.NONE
    assert marks["One story about the storm at sea in full"] == Mark.LINKS


def test_the_class_of_what_holds_the_whole_article_says_nothing():
    found = from_html(page(f"<div class='content-with-newsletter'>{PARAGRAPHS}</div>"), SETTINGS)

    assert {Mark.NONE} == set(found.marks)


def test_emphasis_is_marked_only_where_it_covers_the_line():
    found = from_html(
        page(f"{PARAGRAPHS}<p><i>Translated by the desk.</i></p><p><b>Velmar</b> is a town.</p>"), SETTINGS
    )

    assert found.marks[-2:] == (Mark.EMPHASIS, Mark.NONE)


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        (
            "<meta property='article:published_time' content='2031-02-11T23:30:00-05:00'>",
            datetime(2031, 2, 12, 4, 30, tzinfo=UTC),
        ),
        (
            "<link rel='canonical' href='https://courier.example/2031/02/11/ferry.html'>",
            datetime(2031, 2, 11, tzinfo=UTC),
        ),
        (
            '<script type="application/ld+json">{"datePublished": "2031-02-11", broken</script>',
            datetime(2031, 2, 11, tzinfo=UTC),
        ),
        ("<meta name='date' content='1970-01-01T00:00:00Z'>", None),
        ("<meta name='date' content='2999-01-01'>", None),
    ],
)
def test_the_date_is_what_the_page_declares(declared, expected):
    assert expected == from_html(page(PARAGRAPHS, declared), SETTINGS).meta.published


def test_a_shown_byline_is_found_where_none_is_declared():
    found = from_html(page(f"<h1>Storm</h1><span class='author-name'>By Ines Karvo</span>{PARAGRAPHS}"), SETTINGS)

    assert found.meta.author == "Ines Karvo"


def test_the_text_decides_on_the_language_where_it_is_sure():
    german = (
        "<p>Der Hafen bleibt nach Angaben der Behörde bis zum ersten April geschlossen, weil Risse entdeckt wurden.</p>"
    )

    assert extract(record("a", page(german * 4)), SETTINGS).meta.language == "de"


@given(st.text(max_size=300))
def test_a_language_is_two_letters_or_undetermined(text):
    language, confidence = identify(text)

    assert language == "und" or (len(language) == 2 and language.islower())
    assert 0 <= confidence <= 1
    assert (language, confidence) == identify(text)


PIECES = """
<p> </p> <div> </div> <b> </b> <a> </a> <br> <li> <td> <script> </script> <blockquote> <table> <tr>
a b & < > &zwnj; &#1; \u200d
"""
MARKUP = st.sampled_from([*PIECES.split(), " ", "\x0b", "\n", SENTENCE, PARAGRAPHS])


@given(st.lists(MARKUP, max_size=25).map("".join))
def test_any_mark_up_gives_an_article_with_as_many_marks_as_lines_or_a_reason(html):
    try:
        found = from_html(html, SETTINGS)
    except RecordError as error:
        assert error.reason in {"empty", "no text"}  # noqa: PT017 (both outcomes are right)
    else:
        assert len(found.marks) == found.text.count("\n") + 1


@given(
    st.lists(
        MARKUP.filter(lambda piece: "zwnj" not in piece and "\u200d" not in piece and "&#" not in piece), max_size=25
    )
)
def test_the_short_cuts_change_no_text(pieces):
    assert_text_is_trafilaturas(page("".join(pieces)).replace("\x0b", " "))


@pytest.mark.parametrize(
    "inside",
    [
        f"<div>{PARAGRAPHS}</div><div class='comments'><p>{SENTENCE}I was there.</p></div>",
        f"<article>{PARAGRAPHS}<ol class='comment-list'><li>{SENTENCE}I was there.</li></ol></article>",
        f"<div><h1>Storm</h1>{PARAGRAPHS}</div><div class='infinite-scroll'><p>{SENTENCE}Another story.</p></div>",
        f"<article><p>{SENTENCE * 3}</p></article><div class='text-block'>{PARAGRAPHS * 4}</div>",
        f"<article><p>{SENTENCE * 4}</p></article><div class='more'>{'<div>' + SENTENCE + '</div>' * 50}</div>",
        f"<main><p>{SENTENCE * 4}</p></main>"
        + "".join(f"<div class='extra'><p>{SENTENCE}Part {n}.</p></div>" for n in range(40)),
        f"<article>{PARAGRAPHS}</article><div class='sidebar'>{PARAGRAPHS * 3}</div>",
    ],
    ids=["comments", "comment list", "endless scroll", "better rival", "long page", "many parts", "unlikely rival"],
)
def test_a_page_that_needs_the_long_way_gets_it(inside):
    assert_text_is_trafilaturas(page(inside))


def assert_text_is_trafilaturas(html: str) -> None:
    plain = trafilatura.extract(html, include_comments=False) or ""
    try:
        text = body.main_text(parse(html).tree)
    except ValueError:
        text = ""

    assert plain == text


def test_an_element_with_a_name_that_cannot_be_made_again_keeps_its_text():
    found = from_html(page(f"<blockquote><a<p>{SENTENCE}</blockquote>{PARAGRAPHS}"), SETTINGS)

    assert "storm number 5" in found.text


def test_the_short_cuts_leave_trafilatura_as_it_is():
    core, baseline = map(importlib.import_module, ("trafilatura.core", "trafilatura.baseline"))

    assert core.html2txt is baseline.html2txt
    assert body.VERSION in body.PROVEN


@pytest.mark.shared
def test_labelled_pages_give_exactly_the_text_of_trafilatura():
    logging.disable(logging.CRITICAL)
    files = [gzip.decompress(path.read_bytes()).splitlines() for path in sorted(SHARED.glob("*.jsonl.gz"))]
    for line in [line for lines in files for line in lines[::12]]:
        html = json.loads(line)["html"]
        plain = trafilatura.extract(html, include_comments=False) or ""
        tree, restore = parse(html)

        assert plain == body.main_text(tree).translate(dict.fromkeys(restore))
    logging.disable(logging.NOTSET)


def test_records_come_out_in_order_whatever_became_of_them():
    rejected = Rejected("r", Source("crawl.warc", 2), None, "read", "unreadable", "cut off")
    raws = [
        record("a", page(PARAGRAPHS)),
        rejected,
        record("t", None, SENTENCE),
        record("e", ""),
        record("b", page(PARAGRAPHS)),
    ]
    found = list(extract_all(iter(raws), SETTINGS))

    assert [item.id for item in found] == ["a", "r", "t", "e", "b"]
    assert [Article, Rejected, Article, Rejected, Article] == [type(item) for item in found]
    assert found[1] is rejected
    assert (found[3].stage, found[3].reason) == ("extract", "empty")
    assert found[0].text == found[4].text


def test_the_process_gives_what_the_function_gives():
    raw = record("a", (HERE / "pages" / "harbour" / "source.html").read_text(encoding="utf-8"))

    assert [extract(raw, SETTINGS)] == list(extract_all([raw], SETTINGS))


def test_no_language_is_looked_for_where_none_is_wanted(monkeypatch):
    monkeypatch.setattr("cleaners.extract.page.identify", lambda text: pytest.fail(f"looked at {text[:9]}"))
    raws = [record("a", page(PARAGRAPHS)), record("t", None, SENTENCE), record("n", None, SENTENCE, language="de")]
    found = extract_all(raws, SETTINGS, languages=False)

    assert [item.meta.language for item in found] == [None, None, "de"]


def test_the_same_html_is_extracted_once(monkeypatch):
    asked = []
    ask = isolated._Worker.ask
    monkeypatch.setattr(
        isolated._Worker, "ask", lambda self, pages, settings: (asked.extend(pages), ask(self, pages, settings))
    )
    raws = [record(str(n), page(PARAGRAPHS), url=f"https://courier.example/{n}") for n in range(40)]
    found = list(extract_all(raws, SETTINGS))

    assert len(asked) == 1
    assert [f"https://courier.example/{n}" for n in range(40)] == [article.meta.url for article in found]


def test_text_starts_no_process(monkeypatch):
    monkeypatch.setattr(isolated, "_take", lambda: pytest.fail("a process was started"))

    assert len(list(extract_all([record(str(n), None, SENTENCE) for n in range(40)], SETTINGS))) == 40


def test_a_page_that_takes_too_long_is_rejected_and_the_others_are_unharmed():
    raws = [
        record("a", page(PARAGRAPHS)),
        record("slow", SLOW),
        record("b", page(PARAGRAPHS.replace("storm", "flood"))),
    ]
    found = list(extract_all(raws, ExtractSettings(timeout_s=0.5)))

    assert [item.id for item in found] == ["a", "slow", "b"]
    assert [getattr(item, "reason", None) for item in found] == [None, "timeout", None]


def test_a_crash_is_a_rejection_of_the_page_at_hand():
    worker = isolated._Worker()
    worker.ask([SLOW, page(PARAGRAPHS)], SETTINGS)
    os.kill(worker.process.pid, signal.SIGSEGV)
    crash, good = worker.outcomes()
    worker.stop()

    assert (crash.reason, crash.detail) == ("crash", f"signal {signal.SIGSEGV.value}")
    assert good.text.startswith("The river rose")


def test_a_page_whose_process_somebody_else_killed_is_tried_once_more():
    worker = isolated._Worker()
    os.kill(worker.process.pid, signal.SIGSTOP)
    worker.ask([page(PARAGRAPHS), page(PARAGRAPHS)], SETTINGS)
    os.kill(worker.process.pid, signal.SIGKILL)
    first, second = worker.outcomes()
    worker.stop()

    assert first == second
    assert not isinstance(first, RecordError)


def test_a_process_killed_while_idle_is_replaced():
    worker = isolated._Worker()
    worker.process.kill()
    worker.process.wait()
    worker.ask([page(PARAGRAPHS)], SETTINGS)
    outcomes = worker.outcomes()
    worker.stop()

    assert outcomes[0].text.startswith("The river rose")


def test_a_generator_left_early_leaves_no_busy_process():
    before = len(isolated._idle)
    articles = extract_all((record(str(n), page(f"{PARAGRAPHS}<p>{n}</p>")) for n in range(100)), SETTINGS)
    next(articles)
    articles.close()

    assert len(isolated._idle) <= before + 1
    assert all(not worker.bodies for worker in isolated._idle)


def test_outcomes_survive_the_way_between_processes():
    found = from_html(page(PARAGRAPHS), SETTINGS)

    assert found == pickle.loads(pickle.dumps(found))  # noqa: S301 (our own)


def test_hash_seed_and_order_of_pages_change_nothing():
    script = (
        "import sys; from cleaners.extract.page import from_html; from cleaners.config import ExtractSettings\n"
        "pages = sys.stdin.read().split('\\0')\n"
        "order = pages if sys.argv[1] == '1' else pages[::-1]\n"
        "found = {html: from_html(html, ExtractSettings()) for html in order}\n"
        "print([found[html] for html in pages])"
    )
    pages = [page(PARAGRAPHS + extra) for extra in ("", "<p>One more line.</p>", f"<ul><li>{SENTENCE}</ul>")]
    pages.append((HERE / "pages" / "harbour" / "source.html").read_text(encoding="utf-8"))
    printed = {
        subprocess.run(
            [sys.executable, "-c", script, seed],
            input="\0".join(pages),
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(HERE.parent)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(printed) == 1
