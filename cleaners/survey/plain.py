"""Figures as people write them."""

from __future__ import annotations


def compact(number: int) -> str:
    """Return a number in four characters or so.

    >>> [compact(number) for number in (950, 12_345, 999_999, 1_234_567, 45_600_000_000)]
    ['950', '12.3k', '1.0M', '1.2M', '45.6G']
    """
    for power, letter in ((9, "G"), (6, "M"), (3, "k")):
        if number >= 0.9995 * 10**power:
            return f"{number / 10**power:.1f}{letter}"
    return str(number)


def percent(share: float) -> str:
    """Return a share as people write it: no false precision, and never 0 % for something.

    >>> percent(0.314), percent(0.0312), percent(0.00004), percent(0.0), percent(0.9999), percent(1.0)
    ('31 %', '3.1 %', '<0.1 %', '0 %', '>99.9 %', '100 %')
    """
    if 0 < share < 0.001:
        return "<0.1 %"
    if 0.999 < share < 1:
        return ">99.9 %"
    digits = 0 if share in {0.0, 1.0} or 0.1 <= share <= 0.99 else 1
    return f"{100 * share:.{digits}f} %"


def share(part: int, whole: int) -> str:
    """Return a part of a whole as `percent` writes it; of nothing everything is 0 %.

    >>> share(1, 8), share(0, 0)
    ('12 %', '0 %')
    """
    return percent(part / whole if whole else 0.0)
