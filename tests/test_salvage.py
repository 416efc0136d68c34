"""Facts in struck lines fill what is empty in the metadata, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaners.model import Edit, Meta
from cleaners.strip.salvage import salvage

TAIL = """World - Latest - Wire Mirror
March 14, 2026 at 01:06AM
https://ift.tt/3kxyz
Ferry runs aground off Orrel, 40 taken off - Orrel Courier
0 Response to "Ferry runs aground off Orrel, 40 taken off - Orrel Courier\""""


def struck(text: str, category: str = "aggregator_tail") -> list[Edit]:
    """Return one strike for each line."""
    return [Edit(at, at + len(line), line, "", "some-rule", category) for at, line in enumerate(text.split("\n"))]


def test_an_aggregator_tail_tells_headline_outlet_and_date() -> None:
    meta, filled = salvage(Meta(), struck(TAIL))

    assert meta.title == "Ferry runs aground off Orrel, 40 taken off"
    assert meta.source_name == "Orrel Courier"
    assert meta.published == datetime(2026, 3, 14, 1, 6, tzinfo=UTC)
    assert meta.url is None, "a link shortener is no canonical address"
    assert filled == ("title", "source_name", "published")


def test_what_is_known_stays() -> None:
    known = Meta(title="Ferry aground", source_name="Courier", published=datetime(2026, 3, 13, tzinfo=UTC))

    assert salvage(known, struck(TAIL)) == (known, ())


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("By Ada Quill", "author", "Ada Quill"),
        ("Von Jette Marbach", "author", "Jette Marbach"),
        ("Source: https://courier.example/ferry", "url", "https://courier.example/ferry"),
        ("2026-03-14 10:00", "published", datetime(2026, 3, 14, 10, tzinfo=UTC)),
        ("14 March 2026", "published", datetime(2026, 3, 14, tzinfo=UTC)),
        ("By 2027 the bridge will be done", "author", None),
        ("By the time it reopened", "author", None),
        ("14 March", "published", None),
        ("5 comments", "published", None),
        ("Read it at https://courier.example/ferry today", "url", None),
        ("World - Latest", "title", None),
        ("By Dana Whitlock, Staff Writer", "author", "Dana Whitlock"),
        ("By Dana Whitlock | Quay News", "author", "Dana Whitlock"),
        ("Auteur : Luc Marchand", "author", "Luc Marchand"),
        ("Por Ana Morales | Madrid", "author", "Ana Morales"),
        ("Oleh Sari van der Meer", "author", "Sari van der Meer"),
        ("By Associated Press", "author", None),
        ("By Staff Reporter", "author", None),
        ("Von der Redaktion", "author", None),
        ("Von Orrel nach Velm", "author", None),
        ("Read the original article at https://courier.example/ferry", "url", "https://courier.example/ferry"),
        ("Quelle: https://bote.example/faehre", "url", "https://bote.example/faehre"),
        ("Lire l'article original : https://journal.example/ferry", "url", "https://journal.example/ferry"),
        ("出典： https://shinpo.example/ferry", "url", "https://shinpo.example/ferry"),
        ("Read more: https://courier.example/other-story", "url", None),
        ("Follow: https://twitter.com/orrelcourier", "url", None),
        ("Source: https://www.google.com/url?q=x", "url", None),
        ("Veröffentlicht am 3. März 2024, 10:05 Uhr", "published", datetime(2024, 3, 3, 10, 5, tzinfo=UTC)),
        ("Publié le 3 mars 2024", "published", datetime(2024, 3, 3, tzinfo=UTC)),
        ("Publicado el 3 de marzo de 2024", "published", datetime(2024, 3, 3, tzinfo=UTC)),
        ("Published: March 3, 2024", "published", datetime(2024, 3, 3, tzinfo=UTC)),
        ("03.04.2024", "published", datetime(2024, 4, 3, tzinfo=UTC)),
        ("03/04/2024", "published", None),
        ("Aktualisiert am 3. März 2024", "published", None),
        (
            "The post Ferry runs aground off Orrel appeared first on Orrel Courier.",
            "title",
            "Ferry runs aground off Orrel",
        ),
        ("The post Ferry runs aground off Orrel appeared first on Orrel Courier.", "source_name", "Orrel Courier"),
    ],
)
def test_a_line_tells_what_it_holds_and_no_more(line: str, field: str, value: object) -> None:
    meta, _ = salvage(Meta(), struck(line, "byline_dateline_meta"))

    assert getattr(meta, field) == value


def test_content_that_was_only_repaired_tells_nothing() -> None:
    repaired = [Edit(0, 12, "By Ada Quill", "By Ada Quill.", "white-space", "byline_dateline_meta")]

    assert salvage(Meta(), repaired) == (Meta(), ())


@given(st.text(max_size=300))
def test_any_struck_text_is_survived(text: str) -> None:
    salvage(Meta(), struck(text))
