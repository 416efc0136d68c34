"""Repairs that touch no word: mojibake put right, stray control characters and superfluous white space gone."""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING

import re2

from cleaners.model import Edit
from cleaners.text import lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What UTF-8 leaves when it is read as Latin-1 or cp1252 (a letter from Â to ô, then a sign), or as cp1251 (every second
# letter a Р or С). ftfy's own test is a hundred times slower, so it only sees lines in which one of these stands.
_MOJIBAKE = (
    r"[Â-ô][\x{80}-\x{bf}€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|[РС][^\x00-\x7f][РС][^\x00-\x7f][РС]|[\x{80}-\x{84}\x{86}-\x{9f}]"
)
# Characters no text needs: controls except tab and line breaks, the byte-order mark, the soft hyphen. ZWJ, ZWNJ, word
# breaks and bidi marks stay: Persian, Hindi, Thai and emoji need them.
_NEEDLESS = r"[\x00-\x08\x0b\x0c\x0e-\x1b\x7f\x{feff}\x{ad}]+"
_SPACE = r"[\t\r \x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"
_LOOSE = rf"{_SPACE}(?:\n|\z)|\n\n\n|\A\n|\n\z|\A{_SPACE}+\z"
_suspect = re2.compile(_MOJIBAKE.encode())
_needless = re2.compile(_NEEDLESS.encode())
_anything = re2.compile(f"{_MOJIBAKE}|{_NEEDLESS}|{_LOOSE}".encode())
_NEEDLESS_CHARACTERS = dict.fromkeys([*range(9), 0x0B, 0x0C, *range(0x0E, 0x1C), 0x7F, 0xFEFF, 0xAD])


def repairs(text: str) -> list[Edit]:
    r"""Return the repairs of a text as edits, sorted: afterwards one or two line breaks part the lines, no more.

    >>> [(edit.before, edit.after) for edit in repairs("The cafÃ© reopened. \n\n\n\nIt was full.\n")]
    [('cafÃ©', 'café'), (' \n\n\n\n', '\n\n'), ('\n', '')]
    """
    encoded = text.encode("utf-8", "replace")
    if _anything.search(encoded) is None:
        return []
    suspect, needless = _suspect.search(encoded) is not None, _needless.search(encoded) is not None
    edits: list[Edit] = []
    fixed: dict[str, list[tuple[int, str, str]]] = {}
    done = 0  # where the last line that is not blank ended
    for line in lines(text):
        if is_blank(line.text):
            continue
        body = line.text.rstrip()
        edits += _gap(text, done, line.start)
        if needless:
            edits += _without_needless(body, line.start)
        elif suspect:
            if body not in fixed:
                fixed[body] = _without_mojibake(body)
            edits += (
                Edit(line.start + at, line.start + at + len(old), old, new, "mojibake", "repair")
                for at, old, new in fixed[body]
            )
        done = line.start + len(body)
    edits += _gap(text, done, len(text))
    return edits


def is_blank(line: str) -> bool:
    """Tell whether nothing of a line can be seen."""
    return not line or line.isspace() or (not line.isprintable() and not line.translate(_NEEDLESS_CHARACTERS).strip())


def _gap(text: str, start: int, end: int) -> Iterator[Edit]:
    """Yield the edit that leaves one or two line breaks between two lines, and nothing at the ends of the text."""
    before = text[start:end]
    inside = start > 0 and end < len(text)
    after = ("\n\n" if before.count("\n") > 1 else "\n") if inside else ""
    if before != after:
        yield Edit(start, end, before, after, "white-space", "repair")


def _without_needless(body: str, offset: int) -> Iterator[Edit]:
    for at, sign in enumerate(body, offset):
        if ord(sign) in _NEEDLESS_CHARACTERS:
            yield Edit(at, at + 1, sign, "", "control-characters", "repair")


def _without_mojibake(body: str) -> list[tuple[int, str, str]]:
    """Return place, old and new form of each word that changes, or of the line where the words do not stay apart."""
    if _suspect.search(body.encode("utf-8", "replace")) is None:
        return []
    fixed = _fix()(body)
    if fixed == body or "\n" in fixed or not fixed.strip():
        return []
    old, new = body.split(" "), fixed.split(" ")
    if len(old) != len(new):
        return [(0, body, fixed)]
    places = itertools.accumulate((len(word) + 1 for word in old), initial=0)
    return [(at, before, after) for at, before, after in zip(places, old, new, strict=False) if before != after]


@functools.cache
def _fix() -> Callable[[str], str]:
    # Loaded late: ftfy takes a tenth of a second to import, and few texts need it.
    import ftfy  # noqa: PLC0415

    keep_everything_else = ftfy.TextFixerConfig(
        unescape_html=False,
        remove_terminal_escapes=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        remove_control_chars=False,
        normalization=None,
    )
    return functools.partial(ftfy.fix_text_segment, config=keep_everything_else)
