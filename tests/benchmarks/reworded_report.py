"""What the verifier reaches, for people: a table by set, the precision-recall curve, the worst misses with reasons."""

import numpy as np

from cleaners.rewording.columns import MEASURES
from cleaners.rewording.measures import LEAST_SHARED
from cleaners.rewording.score import score

REASONS = {
    "of_b": "little of the shorter text's vocabulary is left",
    "facts_of_b": "names and numbers of the shorter text are missing in the longer",
    "numbers_of_b": "numbers of the shorter text are missing in the longer",
    "balance": "the one tells much more than the other",
    "order": "told in another order",
    "aligned_b": "few sentences have a partner",
    "cover_b": "its sentences are spread over several of the other",
    "lead_a": "begins with something else",
    "lead_b": "begins with something else",
    "verbatim_of_b": "no wording is left",
}
"""Measure → what a low value of it means. A false alarm is told by the same measures, where they are high."""


def table(results, groups, words):
    """Return Markdown: the share of each group of pairs that passes, of pairs learned from and of others."""
    lines = [
        "# What the verifier reaches",
        "",
        "Written by tests/benchmarks/train_reworded.py: share of the pairs called `reworded` and `overlap`, by the",
        "model at hand / by models that saw neither article of the pair / by one trained without the whole",
        "set, with bars of its own, raised as the bars at hand are raised for pairs that were not learned from. The",
        "l2r rows count pairs of 100 words and more, those of pan13_passages of 60. Which words are those of language",
        "models is learned without the fold of a text for the first two, without the set for the third.",
        "",
        "| set | label | style | pairs | reworded | overlap |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for group in sorted(group for group in set(groups) if "~" not in group[2]):
        least = {"l2r": 100, "pan13_passages": 60}.get(group[0], 0)
        chosen = np.array([g == group for g in groups]) & (words >= least)
        if chosen.any():
            digits = 3 if chosen.sum() < 10_000 else 5
            shares = [" / ".join(f"{ways[chosen].mean():.{digits}f}" for ways in each) for each in results.values()]
            lines.append(f"| {' | '.join(map(str, (*group, chosen.sum(), *shares)))} |")
    return lines


def by_models(model, figures, words, groups, gate):
    """Return Markdown: how many independent reports pass, and would pass if models had worded both articles, or one.

    All of them are by people. That a text reads like a model's speaks for a rewording, and one day nearly all may.
    """
    names = np.array([f"{group[0]} {group[1]}" if "~" not in group[2] else "" for group in groups])
    lines = [
        "",
        "| independent reports | pairs | called `reworded` | had models worded both | or one |",
        f"|{' --- |' * 5}",
    ]
    for name in ("duc2004 same_event", "basil same_event", "allsides_events same_event", "background independent"):
        of_name = (names == name) & gate
        passed = [int((score(model, figures[of_name], words[of_name]) >= 0.5).sum())]
        for measured in ((1.0, 0.0), (1.0, 1.0)):
            worded = figures[of_name]
            worded[:, [MEASURES.index("machine"), MEASURES.index("machine_apart")]] = measured
            passed.append(int((score(model, worded, words[of_name]) >= 0.5).sum()))
        lines.append(f"| {name} | {(names == name).sum()} | {' | '.join(map(str, passed))} |")
    return lines


def write(folder, pairs, figures, words, score, apart, wanted, passed, enough):  # noqa: PLR0913, PLR0917
    """Write curve.svg and misses.md. `apart` are scores by coefficients trained without the set of the pair."""
    folder.mkdir(parents=True, exist_ok=True)
    n = len(pairs)
    label = np.array([pair[3] for pair in pairs])
    clear = np.isin(label, ["reworded", "same_event", "unrelated"]) & (
        np.array([p[2] for p in pairs]) != "fakenews_amt"
    )
    curves = {"trained with the set": score[:n], "trained without it": apart[:n]}
    drawn = {name: curve(s, wanted[:n], clear, enough[:n]) for name, s in curves.items() if np.isfinite(s).any()}
    (folder / "curve.svg").write_text(svg(drawn), encoding="utf-8")
    (folder / "misses.md").write_text(misses(pairs, figures, words, score, wanted, passed[0]), encoding="utf-8")


def curve(score, wanted, clear, enough):
    """Return recall and precision at every score; pairs with too little evidence are never found."""
    usable = clear & enough & np.isfinite(score)
    order = np.argsort(-score[usable], kind="stable")
    hits = wanted[usable][order]
    return np.cumsum(hits) / wanted[clear].sum(), np.cumsum(hits) / np.arange(1, len(hits) + 1)


def svg(curves):
    """Return the curves as an SVG picture: precision from 0.9 up, over recall from 0.5 on."""
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 520 400" font-family="sans-serif" font-size="12">']
    for step in range(6):
        x, y = 60 + 80 * step, 340 - 60 * step
        parts.append(f'<path d="M{x} 40V340M60 {y}H460" stroke="#ddd" fill="none"/>')
        parts.append(f'<text x="{x}" y="358" text-anchor="middle">{0.5 + 0.1 * step:.1f}</text>')
        parts.append(f'<text x="52" y="{y + 4}" text-anchor="end">{0.9 + 0.02 * step:.2f}</text>')
    for number, (name, (recall, precision)) in enumerate(curves.items()):
        colour = ("#1f6feb", "#d1571f")[number % 2]
        some = np.flatnonzero((recall >= 0.5) & (precision >= 0.9))
        some = some[:: max(1, len(some) // 400)]
        points = " ".join(f"{60 + 800 * (recall[k] - 0.5):.1f},{340 - 3000 * (precision[k] - 0.9):.1f}" for k in some)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="70" y="{300 + 18 * number}" fill="{colour}">{name}</text>')
    parts.append('<text x="260" y="380" text-anchor="middle">recall</text>')
    parts.append('<text x="16" y="190" transform="rotate(-90 16 190)" text-anchor="middle">precision</text></svg>')
    return "\n".join(parts) + "\n"


def misses(pairs, figures, words, score, wanted, passed):
    """Return Markdown: the ten worst pairs of each kind of mistake, and what speaks against or for each."""
    n = len(pairs)
    found = figures[:n][passed[:n] & wanted[:n]]
    middle, spread = np.median(found, axis=0), found.std(axis=0) + 1e-6
    groups = {}
    for at, pair in enumerate(pairs):
        wrong = wanted[at] != passed[at]
        if wrong and pair[3] in {"reworded", "dup", "same_event", "unrelated", "update"}:
            groups.setdefault((pair[2], pair[3], pair[4]), []).append(at)
    lines = ["# The ten worst mistakes of each kind", ""]
    for group, rows in sorted(groups.items()):
        copy = group[1] in {"reworded", "dup"}
        lines += [f"## {' · '.join(group)}: {len(rows)} {'missed' if copy else 'called a copy'}", ""]
        for at in sorted(rows, key=lambda row: score[row] if copy else -score[row])[:10]:
            reason = _reason(figures[at], words[at], middle, spread, copy)
            lines.append(f"- {pairs[at][5]} | {pairs[at][6]}: {words[at]} words, {reason}")
        lines.append("")
    return "\n".join(lines)


def _reason(figures, words, middle, spread, copy):
    """Return in words what is furthest from the rewordings that were found, or nearest to them."""
    if copy and words < 25:
        return "too short to say anything"
    if copy and figures[MEASURES.index("jaccard")] < LEAST_SHARED:
        return f"shares {figures[MEASURES.index('jaccard')]:.2f} of its vocabulary, less than unrelated articles may"
    away = {name: (figures[MEASURES.index(name)] - middle[MEASURES.index(name)]) / spread[MEASURES.index(name)]
            for name in REASONS}  # fmt: skip
    ranked = sorted(away, key=away.__getitem__, reverse=not copy)[:2]
    told = (
        f"{name} {figures[MEASURES.index(name)]:.2f} (usually {middle[MEASURES.index(name)]:.2f})" for name in ranked
    )
    return (f"{REASONS[ranked[0]]}: " if copy else "looks like a rewording: ") + ", ".join(told)
