"""Apply edits to a text, undo them, and fold two rounds of edits into one.

`apply` and `restore` are an inverse pair: `restore(apply(text, edits), edits) == text` for all edits of `text`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleaners.model import Edit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Return the text after all edits. They must be sorted and must not overlap.

    >>> apply("He left. (ANI)", [Edit(8, 14, " (ANI)", "", "wire-tail", "wire_credit")])
    'He left.'
    """
    pieces, at = [], 0
    for edit in edits:
        if edit.start < at or text[edit.start : edit.end] != edit.before:
            raise ValueError(f"edit {edit} does not fit the text at {edit.start}: {text[edit.start : edit.end]!r}")
        pieces += text[at : edit.start], edit.after
        at = edit.end
    return "".join(pieces) + text[at:]


def restore(text: str, edits: Iterable[Edit]) -> str:
    """Return the exact text before the edits, from the text after them.

    >>> restore("He left.", [Edit(8, 14, " (ANI)", "", "wire-tail", "wire_credit")])
    'He left. (ANI)'
    """
    pieces, at, moved = [], 0, 0
    for edit in edits:
        start = edit.start - moved
        end = start + len(edit.after)
        if start < at or text[start:end] != edit.after:
            raise ValueError(f"edit {edit} did not lead to this text: {text[start:end]!r} stands there")
        pieces += text[at:start], edit.before
        at = end
        moved += len(edit.before) - len(edit.after)
    return "".join(pieces) + text[at:]


def compose(text: str, first: Sequence[Edit], second: Sequence[Edit]) -> tuple[Edit, ...]:
    """Return one list of edits of `text` that does what `first` and, on its result, `second` do.

    Where an edit of the second round touches what the first round wrote, the two become one edit that carries the
    later rule and category.

    >>> compose("x  y (ANI)", [Edit(1, 3, "  ", " ", "spaces", "repair")], [Edit(3, 9, " (ANI)", "", "wire", "credit")])
    ... # doctest: +NORMALIZE_WHITESPACE
    (Edit(start=1, end=3, before='  ', after=' ', rule='spaces', category='repair'),
     Edit(start=4, end=10, before=' (ANI)', after='', rule='wire', category='credit'))
    """
    if not first or not second:
        return tuple(first or second)
    middle = apply(text, first)
    # Every edit of the first round as (start, end) in the middle text.
    placed, moved = [], 0
    for edit in first:
        start = edit.start + moved
        placed.append((start, start + len(edit.after), edit))
        moved += len(edit.after) - len(edit.before)
    folded: list[Edit] = []
    at, shift = 0, 0  # next unplaced edit of the first round; middle offset minus original offset before it
    for late in second:
        while at < len(placed) and placed[at][1] <= late.start and not _touches(placed[at], late):
            folded.append(placed[at][2])
            shift += len(placed[at][2].after) - len(placed[at][2].before)
            at += 1
        start, end = late.start, late.end
        before_shift = shift
        while at < len(placed) and _touches(placed[at], late):
            start, end = min(start, placed[at][0]), max(end, placed[at][1])
            shift += len(placed[at][2].after) - len(placed[at][2].before)
            at += 1
        original = slice(start - before_shift, end - shift)
        after = middle[start : late.start] + late.after + middle[late.end : end]
        folded.append(Edit(original.start, original.stop, text[original], after, late.rule, late.category))
    folded.extend(edit for _, _, edit in placed[at:])
    return tuple(edit for edit in folded if edit.before != edit.after)


def _touches(placed: tuple[int, int, Edit], late: Edit) -> bool:
    """Tell whether the later edit changes something the earlier one wrote, or swallows the place where it cut."""
    start, end, _ = placed
    if start == end:  # a removal: swallowed when it lies inside, or at an edge of, a later removal
        return late.start <= start <= late.end if late.start < late.end else late.start == start
    return start < late.end and late.start < end
