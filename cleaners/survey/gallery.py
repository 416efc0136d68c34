"""The articles and pairs to show → their texts, cut to size."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import pyarrow as pa

from cleaners import spans, storage
from cleaners.model import RETOLD, Edit
from cleaners.survey import aligned

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from cleaners.survey.copies import Copies, Pair
    from cleaners.survey.rules import Cuts

ARTICLES = 24
"""Articles in the gallery."""

PER_HOST = 3
"""Articles of one host in the gallery, so that a large host does not fill it."""

AROUND = 180
"""Code points of kept text shown before and after a cut."""

LONGEST_CUT = 500
"""Code points of one cut that are shown."""

MOST_CUTS = 40
"""Cuts of one article that are shown."""

TITLE = 140
"""Code points of a title that are shown."""

How: TypeAlias = Literal["kept", "struck", "put", "left out"]


@dataclasses.dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an article; for `left out` the text is the number of code points that are not shown."""

    how: How
    text: str
    rule: str = ""
    category: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Head:
    """What is told about an article above its text; one without a title is called by its first words."""

    id: str
    title: str
    host: str | None
    language: str | None
    source: str
    record: int
    words: int
    residue: float


@dataclasses.dataclass(frozen=True, slots=True)
class Specimen:
    """An article with its cuts."""

    head: Head
    pieces: tuple[Piece, ...]
    more: int  # cuts that are not shown


@dataclasses.dataclass(frozen=True, slots=True)
class Opposed:
    """A copy beside the kept article, sentence by sentence."""

    pair: Pair
    kept: Head
    copy: Head
    rows: tuple[aligned.Row, ...]
    shortened: bool

    @property
    def retold(self) -> bool:
        """Whether the marked words are those that both have."""
        return self.pair.kind in RETOLD


@dataclasses.dataclass(frozen=True, slots=True)
class Gallery:
    """What is shown of the texts themselves; `leaders` are the kept articles of the clusters shown, by id."""

    specimens: tuple[Specimen, ...]
    opposed: tuple[Opposed, ...]
    leaders: dict[str, Head]


_HEAD = [field.name for field in dataclasses.fields(Head)]
_EDIT = [field.name for field in dataclasses.fields(Edit)]


def hang(parts: Mapping[str, Sequence[str]], cuts: Cuts, copies: Copies) -> Gallery:
    """Return what is shown; `parts` are the paths of each table's parts."""
    chosen = _chosen(cuts, _hosts(parts["articles"], {id_ for each in cuts.categories for id_ in each.shown}))
    leaders = {pair.canonical_id for pair in copies.pairs} | {cluster.canonical_id for cluster in copies.clusters}
    texts = _texts(parts["articles"], {*chosen, *leaders})
    texts |= _texts(parts["duplicates"], {pair.id for pair in copies.pairs})
    edits = _edits(parts["edits"], set(chosen))
    return Gallery(
        specimens=tuple(_specimen(*texts[id_], edits[id_]) for id_ in chosen),
        opposed=tuple(_opposed(pair, texts) for pair in copies.pairs),
        leaders={cluster.canonical_id: texts[cluster.canonical_id][0] for cluster in copies.clusters},
    )


def _chosen(cuts: Cuts, hosts: Mapping[str, str | None]) -> list[str]:
    """Return the ids to show, of articles whose host is known here: each category in turn gives one."""
    chosen: dict[str, None] = {}
    on_host: dict[str | None, int] = {}
    turns = itertools.zip_longest(*(each.shown for each in cuts.categories))
    for id_ in itertools.chain.from_iterable(turns):
        if id_ not in hosts or id_ in chosen or (hosts[id_] and on_host.get(hosts[id_], 0) >= PER_HOST):
            continue
        on_host[hosts[id_]] = on_host.get(hosts[id_], 0) + 1
        chosen[id_] = None
        if len(chosen) == ARTICLES:
            break
    return list(chosen)


