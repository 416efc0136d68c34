"""Two texts → the facts they share and do not share, as they are written: what a person checks a verdict by."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cleaners.facts.reading import facts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cleaners.facts.reading import Fact

MOST = 12
"""Facts of each kind that are told, the first of the text."""


class Facts(NamedTuple):
    """Facts of a copy, in its order and as it writes them."""

    shared: tuple[str, ...]  # names, numbers, dates, handles that the kept article has too
    unshared: tuple[str, ...]  # numbers and dates that it does not have


def compare(kept: str, copy: str) -> Facts:
    """Return which facts of the copy the kept article has, and which numbers and dates it does not.

    >>> compare("Edda Quill lost 12 hens on 3 May.", "On May 3, Edda Quill was bereft of a dozen or 14 hens.")
    Facts(shared=('May 3', 'Edda Quill'), unshared=('14',))
    """
    return shared_and_not(facts(kept), facts(copy))


def shared_and_not(kept: Iterable[Fact], copy: Iterable[Fact]) -> Facts:
    """Return the same from the facts of the two."""
    known = {fact.key for fact in kept}
    told = [fact for fact in copy if fact.kind != "term"]
    shared = dict.fromkeys(fact.written for fact in told if fact.key in known)
    unshared = dict.fromkeys(fact.written for fact in told if fact.kind in {"number", "date"} and fact.key not in known)
    return Facts(tuple(shared)[:MOST], tuple(unshared)[:MOST])
