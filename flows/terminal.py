"""How things are shown: in colour and to the width of a terminal, plain and whole in a pipe, as one JSON document."""

from __future__ import annotations

import collections
import dataclasses
import json
import sys
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from cleaners.visible import REPAIR, family
from flows import reasons

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.text import Text

    from cleaners.model import Edit

    Shown: TypeAlias = RenderableType | list[RenderableType]

TONES = {
    "share": "blue",
    "links": "magenta",
    "offer": "yellow",
    "credit": "green",
    "legal": "bright_yellow",
    "broken": "red",
    "other": "bright_black",
}
"""Colours of the families of residue; the report has the same families."""

_WHOLE = 100_000  # columns of a pipe: nothing is cut off, nothing is wrapped


def plain(text: str) -> str:
    r"""Return scraped text without what could steer a terminal: control characters become signs one can see.

    >>> plain("a\x1b[31mb\u202e")
    'a␛[31mb\ufffd'
    """
    return text.translate(_VISIBLE)


def line(text: object) -> str:
    r"""Return scraped text as `plain`, and on one line.

    >>> line("a\nb\x1b")
    'a␊b␛'
    """
    return plain(str(text)).replace("\n", "␊")


# C0 and C1 controls but line break and tab, and the overrides that turn the order of what follows around.
_VISIBLE: dict[int, str] = {number: chr(0x2400 + number) for number in range(0x20) if number not in (9, 10)}
_VISIBLE |= dict.fromkeys([0x7F, *range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], "\ufffd")


def as_json(value: object) -> str:
    """Return a value as one JSON document on a line of its own."""
    return json.dumps(value, ensure_ascii=False, default=str) + "\n"


def in_colour(console: Console) -> bool:
    """Tell whether colours show there."""
    return console.color_system is not None and not console.no_color


@dataclasses.dataclass(frozen=True, slots=True)
class Cuts:
    """An extracted text with its edits. In colour the cuts are struck through; without colour they stand in marks.

    The marks are those of wdiff: `[-cut-]` and `{+put there+}`; the rule that decided follows as `‹rule›`.
    """

    before: str
    edits: Sequence[Edit]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw for the terminal at hand."""
        yield self.drawn(coloured=in_colour(console))
        yield self.told()

    def drawn(self, *, coloured: bool) -> Text:
        """Return the text with its cuts."""
        from rich.text import Text  # noqa: PLC0415  (a tenth of a second that --json need not pay)

        drawn, at = Text(), 0
        for edit in self.edits:
            drawn.append(plain(self.before[at : edit.start]))
            # Line breaks at the edges go outside, so that a mark stands beside its words.
            cut = edit.before.strip("\n")
            lead, tail = edit.before.split(cut, 1) if cut else (edit.before, "")
            tone = TONES[family(edit.category)]
            drawn.append(lead)
            if cut:
                drawn.append(plain(cut) if coloured else f"[-{plain(cut)}-]", f"{tone} strike")
            if edit.after:
                drawn.append(plain(edit.after) if coloured else f"{{+{plain(edit.after)}+}}", f"{tone} underline")
            if cut.strip():
                drawn.append(f" ‹{edit.rule}›", f"{tone} dim")
            drawn.append(tail)
            at = edit.end
        return drawn.append(plain(self.before[at:]))

    def told(self) -> Text:
        """Return one line about the cuts: how many, of which kinds, how much of the text they were."""
        from rich.text import Text  # noqa: PLC0415  (as above)

        kinds = collections.Counter(edit.category for edit in self.edits if edit.before.strip())
        repairs = kinds.pop(REPAIR, 0)
        if not kinds and not repairs:
            return Text("── nothing was cut", "dim")
        gone = sum(len(edit.before) - len(edit.after) for edit in self.edits)
        total = sum(kinds.values())
        told = Text(
            f"── {total:,} {'cut' if total == 1 else 'cuts'}, {gone / max(1, len(self.before)):.1%} of the text"
        )
        for place, (kind, count) in enumerate(sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))):
            told.append(": " if place == 0 else ", ").append(f"{count:,} {kind.replace('_', ' ')}", TONES[family(kind)])
        return told.append(f"; {repairs:,} repaired" if repairs else "")


def show(shown: Shown) -> None:
    """Print what a command shows: text byte for byte, anything else drawn for the terminal or the pipe at hand."""
    if isinstance(shown, str):
        sys.stdout.buffer.write(shown.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
        return
    from rich.console import Console  # noqa: PLC0415  (as above)

    console = Console(highlight=False)
    pieces = [shown] if not isinstance(shown, list) else shown
    if console.is_terminal:
        for piece in pieces:
            console.print(piece)
        return
    console = Console(highlight=False, width=_WHOLE)
    with console.capture() as capture:
        for piece in pieces:
            console.print(piece, soft_wrap=True)
    lines = capture.get().split("\n")
    show("\n".join(line.rstrip() for line in lines))


def stop() -> NoReturn:
    """End a command that was told to, with what is left of it."""
    fail(f"stopped. {reasons.left(sys.argv[1:])}".rstrip(), 1)


def fail(error: Exception | str, code: int) -> NoReturn:
    """End with one sentence and an exit code."""
    tell_failure(error, code)
    sys.exit(code)


def tell_failure(error: Exception | str, code: int) -> None:
    """Print one sentence on stderr; who asked for JSON gets `{"error": …}` on stdout too."""
    if "--json" in sys.argv:
        told: dict[str, Any] = {"message": str(error), "exit_code": code}
        told |= {name: getattr(error, name) for name in ("where", "what", "advice") if getattr(error, name, "")}
        show(as_json({"error": told}))
    print(f"copydesk: {plain(str(error))}", file=sys.stderr)  # noqa: T201  (the one place that does)
