"""What goes, as edits: a line with its line breaks, a part of a line with its spaces."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from cleaners.model import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cleaners.strip.decide import Line
    from cleaners.strip.scan import Span

_HUGS_LEFT = " \u00a0,.;:!?)]”’»"


def cut_lines(text: str, lines: Sequence[Line], named: Sequence[tuple[str, str]]) -> Iterator[Edit]:
    """Yield one edit for each struck line, its rule and category from `named`.

    The lines around a struck run stay as far apart as the farthest of its gaps: a blank line stays a blank line.
    """
    at = 0
    while at < len(lines):
        if not lines[at].struck:
            at += 1
            continue
        begin = at
        while at < len(lines) and lines[at].struck:
            at += 1
        # Where the text is cut: edges[0] before the first struck line of the run, edges[-1] after the last.
        edges = [lines[begin].start, *(lines[number].start for number in range(begin + 1, at)), lines[at - 1].end]
        before = lines[begin - 1].end if begin else 0
        after = lines[at].start if at < len(lines) else len(text)
        if begin and at < len(lines) and edges[0] - before >= after - edges[-1]:
            edges[-1] = after  # the gap before the run stays
        elif begin and at < len(lines):
            edges[0] = before  # the gap after it stays
        else:
            edges[0], edges[-1] = before, after
        for number, (start, end) in enumerate(itertools.pairwise(edges), begin):
            yield Edit(start, end, text[start:end], "", *named[number])


def cut_spans(text: str, line: Line, spans: Sequence[Span]) -> Iterator[Edit]:
    """Yield one edit for each span, with the white space that would be left over."""
    last = line.start
    for span in spans:
        start, end = line.start + span.start, line.start + span.end
        if end == line.end or (start > line.start and text[end] in _HUGS_LEFT):
            while start > last and text[start - 1].isspace():
                start -= 1
        elif start == line.start or text[start - 1].isspace():
            while end < line.end and text[end].isspace():
                end += 1
        yield Edit(start, end, text[start:end], "", span.rule.id, span.rule.category)
        last = end
