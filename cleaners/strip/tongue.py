"""Whether a rule of one language may speak about a line: pages mix languages, and short words mean much in many.

A blog in English wears Indonesian buttons, so rules of every language are asked about every text. But a Dutch rule says
nothing about an English sentence, however well its words fit, if the article is in English as well.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from cleaners.language import identify

if TYPE_CHECKING:
    from cleaners.rulebook import Rule

# Languages that are hard to tell apart in a line, or that share their phrases.
_RELATED = (
    {"ar", "fa", "ur", "ps"},
    {"bg", "be", "mk", "ru", "sr", "uk"},
    {"bn", "as"},
    {"ca", "es", "gl", "pt"},
    {"cs", "sk"},
    {"da", "nb", "nn", "no", "sv"},
    {"de", "lb"},
    {"af", "nl"},
    {"bs", "hr", "sl", "sr"},
    {"hi", "mr", "ne"},
    {"id", "jv", "ms"},
    {"tl", "ceb"},
    {"zh", "ja"},
)


# Languages that are not written in Latin letters: their rules say nothing about a line of plain ASCII elsewhere.
_OTHER_SCRIPTS = frozenset(
    ["ar", "be", "bg", "bn", "el", "fa", "he", "hi", "ja", "ko", "mk", "mr", "ru", "ta", "te", "th", "uk", "ur", "zh"]
)


class Tongues:
    """The languages of one text: what it looks like, found out when first asked, and what its reader was told."""

    def __init__(self, text: str, told: str | None) -> None:
        self._text, self._told = text, told
        self._looks: str | None = None
        self._spoken: tuple[str, str] = ("", "und")  # the line asked about last, and its language

    def fit(self, rule: Rule, line: str) -> bool:
        """Tell whether a rule may decide on a line of the text.

        English rules and rules without a language always may: English furniture stands on pages of all languages. A
        rule of another language may where text or line are in it, or, if it is about the whole line, where the line is
        not in the text's own language: labels are too short to tell.
        """
        if "en" in rule.languages or "*" in rule.languages or (self._told and _is_one_of(self._told, rule.languages)):
            return True
        if self._looks is None:
            self._looks, _ = identify(self._text)
        if _is_one_of(self._looks, rule.languages):
            return True
        if line.isascii() and _is_in_other_script(rule.languages):
            return False
        if line != self._spoken[0]:
            self._spoken = line, identify(line)[0]
        spoken = self._spoken[1]
        if _is_one_of(spoken, rule.languages):
            return True
        return rule.where != "span" and (spoken == "und" or spoken != self._looks)

    def distance(self, rule: Rule) -> int:
        """Return how far a rule that fits is from the text: 0 in its language, 1 English or in none, 2 in another.

        Of rules that say the same of a line the nearest is named, so that nobody reads of a Danish button on an English
        page.
        """
        if any(language and _is_one_of(language, rule.languages) for language in (self._told, self._looks)):
            return 0
        return 1 if "en" in rule.languages or "*" in rule.languages else 2


@functools.lru_cache(maxsize=1024)
def _is_in_other_script(codes: tuple[str, ...]) -> bool:
    return all(code.partition("-")[0] in _OTHER_SCRIPTS for code in codes)


@functools.lru_cache(maxsize=1024)
def _is_one_of(language: str, codes: tuple[str, ...]) -> bool:
    """Tell whether a language is one of a rule's, or close to it."""
    plain = {code.partition("-")[0] for code in codes}
    return language in plain or any(language in family and plain & family for family in _RELATED)
