"""Lines of the extracted text → what the page's mark-up says about each.

Extraction drops the mark-up, so each line is found again on the page by its letters: first as a whole block, then as
a stretch of the page's text. All tests leave out white space, which extraction changes freely.
"""

from __future__ import annotations

import bisect
import itertools
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from lxml.etree import iterwalk

from cleaners.extract.words import said
from cleaners.model import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.html import HtmlElement

# Elements that begin a line of their own.
_BLOCK_NAMES = """
address article aside blockquote body br button caption center dd details dialog div dl dt fieldset figcaption figure
footer form h1 h2 h3 h4 h5 h6 header hr html label legend li main menu nav ol option p pre section select summary table
tbody td tfoot th thead tr ul
"""
BLOCKS = frozenset(_BLOCK_NAMES.split())
# What these hold is no text that a reader sees.
_UNSEEN = frozenset(("head", "noscript", "script", "style", "template", "textarea"))
# Numbers: operations on flags take ten times as long.
_LINK, _LINKS, _EMPHASIS, _APART = Mark.LINK.value, Mark.LINKS.value, Mark.EMPHASIS.value, Mark.APART.value
# Blocks inside blocks because of what they are.
_NESTED = (Mark.LIST | Mark.TABLE | Mark.QUOTE | Mark.HEADING).value
_EMPHASISED = frozenset(("b", "em", "i", "small", "strong"))
# Ancestors looked at above a piece of text; deeper ones are the frame of the page.
_HEIGHT = 40
# An element that holds more than this share of the article is its container: its names say nothing about a line.
_CONTAINER = 0.3
# Code points of the page searched for lines that are no block of their own, as a multiple of the page.
_SEARCHED = 50
# Code points at the beginning of a line that must agree where the rest was changed by extraction.
_HEAD = 24


class Piece(NamedTuple):
    """A text node: its length without white space, and the element it stands in."""

    length: int
    inside: HtmlElement


class Run(NamedTuple):
    """The text between two block boundaries, without white space, beginning at `start` of the page's letters."""

    letters: str
    start: int
    pieces: list[Piece]


def marks(text: str, tree: HtmlElement) -> tuple[Mark, ...]:
    r"""Return a mark for each line (cut at ``\n``) of the text that was extracted from the tree.

    Lines that cannot be found on the page, and empty ones, have `Mark.NONE`.

    >>> import lxml.html
    >>> tree = lxml.html.document_fromstring("<p>Rain fell.</p><div class=related><p><a href=/>More rain</a></p></div>")
    >>> marks("Rain fell.\nMore rain", tree)
    (<Mark.NONE: 0>, <Mark.LINK|RELATED|APART: 65793>)
    """
    page = _Page(tree)
    found = [page.find(line) for line in text.split("\n")]
    holders = [_ancestors(pieces) for pieces in found]
    held: Counter[HtmlElement] = Counter()
    lines: Counter[HtmlElement] = Counter()
    for pieces, ancestors in zip(found, holders, strict=True):
        length = sum(piece.length for piece in pieces)
        for element in ancestors:
            held[element] += length
            lines[element] += 1
    most = _CONTAINER * sum(piece.length for pieces in found for piece in pieces)
    containers = {element for element, length in held.items() if length > most and lines[element] > 1}
    known: dict[HtmlElement, int] = {}
    depths = [_depth(ancestors, containers) for ancestors in holders]
    usual = _usual(depths, [sum(piece.length for piece in pieces) for pieces in found])
    marked = [
        _inline(pieces) | _inherited(ancestors, containers, known) if pieces else 0
        for pieces, ancestors in zip(found, holders, strict=True)
    ]
    return tuple(
        Mark(mark | _APART if depth > usual and not mark & _NESTED else mark)
        for mark, depth in zip(marked, depths, strict=True)
    )


