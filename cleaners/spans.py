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
    pieces: list[str] = []
    at = 0
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
    pieces: list[str] = []
    at, moved = 0, 0
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
    placed, moved = [], 0  # every edit of the first round with its place in the middle text
    for edit in first:
        start = edit.start + moved
        moved += len(edit.after) - len(edit.before)
        placed.append((start, edit.end + moved, edit))
    folded: list[Edit] = []
    shift, i, j = 0, 0, 0  # middle offset minus original offset; the next edit of either round
    while i < len(placed) or j < len(second):
        # The smallest run of edits of both rounds that touch one another.
        early, late = i, j
        if i < len(placed) and (j == len(second) or placed[i][0] <= second[j].start):
            i += 1
        else:
            j += 1
        while True:
            if i < len(placed) and j > late and _touches(placed[i], second[j - 1]):
                i += 1
            elif j < len(second) and i > early and _touches(placed[i - 1], second[j]):
                j += 1
            else:
                break
        if j == late:
            folded.append(placed[early][2])
        else:
            folded.append(_merged(text, middle, shift, placed[early:i], second[late:j]))
        shift += sum(len(edit.after) - len(edit.before) for _, _, edit in placed[early:i])
    return tuple(edit for edit in folded if edit.before != edit.after)


def _merged(
    text: str, middle: str, shift: int, placed: Sequence[tuple[int, int, Edit]], second: Sequence[Edit]
) -> Edit:
    """Return the one edit of `text` that a run of touching edits amounts to, with the later rule and category."""
    start, end = second[0].start, second[-1].end
    if placed:
        start, end = min(start, placed[0][0]), max(end, placed[-1][1])
    after: list[str] = []
    at = start
    for edit in second:
        after += middle[at : edit.start], edit.after
        at = edit.end
    after.append(middle[at:end])
    grown = sum(len(edit.after) - len(edit.before) for _, _, edit in placed)
    original = slice(start - shift, end - shift - grown)
    last = second[-1]
    return Edit(original.start, original.stop, text[original], "".join(after), last.rule, last.category)


def _touches(placed: tuple[int, int, Edit], late: Edit) -> bool:
    """Tell whether the later edit changes something the earlier one wrote, or swallows the place where it cut."""
    start, end, _ = placed
    if start == end:  # a removal: swallowed when it lies inside, or at an edge of, a later removal
        return late.start <= start <= late.end if late.start < late.end else late.start == start
    return start < late.end and late.start < end
