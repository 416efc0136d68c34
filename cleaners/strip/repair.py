"""Repairs that touch no word: mojibake put right, stray control characters and superfluous white space gone."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from cleaners.model import Edit
from cleaners.text import lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What UTF-8 leaves when it is read as Latin-1 or cp1252 (a letter from Â to ô, then a sign), or as cp1251 (every second
# letter a Р or С). ftfy's own test is thirty times slower, so it only sees lines in which one of these stands.
_SUSPECT = re.compile(
    r"[Â-ô][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|[РС][^\x00-\x7f][РС][^\x00-\x7f][РС]|[\x80-\x84\x86-\x9f]"
)
# Characters no text needs: controls except tab and line breaks, the byte-order mark, the soft hyphen. ZWJ, ZWNJ, word
# breaks and bidi marks stay: Persian, Hindi, Thai and emoji need them.
_NEEDLESS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1b\x7f\ufeff\u00ad]+")


def repairs(text: str) -> list[Edit]:
    r"""Return the repairs of a text as edits, sorted: afterwards one or two line breaks part the lines, no more.

    >>> [(edit.before, edit.after) for edit in repairs("The cafÃ© reopened. \n\n\n\nIt was full.\n")]
    [('cafÃ©', 'café'), (' \n\n\n\n', '\n\n'), ('\n', '')]
    """
    suspect = not text.isascii() and _SUSPECT.search(text) is not None
    needless = _NEEDLESS.search(text) is not None
    edits: list[Edit] = []
    done = 0  # where the last line that is not blank ended
    for line in lines(text):
        if is_blank(line.text):
            continue
        body = line.text.rstrip()
        edits += _gap(text, done, line.start)
        if needless:
            edits += _without_needless(body, line.start)
        elif suspect:
            edits += _without_mojibake(body, line.start)
        done = line.start + len(body)
    edits += _gap(text, done, len(text))
    return edits


def is_blank(line: str) -> bool:
    """Tell whether nothing of a line can be seen."""
    return not line or line.isspace() or (not line.isprintable() and not _NEEDLESS.sub("", line).strip())


def _gap(text: str, start: int, end: int) -> Iterator[Edit]:
    """Yield the edit that leaves one or two line breaks between two lines, and nothing at the ends of the text."""
    before = text[start:end]
    inside = start > 0 and end < len(text)
    after = ("\n\n" if before.count("\n") > 1 else "\n") if inside else ""
    if before != after:
        yield Edit(start, end, before, after, "white-space", "repair")


def _without_needless(body: str, offset: int) -> Iterator[Edit]:
    for found in _NEEDLESS.finditer(body):
        yield Edit(offset + found.start(), offset + found.end(), found[0], "", "control-characters", "repair")


def _without_mojibake(body: str, offset: int) -> Iterator[Edit]:
    """Yield one edit for each word that changes, or one for the line where the words do not stay apart."""
    if _SUSPECT.search(body) is None:
        return
    fixed = _fix()(body)
    if fixed == body or "\n" in fixed or not fixed.strip():
        return
    old, new = body.split(" "), fixed.split(" ")
    if len(old) != len(new):
        old, new = [body], [fixed]
    at = offset
    for before, after in zip(old, new, strict=True):
        if before != after:
            yield Edit(at, at + len(before), before, after, "mojibake", "repair")
        at += len(before) + 1


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
