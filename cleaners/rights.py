"""What pages say on their use, read alike from meta tags, HTTP headers and columns of tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_DIRECTIVE = re.compile(r"[a-z][\w.-]{1,40}(?:: ?[\w.-]{1,60})?(?: [\w.:+-]{1,40}){0,5}", re.ASCII)
_MOST = 40  # directives of one page; more is no page's wish


def directives(values: Iterable[str], agent: str = "") -> tuple[str, ...] | None:
    """Return what robots are asked, each directive once, in small letters; `agent` is the robot they are for, if one.

    >>> directives(["NOINDEX, noai", "max-snippet:-1, noai"]), directives(["none"], "ccbot"), directives([" , <b>"])
    (('noindex', 'noai', 'max-snippet:-1'), ('ccbot: none',), None)
    """
    found: dict[str, None] = {}
    for value in values:
        for part in value[:2000].lower().split(","):
            asked = " ".join(part.split())
            if _DIRECTIVE.fullmatch(asked):
                found.setdefault(f"{agent}: {asked}" if agent else asked)
    return tuple(found)[:_MOST] or None


def reserved(value: str | None) -> bool | None:
    """Return whether `tdm-reservation` (W3C: TDM Reservation Protocol) reserves text and data mining: 1, or not: 0.

    >>> reserved(" 1 "), reserved("0"), reserved("maybe")
    (True, False, None)
    """
    return {"1": True, "0": False}.get((value or "").strip())


def either(first: bool | None, second: bool | None) -> bool | None:  # noqa: FBT001  (two answers to one question)
    """Return yes where one of two answers is, no where one is and none is yes, else None."""
    return True if first or second else None if first is second is None else False


def merged(first: tuple[str, ...] | None, second: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return what stands in one of two lists, each once; None for none."""
    return tuple(dict.fromkeys((*(first or ()), *(second or ())))) or None