class _Page:
    """The text of a page as runs, and where each is."""

    def __init__(self, tree: HtmlElement) -> None:
        self.runs = list(_runs(tree))
        self.starts = [run.start for run in self.runs]
        self.letters = "".join(run.letters for run in self.runs)
        self.whole: dict[str, list[int]] = {}
        for number, run in enumerate(self.runs):
            self.whole.setdefault(run.letters, []).append(number)
        self.at = 0  # number of the run after the last line found
        self.budget = _SEARCHED * len(self.letters)

    def find(self, line: str) -> list[Piece]:
        """Return the pieces of the page that a line was made of; of several, those next after the line before."""
        letters = _letters(line)
        if not letters:
            return []
        if line.lstrip().startswith("- ") and letters not in self.whole:
            letters = letters[1:]
        elif letters.startswith("|"):
            letters = max(letters.split("|"), key=len)
        numbers = self.whole.get(letters)
        if numbers:
            number = numbers[bisect.bisect_left(numbers, self.at) % len(numbers)]
            self.at = number + 1
            return self.runs[number].pieces
        start = self._search(letters)
        if start < 0 and len(letters) > 2 * _HEAD:
            start = self._search(letters[:_HEAD])
        if start < 0:
            return []
        return self._pieces(start, start + len(letters))

    def _search(self, letters: str) -> int:
        """Return where letters begin on the page, looking behind the last line found first; -1 for nowhere."""
        start = self.starts[self.at] if self.at < len(self.starts) else 0
        for begin in (start, 0):
            if not letters or self.budget < 0:
                return -1
            found = self.letters.find(letters, begin)
            self.budget -= (found if found >= 0 else len(self.letters)) - begin
            if found >= 0:
                return found
        return -1

    def _pieces(self, start: int, end: int) -> list[Piece]:
        """Return the pieces between two places of the page's letters."""
        pieces = []
        number = bisect.bisect_right(self.starts, start) - 1
        while number < len(self.runs) and self.runs[number].start < end:
            at = self.runs[number].start
            for piece in self.runs[number].pieces:
                overlap = min(end, at + piece.length) - max(start, at)
                if overlap > 0:
                    pieces.append(Piece(overlap, piece.inside))
                at += piece.length
            number += 1
        self.at = number
        return pieces


def _runs(tree: HtmlElement) -> Iterator[Run]:
    """Yield the text of a page run by run."""
    start = 0
    letters: list[str] = []
    pieces: list[Piece] = []
    walk = iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        if pieces and element.tag in BLOCKS:
            run = Run("".join(letters), start, pieces)
            start += len(run.letters)
            letters, pieces = [], []
            yield run
        if event == "start" and element.tag in _UNSEEN:
            walk.skip_subtree()
            continue
        text = element.text if event == "start" else element.tail
        if text and not text.isspace() and (word := _letters(text)):
            letters.append(word)
            pieces.append(Piece(len(word), element if event == "start" else element.getparent()))


def _letters(text: str) -> str:
    """Return a text without white space, unprintable characters and combining variants."""
    letters = "".join(text.split())
    if letters.isascii() and letters.isprintable():
        return letters
    if not letters.isprintable():
        letters = "".join(filter(str.isprintable, letters))
    return unicodedata.normalize("NFC", letters)


def _ancestors(pieces: list[Piece]) -> list[HtmlElement]:
    """Return the elements around the longest piece of a line, innermost first."""
    if not pieces:
        return []
    element: HtmlElement | None = max(pieces, key=lambda piece: piece.length).inside
    ancestors: list[HtmlElement] = []
    while element is not None and len(ancestors) < _HEIGHT and element.tag not in {"body", "html"}:
        ancestors.append(element)
        element = element.getparent()
    return ancestors


def _depth(ancestors: list[HtmlElement], containers: set[HtmlElement]) -> int:
    """Return how many blocks there are around a line, up to the container of the article."""
    inside = itertools.takewhile(lambda element: element not in containers, ancestors)
    return sum(element.tag in BLOCKS for element in inside)


def _usual(depths: list[int], lengths: list[int]) -> int:
    """Return the depth at which, or above which, half of the letters stand."""
    half = sum(lengths) / 2
    for depth, length in sorted(zip(depths, lengths, strict=True)):
        half -= length
        if half <= 0:
            return depth
    return 0


def _inline(pieces: list[Piece]) -> int:
    """Tell whether a line is one link or mostly links, and whether all of it is emphasised."""
    linked = emphasised = total = 0
    targets = set()
    for length, inside in pieces:
        link = inside if inside.tag == "a" else next(inside.iterancestors("a"), None)
        targets.add(link)
        total += length
        linked += length if link is not None else 0
        emphasised += length if _is_emphasised(inside) else 0
    mark = _EMPHASIS if emphasised == total else 0
    if linked == total and len(targets) == 1:
        return mark | _LINK
    return mark | _LINKS if linked * 2 > total else mark


def _is_emphasised(element: HtmlElement | None) -> bool:
    """Tell whether text directly in an element is bold, italic or small within its line."""
    while element is not None and element.tag not in BLOCKS:
        if element.tag in _EMPHASISED:
            return True
        element = element.getparent()
    return False


def _inherited(ancestors: list[HtmlElement], containers: set[HtmlElement], known: dict[HtmlElement, int]) -> int:
    """Return what the elements around a line say about it, up to the container of the article."""
    mark = 0
    for element in ancestors:
        if element in containers:
            break
        own = known.get(element)
        if own is None:
            own = known[element] = said(element.tag, element.get("class"), element.get("id"))
        mark |= own
    return mark
