"""Strip a text until nothing more goes, with every change on record."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from cleaners import spans
from cleaners.config import StripSettings
from cleaners.model import Article, CleanArticle, Edit, Mark, Stripped
from cleaners.rulebook import CATEGORIES, Rulebook, builtin
from cleaners.strip.cut import cut_lines, cut_spans
from cleaners.strip.decide import POINTS, Evidence, Line, decide, give_listed, reason
from cleaners.strip.doubled import doubled
from cleaners.strip.mask import masks
from cleaners.strip.repair import is_blank, repairs
from cleaners.strip.salvage import salvage
from cleaners.strip.scan import Scanned, Scanner, Span, scanner
from cleaners.strip.shape import ends, words
from cleaners.strip.tongue import Tongues
from cleaners.strip.wording import NOTHING, loudest, weigh
from cleaners.text import Line as LineOf
from cleaners.text import lines as lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cleaners.furniture.table import Evidence as FurnitureEvidence
    from cleaners.furniture.table import Furniture

_ROUNDS = 8
"""Times a text is gone over at most. Texts settle in two; one that does not is left as it came."""
_WRAPPED = 40
"""Characters from which a line without an end may have been broken at a fixed width; labels are shorter."""
_SENTENCE = 3
"""Words from which what is left of a line without its parts is a sentence."""
_HEADLINES = 3
"""Lines at the head of a text that may be its headline."""
_ENDS = (*".!?:;…\"'”’»)]", "")
_BARE = Scanned((), (), prose=True)
_NEIGHBOURS = 16
"""Struck lines that a line without a rule looks back and ahead for a category; bounded, since lists can be endless."""
_BLOCK_LINES = 12
"""Lines from the opening to the closing of a block at most; the longest mangled comments seen have five."""


class Explained(NamedTuple):
    """One line that is not blank: whether it goes, the evidence, and the parts of it that go if it stays."""

    text: str
    struck: bool
    evidence: tuple[Evidence, ...]
    spans: tuple[str, ...]


class _Known(NamedTuple):
    """What stays with a line from round to round: its mark, its furniture points, its number in the first round."""

    mark: Mark
    furniture: float
    number: int


def strip(
    article: Article, rulebook: Rulebook, settings: StripSettings, furniture: Furniture | None = None
) -> CleanArticle:
    """Return the article with its residue struck and empty metadata filled from what the struck lines tell."""
    stripped = strip_text(
        article.text,
        language=article.meta.language,
        host=_host(article.meta.url),
        marks=article.marks,
        rulebook=rulebook,
        settings=settings,
        furniture=furniture,
    )
    meta, salvaged = salvage(article.meta, stripped.edits)
    return CleanArticle(article, stripped.text, stripped.edits, meta, salvaged)


def strip_text(
    text: str,
    *,
    language: str | None = None,
    host: str | None = None,
    marks: Sequence[Mark] = (),
    rulebook: Rulebook | None = None,
    settings: StripSettings | None = None,
    furniture: Furniture | None = None,
) -> Stripped:
    r"""Return the clean text and the edits that lead to it; `spans.restore` undoes them exactly.

    Lines are parted by line breaks; in the clean text by one, or two where there was a blank line. Rules of every
    language are asked, since pages mix them (see `tongue`); `language` names one whose rules may speak about any line,
    beside the one the text looks like. `marks` has one entry for each line.

    >>> strip_text("The bridge reopened on Monday, the city said. (ANI)\n\nShare on Facebook").text
    'The bridge reopened on Monday, the city said.'
    """
    wanted = settings or StripSettings()
    stripped = _struck(text, _rounds(text, host, marks, rulebook, wanted, furniture, language))
    for _ in range(_ROUNDS if wanted.mask else 0):
        masked = masks(stripped.text, wanted.mask, language, host)
        if not masked:
            break
        now = spans.apply(stripped.text, masked)
        more = _struck(now, _rounds(now, host, (), rulebook, wanted, None, language))
        edits = spans.compose(text, spans.compose(text, stripped.edits, masked), more.edits)
        stripped = Stripped(more.text, edits)
    return stripped


def _struck(text: str, rounds: Iterator[_Round]) -> Stripped:
    """Return what the rounds leave of a text, with one list of edits; the text as it came where it does not settle."""
    edits: tuple[Edit, ...] = ()
    now = text
    for found in rounds:
        if found.edits is None:
            return Stripped(text, ())
        edits = spans.compose(text, edits, found.edits)
        now = found.text
    return Stripped(now, edits)


def explain(
    text: str,
    *,
    host: str | None = None,
    marks: Sequence[Mark] = (),
    rulebook: Rulebook | None = None,
    settings: StripSettings | None = None,
    furniture: Furniture | None = None,
) -> list[Explained]:
    """Return, for every line of the text that is not blank, whether it goes and on what evidence."""
    explained: dict[int, Explained] = {}
    for found in _rounds(text, host, marks, rulebook, settings, furniture):
        if found.edits == () and not found.lines:
            for number, row in enumerate(row for row in lines_of(found.text) if row.text):
                explained.setdefault(number, Explained(row.text, False, (), ()))
        for line, parts, known in found.lines:
            cut = tuple(line.text[part.start : part.end] for part in parts.spans)
            before = explained.get(known.number)
            if before is None:
                explained[known.number] = Explained(line.text, line.struck, line.evidence, cut)
            elif line.struck or cut:
                explained[known.number] = Explained(before.text, line.struck, line.evidence, before.spans + cut)
    return [explained[number] for number in sorted(explained)]


class _Round(NamedTuple):
    """The text after one round, the edits of the text before it (None: it does not settle), and every line's fate.

    No lines where nothing speaks against any, and after repairs.
    """

    text: str
    edits: Sequence[Edit] | None
    lines: Sequence[tuple[Line, Scanned, _Known]]


def _rounds(
    text: str,
    host: str | None,
    marks: Sequence[Mark],
    rulebook: Rulebook | None,
    settings: StripSettings | None,
    furniture: Furniture | None,
    language: str | None = None,
) -> Iterator[_Round]:
    """Yield the repairs, then each round of cuts, until one changes nothing."""
    scan = scanner(rulebook or builtin())
    kept = _kept_categories(settings or StripSettings())
    remembered: dict[str, tuple[Scanned, float]] = {}
    known = _known(text, host, marks, furniture) if marks or furniture else None
    for _ in range(_ROUNDS):
        mended = repairs(text)
        if mended:
            text = spans.apply(text, mended)
            yield _Round(text, mended, ())
            continue
        found = _cuts(text, known, scan, kept, remembered, language)
        yield found
        if not found.edits:
            return
        text = found.text
        known = [known for line, _, known in found.lines if not line.struck]
    yield _Round(text, None, ())


def _known(text: str, host: str | None, marks: Sequence[Mark], furniture: Furniture | None) -> list[_Known]:
    told = furniture.lines(host, text) if furniture else ()
    visible = [at for at, line in enumerate(text.split("\n")) if not is_blank(line)]
    return [
        _Known(marks[at] if marks else Mark.NONE, _points(told[at]) if told else 0.0, number)
        for number, at in enumerate(visible)
    ]


def _points(told: FurnitureEvidence | None) -> float:
    return told.points if told else 0.0


def _kept_categories(settings: StripSettings) -> frozenset[str]:
    """Return the categories that the settings leave in the text."""
    return frozenset(row.name for row in CATEGORIES.values() if row.setting and not getattr(settings, row.setting))


def _cuts(
    text: str,
    known: Sequence[_Known] | None,
    scan: Scanner,
    kept: frozenset[str],
    remembered: dict[str, tuple[Scanned, float]],
    hint: str | None,
) -> _Round:
    """Return one round of cuts. What the rules say about a line is remembered from the round before."""
    rows = [row for row in lines_of(text) if row.text]
    begins = [at == 0 or not _goes_on(rows[at - 1], row) for at, row in enumerate(rows)]
    different = dict.fromkeys(row.text for row, asked in zip(rows, begins, strict=True) if asked)
    new = [line for line in different if line not in remembered]
    remembered.update(zip(new, zip(scan.scan(new), weigh(new), strict=True), strict=True))
    tongues = Tongues(text, hint)
    spoken = {line: _spoken(remembered[line][0], line, tongues) for line in different}
    scanned = [spoken[row.text] if asked else _BARE for row, asked in zip(rows, begins, strict=True)]
    wording = [remembered[row.text][1] if asked else 0.0 for row, asked in zip(rows, begins, strict=True)]
    _mark_doubled(rows, scanned)
    known = known or [_Known(Mark.NONE, 0.0, number) for number in range(len(rows))]
    lines = [
        Line(row.text, row.start, row.end, said.prose, said.rules, facts.mark, facts.furniture, score)
        for row, said, facts, score in zip(rows, scanned, known, wording, strict=True)
    ]
    if give_listed(lines) or any(line.rules or line.mark or line.furniture or line.wording > NOTHING for line in lines):
        _open_blocks(lines, scan)
        decide(lines, kept)
    elif not any(said.spans for said in scanned):
        return _Round(text, (), ())
    edits: list[Edit] = []
    named = [("", "")] * len(lines)
    for at, (line, said) in enumerate(zip(lines, scanned, strict=True)):
        parts = [span for span in said.spans if span.rule.category not in kept]
        if line.struck:
            named[at] = _name(lines, at)
        elif parts and not _is_worth_keeping(line.text, parts):
            line.struck, named[at] = True, (parts[0].rule.id, parts[0].rule.category)
        elif parts:
            edits += cut_spans(text, line, parts)
    edits += cut_lines(text, lines, named)
    edits.sort()
    return _Round(spans.apply(text, edits) if edits else text, edits, list(zip(lines, scanned, known, strict=True)))


def _spoken(said: Scanned, line: str, tongues: Tongues) -> Scanned:
    """Return what those rules say about a line whose language fits."""
    if not said.rules and not said.spans:
        return said
    fitting = (rule for rule in said.rules if tongues.fit(rule, line))
    rules = tuple(sorted(fitting, key=lambda rule: (tongues.distance(rule), rule.id)))
    parts = tuple(span for span in said.spans if tongues.fit(span.rule, line))
    if rules and parts and _leaves_sentence(line, parts):
        rules = ()  # they speak of the part that goes; what is left is asked about in the next round
    return Scanned(rules, parts, said.prose)


def _leaves_sentence(line: str, parts: Sequence[Span]) -> bool:
    """Tell whether a line is a whole sentence without its parts, and no caption with the credit of its picture."""
    rest = _without(line, parts).strip()
    caption = any(part.rule.category == "photo_credit_caption" for part in parts)
    return not caption and ends(rest) and words(rest) >= _SENTENCE


def _mark_doubled(rows: Sequence[LineOf], scanned: list[Scanned]) -> None:
    """Give a headline that stands twice in its line, at the head of a text, the part that goes."""
    first = next((at for at, said in enumerate(scanned) if said.prose), 0)
    for at in range(min(first, _HEADLINES)):
        if not scanned[at].spans and (parts := doubled(rows[at].text)):
            scanned[at] = scanned[at]._replace(spans=parts)


def _goes_on(before: LineOf, line: LineOf) -> bool:
    """Tell whether a line goes on with the sentence of the line before: the text was wrapped at a fixed width."""
    return (
        line.start == before.end + 1
        and len(before.text) >= _WRAPPED
        and line.text[:1].islower()
        and before.text.rstrip()[-1:] not in _ENDS
    )


def _open_blocks(lines: Sequence[Line], scan: Scanner) -> None:
    """Give the lines of every block their evidence; a block that prose stands in is none."""
    for at, line in enumerate(lines):
        for rule in line.rules:
            if rule.where != "block" or line.prose:
                continue
            for end in range(at + 1, min(at + _BLOCK_LINES, len(lines))):
                if scan.closes(rule, lines[end].text):
                    for inside in lines[at : end + 1]:
                        inside.given = (*inside.given, Evidence("in a block", POINTS["in a block"], rule))
                    break
                if lines[end].prose and not lines[end].rules:
                    break


def _name(lines: Sequence[Line], at: int) -> tuple[str, str]:
    """Return rule and category of a struck line; without a rule of its own it is of its neighbour's category."""
    why = reason(lines[at])
    if why.rule is not None:
        return why.rule.id, why.rule.category
    if why.name == "wording":
        return why.name, loudest(lines[at].text)[0]
    for distance in range(1, min(len(lines), _NEIGHBOURS)):
        for near in (at - distance, at + distance):
            if 0 <= near < len(lines) and lines[near].struck:
                rule = reason(lines[near]).rule
                if rule is not None:
                    return why.name.replace(" ", "-"), rule.category
        if not any(0 <= near < len(lines) and lines[near].struck for near in (at - distance, at + distance)):
            break
    return why.name.replace(" ", "-"), "furniture" if why.name == "furniture" else "related_links"


def _is_worth_keeping(line: str, parts: Sequence[Span]) -> bool:
    """Tell whether a letter or digit is left of a line without its parts."""
    return any(map(str.isalnum, _without(line, parts)))


def _without(line: str, parts: Sequence[Span]) -> str:
    at, left = 0, []
    for part in parts:
        left.append(line[at : part.start])
        at = part.end
    return "".join([*left, line[at:]])


def _host(url: str | None) -> str | None:
    """Return the host of an address, None where it is none."""
    try:
        return urlsplit(url).hostname if url else None
    except ValueError:
        return None
