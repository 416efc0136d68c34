"""Invented reports for the tests of furniture."""

from __future__ import annotations

import random

import pyarrow as pa

PLACES = ["Orlec", "Tessin", "Marwick", "Dunholt", "Velm", "Karsby", "Lunde", "Pell", "Brannock", "Ilford", "Sedge"]
PEOPLE = ["Ada Marl", "Jon Tessier", "Mira Okoro", "Piet Vandel", "Lena Sundqvist", "Omar Haddad", "Rosa Quill"]
THINGS = ["dam", "ferry", "harbour", "school", "tram", "bakery", "museum", "orchard", "bridge", "library", "quarry"]
EVENTS = ["reopened", "caught fire", "was sold", "lost its roof", "won a prize", "closed for a week", "flooded"]
REMARKS = ["nobody expected it", "repairs would take until autumn", "the council must decide", "it cost too much"]


def story(seed: int, paragraphs: int = 7) -> list[str]:
    """Return the lines of an invented report; another seed, another report."""
    draw = random.Random(seed)  # noqa: S311  (a fixture, not a secret)

    def sentence() -> str:
        where, what = draw.choice(PLACES), draw.choice(THINGS)
        return (
            f"The {what} of {where} {draw.choice(EVENTS)} and {draw.choice(PEOPLE)} said that {draw.choice(REMARKS)}."
        )

    return [f"{sentence()} {sentence()}" for _ in range(paragraphs)]


def texts_of(pages: list[list[str]]) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(["\n".join(page) for page in pages], pa.large_string())])
