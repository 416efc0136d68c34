"""Numbers and dates by what they say, not how they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cleaners.facts.characters import decode, digits, mix
from cleaners.kernels import lean

if TYPE_CHECKING:
    from cleaners.facts.columns import Page


@lean(forceinline=True)
def number_hash(value: float) -> np.uint32:
    """Return the term of a number. Seven digits, as single precision has, are more than two reports agree on."""
    return mix(np.float32(value).view(np.uint32) ^ np.uint32(0x9E3779B9))


@lean(forceinline=True)
def date_hash(month: int, day: int) -> np.uint32:
    """Return the term of a date: the year is left out, because most reports leave it out."""
    return mix(np.uint32(month * 32 + day) ^ np.uint32(0x51ED270B))


@lean(forceinline=True)
def month_hash(month: int) -> np.uint32:
    """Return the term of a month that stands without a day."""
    return mix(np.uint32(month) ^ np.uint32(0x165667B1))


@lean(forceinline=True)
def weekday_hash(day: int) -> np.uint32:
    """Return the term of a day of the week."""
    return mix(np.uint32(day) ^ np.uint32(0x27D4EB2F))


@lean(forceinline=True)
def is_day(value: float) -> bool:
    """Tell whether a number can be the day of a month."""
    return 1 <= value <= 31 and value == np.floor(value)


@lean(forceinline=True)
def date(page: Page, at: int, stop: int) -> tuple[int, int, int]:
    """Read a date in figures: its end, month, day; (at, 0, 0) where there is none.

    2019-11-19, 19.11.2019, 11/19/2019, 11月19日. With slashes the month comes first unless it cannot be one.
    """
    end, first, n1 = digits(page, at, stop)
    if n1 > 4 or end + 2 >= stop:
        return at, 0, 0
    if page.data[end] >= 0xE0:
        return _named(page, at, end, first, stop)
    mark = page.data[end]
    if mark not in (45, 46, 47):  # - . /
        return at, 0, 0
    end, second, n2 = digits(page, end + 1, stop)
    if n2 == 0 or n2 > 2 or end + 1 >= stop or page.data[end] != mark:
        return at, 0, 0
    end, third, n3 = digits(page, end + 1, stop)
    if n1 == 4 and n3 == 2:
        month, day = second, third
    elif n1 <= 2 and n3 in (2, 4):
        month, day = (first, second) if mark == 47 and first <= 12 else (second, first)
    else:
        return at, 0, 0
    return (end, int(month), int(day)) if 1 <= month <= 12 and is_day(day) else (at, 0, 0)


@lean(forceinline=True)
def _named(page: Page, at: int, end: int, month: float, stop: int) -> tuple[int, int, int]:
    """Read the rest of 3月5日 or 3월 5일."""
    code, end = decode(page, end)
    if code not in (0x6708, 0xC6D4) or not 1 <= month <= 12:
        return at, 0, 0
    end += end < stop and page.data[end] == 32
    end, day, count = digits(page, end, stop)
    if count == 0 or not is_day(day) or end >= stop:
        return at, 0, 0
    code, end = decode(page, end)
    return (end, int(month), int(day)) if code in (0x65E5, 0xC77C) else (at, 0, 0)


@lean(forceinline=True)
def number(page: Page, at: int, stop: int) -> tuple[int, float]:
    """Read a number in figures: its end and its value.

    A mark before exactly three digits groups thousands ("12,000", "12.000", "12 000"); any other splits off decimals
    ("12,9"). "10:30" is a time and becomes its minutes.
    """
    at, value, count = digits(page, at, stop)
    last = 0
    while at < stop:
        mark, after = decode(page, at)
        spaced = mark in (32, 0xA0, 0x2009, 0x202F)
        if not (spaced or mark in (39, 44, 46, 58, 0x2019)):
            break
        end, group, n = digits(page, after, stop)
        if n == 0 or n > 15:
            break
        if mark == 58:
            if n != 2 or last not in (0, 58):
                break
            value = value * 60.0 + group
        elif n == 3 and value > 0.0 and (last == mark or (last == 0 and count <= 3)):
            value = value * 1000.0 + group
        elif spaced:
            break
        else:
            return end, value + group / 10.0**n
        last, at = mark, end
    return at, value
