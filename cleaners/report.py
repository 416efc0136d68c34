"""OUT/report.html: one page that shows what came in, what went out, why, and samples to look at.

The page is self-contained: no script, no remote part, and a policy in its head that forbids both. Everything that is
not our own mark-up goes through `plain` and is escaped. Template: report.html.j2; style: report.css.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

import jinja2
import markupsafe

from cleaners import storage
from cleaners.columns import COLUMNS
from cleaners.survey import alerts, copies, extras, figures, furniture, gallery, pictures, refusals, rules
from cleaners.survey.plain import compact, percent, share
from cleaners.visible import REPAIR, family, plain

_HERE = Path(__file__).parent

FAMILY_NAMES = {
    "share": "share, follow, comment",
    "links": "links and menus",
    "offer": "offers and advertising",
    "credit": "credits and bylines",
    "legal": "legal and consent",
    "broken": "broken or repaired",
    "other": "other, and learned furniture",
}
"""What the families are called in the legend."""

ROWS = 15
"""Languages and hosts shown; of the others the number is told."""

OPEN_RULES = 40
"""Rules shown with examples; LISTED more with their figures alone."""

LISTED = 200

INPUTS = 30
"""Input files listed."""


def write(root: str) -> str:
    """Write the report of the dataset in a folder or at a URL, unless it is there already; return its path.

    Raise InputError where there is no finished dataset. The page depends on the dataset alone.
    """
    path = storage.join(root, "report.html")
    storage.write_bytes(path, render(root).encode("utf-8", "replace"))
    return path


def render(root: str) -> str:
    """Return the page."""
    known = figures.read(root)
    parts = {table: figures.parts(root, known.manifest, table) for table in COLUMNS}
    cuts = rules.read(parts["edits"])
    copied = copies.read(parts["duplicates"])
    refused = refusals.read(parts["rejected"])
    template = _environment().get_template("report.html.j2")
    return template.render(
        figures=known,
        counts=known.counts,
        flow=pictures.flow(known.counts, refused),
        languages=figures.groups(known.languages, ROWS),
        hosts=figures.groups(known.hosts, ROWS),
        dates=pictures.dates(known),
        lengths=pictures.lengths(known),
        residue=pictures.residue(known),
        extras=extras.read(parts["articles"]),
        likeness=pictures.likeness(known),
        cuts=cuts,
        copies=copied,
        gallery=gallery.hang(parts, cuts, copied),
        furniture=furniture.read(root),
        refusals=refused,
        splits=known.manifest.get("splits"),
        alerts=alerts.read(known, cuts),
        timings=list(known.timings.items()),
    )


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Runs on whatever is put into the page, before it is escaped, so nothing scraped can slip past.
        finalize=lambda value: plain(value) if isinstance(value, str) and not hasattr(value, "__html__") else value,
    )
    environment.filters |= {
        "number": "{:,}".format,
        "compact": compact,
        "percent": percent,
        "label": _label,
        "language": _language,
        "family": family,
    }
    style = (_HERE / "report.css").read_text(encoding="utf-8")
    environment.globals |= {
        "share": share,
        "style": markupsafe.Markup(style),  # noqa: S704  (our own file)
        "families": FAMILY_NAMES,
        "limits": {"rules": OPEN_RULES, "listed": LISTED, "inputs": INPUTS},
        "repair": REPAIR,
    }
    return environment


def _label(name: str) -> str:
    """Return an identifier as words.

    >>> _label("share_widget"), _label("near-copy")
    ('share widget', 'near copy')
    """
    return name.replace("_", " ").replace("-", " ")


def _language(code: str | None) -> str | None:
    """Return the code if it is one that `lang` may hold, else None: speech and hyphenation go by it."""
    return code if code and re.fullmatch("[a-z]{2,3}", code) and code != "und" else None
