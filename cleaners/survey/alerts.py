"""Figures → what somebody should look at before the dataset is used."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from cleaners import rulebook
from cleaners.survey.figures import groups
from cleaners.visible import REPAIR

if TYPE_CHECKING:
    from collections.abc import Callable

    from cleaners.survey.figures import Figures
    from cleaners.survey.rules import Cuts

ENOUGH = 20
"""Articles a host or language needs before its shares mean something."""

LOST = 0.5
"""Share of a host's articles that were copies of others, or of its words that were struck, from which it is named."""

EVERYWHERE = 0.5
"""Share of all texts in which one rule cut something, from which the rule is named: residue of one kind is rarer."""

REFUSED = 0.1
"""Share of all records that one reason rejected, from which it is named."""

LEARNED = "furniture"
"""Evidence that is no rule: learned lines stand on most pages by definition."""

NAMED = 5
"""Hosts, rules or languages named in one alert; of the others the number is told."""


@dataclasses.dataclass(frozen=True, slots=True)
class Alert:
    """What was seen, with names and figures, what it may mean, and the section of the report that shows it."""

    seen: str
    named: tuple[tuple[str, str], ...]  # name, figures
    more: int
    means: str
    section: str


def read(figures: Figures, cuts: Cuts) -> tuple[Alert, ...]:
    """Return the alerts, the gravest first."""
    found = (check(figures, cuts) for check in _CHECKS)
    return tuple(alert for alert in found if alert)


def _alert(seen: str, named: list[tuple[str, str]], means: str, section: str, *, of: int = 0) -> Alert | None:
    """Return the alert, None where there is nobody to name; `of` is the number of all where `named` is a part."""
    return (
        Alert(seen, tuple(named[:NAMED]), max(of, len(named)) - len(named[:NAMED]), means, section) if named else None
    )


def _faults(figures: Figures, _: Cuts) -> Alert | None:
    count = figures.counts["rejected_by_reason"].get("crash", 0)
    named = [("crash", f"{count:,} of {figures.counts['records']:,} records")] if count else []
    means = "A fault of copydesk's, or of a library: the details name the place. Report it, with a record if you may."
    return _alert("Records on which the software failed", named, means, "rejected")


def _lost_hosts(figures: Figures, _: Cuts) -> Alert | None:
    hosts = figures.hosts
    total = pc.add(hosts["articles"], hosts["copies"])
    lost = pc.greater(pc.cast(hosts["copies"], "float64"), pc.multiply(pc.cast(total, "float64"), LOST))
    chosen = hosts.filter(pc.and_(lost, pc.greater_equal(total, ENOUGH)))
    ranked = chosen.sort_by([("copies", "descending"), ("name", "ascending")])
    named = [(host.name, f"{host.copies:,} of {host.total:,}") for host in groups(ranked, NAMED)]
    means = "A mirror or an aggregator; or a template that makes different articles alike."
    return _alert("Hosts that lost more than half their articles as copies", named, means, "copies", of=ranked.num_rows)


def _emptied_hosts(figures: Figures, _: Cuts) -> Alert | None:
    hosts = figures.hosts
    before = pc.cast(pc.add(hosts["words"], hosts["struck"]), "float64")
    emptied = pc.greater(pc.cast(hosts["struck"], "float64"), pc.multiply(before, LOST))
    chosen = hosts.filter(pc.and_(emptied, pc.greater_equal(hosts["articles"], ENOUGH)))
    ranked = chosen.sort_by([("struck", "descending"), ("name", "ascending")])
    named = [
        (host.name, f"{host.struck / (host.words + host.struck):.0%} of its words") for host in groups(ranked, NAMED)
    ]
    means = "Pages that are mostly furniture; or a rule that takes content here."
    return _alert("Hosts that lost more than half their words", named, means, "cuts", of=ranked.num_rows)


def _busy_rules(figures: Figures, cuts: Cuts) -> Alert | None:
    texts = figures.counts["articles"] + figures.counts["duplicates"]
    named = [
        (each.rule, f"{each.texts / texts:.0%} of the texts")
        for each in cuts.rules
        if texts >= ENOUGH
        and each.texts > EVERYWHERE * texts
        and each.rule != LEARNED
        and REPAIR not in each.categories
    ]
    means = "One publisher makes up most of the input; or the rule is too wide. Its examples tell."
    return _alert("Rules that cut something in more than half of all texts", named, means, "cuts")


def _strangers(figures: Figures, cuts: Cuts) -> Alert | None:
    languages = figures.languages
    totals = pc.add(languages["articles"], languages["copies"]).to_pylist()
    texts = dict(zip(languages["name"].to_pylist(), totals, strict=True))
    known = {rule.id: rule.languages for rule in rulebook.builtin().rules}
    named = []
    for each in cuts.rules:
        of = known.get(each.rule, ())
        theirs = sum(texts.get(language, 0) for language in (*of, "und", ""))
        if of and "*" not in of and each.texts >= ENOUGH and each.texts > theirs:
            named.append((each.rule, f"{each.texts:,} texts, of {theirs:,} in {'/'.join(of[:3])}"))
    means = "Pages mix languages; or the words mean something else here. The examples of the rule tell."
    return _alert("Rules that cut something in more texts than there are in their languages", named, means, "cuts")


def _ruled() -> list[str]:
    """Return the languages that have rules of their own."""
    return sorted({language for rule in rulebook.builtin().rules for language in rule.languages})


def _unruled_languages(figures: Figures, _: Cuts) -> Alert | None:
    languages = figures.languages
    told = pc.invert(pc.is_in(languages["name"], pa.array([*_ruled(), "und", ""], pa.large_string())))
    unruled = languages.filter(pc.and_(told, pc.greater_equal(languages["articles"], ENOUGH)))
    named = [(each.name, f"{each.articles:,} articles") for each in groups(unruled, NAMED)]
    means = "Only mark-up, learned furniture and rules for all languages work there; residue in its own words stays."
    return _alert("Languages without rules of their own", named, means, "input", of=unruled.num_rows)


def _silent_languages(figures: Figures, _: Cuts) -> Alert | None:
    languages = figures.languages
    told = pc.is_in(languages["name"], pa.array(_ruled(), pa.large_string()))
    quiet = pc.and_(told, pc.equal(languages["touched"], 0))
    silent = languages.filter(pc.and_(quiet, pc.greater_equal(languages["articles"], ENOUGH)))
    named = [(each.name or "und", f"{each.articles:,} articles") for each in groups(silent, NAMED)]
    means = "Clean input; or the rulebook knows too little of the residue in this language."
    return _alert("Languages in which nothing was struck", named, means, "input", of=silent.num_rows)


def _common_refusals(figures: Figures, _: Cuts) -> Alert | None:
    records = figures.counts["records"]
    named = [
        (reason, f"{count:,} of {records:,} records")
        for reason, count in figures.counts["rejected_by_reason"].items()
        if records >= ENOUGH and count > REFUSED * records
    ]
    means = "Damaged or foreign input; or a limit in the settings that is too tight."
    return _alert("Reasons that rejected more than a tenth of all records", named, means, "rejected")


_CHECKS: tuple[Callable[[Figures, Cuts], Alert | None], ...] = (
    _faults,
    _lost_hosts,
    _emptied_hosts,
    _busy_rules,
    _strangers,
    _common_refusals,
    _unruled_languages,
    _silent_languages,
)
