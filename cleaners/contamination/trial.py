"""Items planted among the texts that are looked at: if they are not found, a run must not pass for a clean one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cleaners.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaners.contamination.index import Index
    from cleaners.contamination.look import Hit

_WORDS = 2_000  # of an item that is planted in other words; a longer one takes long to compare
_LETTERS = 4_000  # of an item that is planted word for word
_REWORDED = 3  # items planted in other words, of which one at least must be found
_BEFORE, _AFTER = "It was dull and dry in Orrel that day.", "Nobody there was asked about it later."
_CHANGED = ("otherwise", "thereupon", "meanwhile", "presumably")


class Planted(NamedTuple):
    """Texts that hold an item: one of each file word for word, and some in other words."""

    verbatim: list[str]
    reworded: list[str]


def planted(index: Index, ngram_words: int) -> Planted:
    """Return what is to be found; in other words nothing where no item has facts enough to be known by them."""
    verbatim: dict[str, str] = {}
    long: list[tuple[int, str]] = []
    for group in index.groups():
        for row, file in enumerate(group.files):
            if group.sizes[row] and file not in verbatim:
                verbatim[file] = f"{_BEFORE}\n{group.texts[row].as_py()[:_LETTERS]}\n{_AFTER}"
            if group.valid[row] and group.words[row] <= _WORDS:
                long.append((-int(group.words[row]), group.texts[row].as_py()))
        long = sorted(long)[:_REWORDED]
    return Planted(list(verbatim.values()), [changed(text, ngram_words // 2) for _, text in long])


def changed(text: str, every: int) -> str:
    """Return a text with one word in so many replaced, one without capitals if there is one.

    >>> changed("Ada Quill lost all of her hens", 3)
    'Ada Quill otherwise all thereupon her meanwhile'
    """
    out: list[str] = []
    since = count = 0
    for word in text.split(" "):
        since += 1
        if (since >= every - 1 and word.isalpha() and word.islower()) or since >= every + 1:
            out.append(_CHANGED[count % len(_CHANGED)])
            since, count = 0, count + 1
        else:
            out.append(word)
    return " ".join(out)


def check(where: str, trial: Planted, hits: Sequence[Hit], first: int) -> None:
    """Raise RunError unless the planted texts, which stand from row `first` on, were found among the hits."""
    told = {hit.row - first: hit for hit in hits if hit.row >= first}
    missed = sum(row not in told for row in range(len(trial.verbatim)))
    reworded = range(len(trial.verbatim), len(trial.verbatim) + len(trial.reworded))
    if missed or (trial.reworded and not any(row in told and not told[row].words for row in reworded)):
        how = "word for word" if missed else "in other words"
        what = f"an item of the evaluation sets that was planted {how} was not found, so others would be missed too"
        raise RunError(
            where, what, "Nothing was decontaminated. Check decontaminate.… in the settings, or report this."
        )