def _found(paths: Sequence[str], ids: Collection[str], columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    values = pa.array(sorted(ids), pa.large_string())
    for path in paths if ids else ():
        for rows in storage.find(path, "id", values, columns):
            yield from rows.to_pylist()


def _hosts(paths: Sequence[str], ids: Collection[str]) -> dict[str, str | None]:
    return {row["id"]: row["host"] for row in _found(paths, ids, ["id", "host"])}


def _texts(paths: Sequence[str], ids: Collection[str]) -> dict[str, tuple[Head, str]]:
    texts = {}
    for row in _found(paths, ids, [*_HEAD, "text"]):
        text = row.pop("text")
        row["title"] = _shortened(row["title"] or text)
        texts[row["id"]] = (Head(**row), text)
    return texts


def _shortened(text: str) -> str:
    """Return the beginning of a text in one line, cut between words where there are some.

    >>> _shortened("word " * 40)[-11:], _shortened("東" * 200)[-3:]
    ('word word …', '東 …')
    """
    line = " ".join(text[: 2 * TITLE].split())
    if len(line) <= TITLE:
        return line
    whole = line[: TITLE + 1].rpartition(" ")[0]
    return f"{whole if 2 * len(whole) > TITLE else line[:TITLE]} …"


def _edits(paths: Sequence[str], ids: Collection[str]) -> dict[str, list[Edit]]:
    edits: dict[str, list[Edit]] = {id_: [] for id_ in ids}
    for row in _found(paths, ids, ["id", *_EDIT]):
        edits[row["id"]].append(Edit(**{name: row[name] for name in _EDIT}))
    return edits


def _opposed(pair: Pair, texts: Mapping[str, tuple[Head, str]]) -> Opposed:
    (kept, kept_text), (copy, copy_text) = texts[pair.canonical_id], texts[pair.id]
    rows = tuple(aligned.align(kept_text, copy_text, shared=pair.kind in RETOLD))
    return Opposed(pair, kept, copy, rows, aligned.shortened([kept_text, copy_text]))


def _specimen(head: Head, text: str, edits: Sequence[Edit]) -> Specimen:
    """Return an article with its cuts, and so much of what was kept that one sees where they were."""
    visible = [edit for edit in sorted(edits) if edit.before.strip() or edit.after.strip()]
    shown = visible[:MOST_CUTS]
    extracted = spans.restore(text, sorted(edits))
    pieces: list[Piece] = []
    at = 0
    for edit in shown:
        pieces += _kept(extracted[at : edit.start], before=bool(pieces), after=True)
        # White space at the edges goes outside, so that the label stands beside the words and not on the next line.
        words = edit.before.strip()
        lead, tail = edit.before.split(words, 1) if words else (edit.before, "")
        cut = words if len(words) <= LONGEST_CUT else words[:LONGEST_CUT] + " …"
        pieces += [Piece("kept", lead), Piece("struck", cut, edit.rule, edit.category), Piece("kept", tail)]
        how: How = "put" if edit.after.strip() else "kept"
        pieces.append(Piece(how, edit.after[:LONGEST_CUT], edit.rule, edit.category))
        at = edit.end
    pieces += _kept(extracted[at:], before=True, after=False)
    return Specimen(head, tuple(piece for piece in pieces if piece.text), len(visible) - len(shown))


def _kept(text: str, *, before: bool, after: bool) -> list[Piece]:
    """Return kept text: its beginning where a cut stands before it, its end where one comes after it."""
    head, tail = AROUND if before else 0, AROUND if after else 0
    if len(text) <= head + tail + AROUND:
        return [Piece("kept", text)] if text else []
    beginning = text[:head].rsplit(" ", 1)[0] if head else ""
    end = text[len(text) - tail :].split(" ", 1)[-1] if tail else ""
    out = Piece("left out", str(len(text) - len(beginning) - len(end)))
    return [piece for piece in (Piece("kept", beginning), out, Piece("kept", end)) if piece.text]
