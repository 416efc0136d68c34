"""A headline that stands twice in one line: the second goes. No pattern can tell, since none may look back."""

from __future__ import annotations

from cleaners.rulebook import CATEGORIES, Rule
from cleaners.strip.scan import Span
from cleaners.strip.shape import ends, words

_LONGEST = 600  # characters of the line
_LEAST_WORDS = 4
_BETWEEN = ("", " ", " | ", " - ", " – ", " — ")
DOUBLED = Rule(
    id="doubled-headline",
    category="template_mangled",
    languages=("*",),
    where="span",
    pattern=(),
    removes="The second of two equal headlines on one line",
    why=CATEGORIES["template_mangled"].why,
    source="https://html.spec.whatwg.org/multipage/semantics.html#the-title-element",
    hits=("Bridge reopens after a year⟦ Bridge reopens after a year⟧",),
    misses=("Row, row, row your boat",),
)
"""What the edit is filed under."""


def doubled(line: str) -> tuple[Span, ...]:
    """Return the part of a line that says again all it said before, if that is a headline: no sentence, no verse.

    >>> line = "Bridge reopens after a year | Bridge reopens after a year"
    >>> [line[span.start : span.end] for span in doubled(line)]
    [' | Bridge reopens after a year']
    >>> doubled("He said it to them. He said it to them."), doubled("never again to sea, never again to sea")
    ((), ())
    """
    if len(line) > _LONGEST:
        return ()
    for sign in _BETWEEN:
        half, odd = divmod(len(line) - len(sign), 2)
        title = line[:half]
        if not odd and line[half:] == sign + title and words(title) >= _LEAST_WORDS and not ends(title):
            return (Span(half, len(line), DOUBLED),)
    return ()
