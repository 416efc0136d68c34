"""OUT/README.md: the dataset card, in the form that `datasets.load_dataset` and the dataset hubs read.

It depends on the dataset alone: no clock, no folder name. Template: card.md.j2.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
import markupsafe
import numpy as np

from cleaners import storage
from cleaners.columns import COLUMNS
from cleaners.survey import extras, figures, rules
from cleaners.survey.plain import compact, percent, share
from cleaners.visible import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cleaners.survey.figures import Figures

ROWS = 20
"""Languages, hosts and rules named; of the others the number is told."""

_SIZES = (
    (10**3, "n<1K"),
    (10**4, "1K<n<10K"),
    (10**5, "10K<n<100K"),
    (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"),
    (10**8, "10M<n<100M"),
    (10**9, "100M<n<1B"),
)


def write(root: str) -> str:
    """Write the card of the dataset in a folder or at a URL, unless it is there already; return its path.

    Raise InputError where there is no finished dataset.
    """
    path = storage.join(root, "README.md")
    storage.write_bytes(path, render(root).encode("utf-8", "replace"))
    return path


def render(root: str) -> str:
    """Return the card."""
    known = figures.read(root)
    return (
        _environment()
        .get_template("card.md.j2")
        .render(
            figures=known,
            counts=known.counts,
            tables=COLUMNS,
            header=_header(known),
            languages=figures.groups(known.languages, ROWS),
            hosts=figures.groups(known.hosts, ROWS),
            dates=_dates(known),
            extras=extras.read(figures.parts(root, known.manifest, "articles")),
            cuts=rules.read(figures.parts(root, known.manifest, "edits")),
            limit=ROWS,
        )
    )


def _header(known: Figures) -> dict[str, Any]:
    """Return what the YAML header lists."""
    named = {name for name in known.languages["name"].to_pylist() if re.fullmatch("[a-z]{2,3}", name or "")}
    size = next((name for most, name in _SIZES if known.counts["articles"] < most), "n>1B")
    # A loader that is given a table without rows fails, so such a table is not offered, and neither is such a split.
    tables = [table for table in COLUMNS if known.counts[table] or table == "articles"]
    shares, filled = known.manifest["settings"]["split"]["shares"], known.counts["articles_by_split"]
    offered = filled or [*shares][:1]  # where there are no articles, the first split has the one file
    splits = {split: f"articles/{split}-*.parquet" for split in shares if split in offered}
    files = {table: splits if table == "articles" else {"train": f"{table}/*.parquet"} for table in tables}
    digests = {table: _digest(known.manifest["files"], table) for table in tables}
    return {"languages": sorted(named - {"und"}), "size": size, "files": files, "digests": digests}


def _digest(files: Mapping[str, Mapping[str, Any]], table: str) -> str:
    """Return what changes with the content of a table: a digest over those of its files.

    It stands in the header, from which `datasets` names the folder of its cache: by the folder's own name, and by what
    the header says of each table, but not by the files. Without it the first content it saw under a name would stay.
    """
    told = sorted(f"{path} {file['sha256']}\n" for path, file in files.items() if path.startswith(f"{table}/"))
    return hashlib.sha256("".join(told).encode()).hexdigest()


def _dates(known: Figures) -> tuple[str, str, int] | None:
    """Return first and last day of the articles, single wrong dates left out, and how many articles have a date."""
    days, articles = known.days["day"].to_numpy(), known.days["articles"].to_numpy()
    dated = int(articles.sum())
    if not dated:
        return None
    reached = np.cumsum(articles) / dated
    first, last = (days[np.searchsorted(reached, share)] for share in (0.005, 0.995))
    return str(np.datetime64(int(first), "D")), str(np.datetime64(int(last), "D")), dated


# What begins something in Markdown or HTML; a backslash before it makes it itself.
_MARKDOWN = re.compile(r"""([\\`*_{}\[\]<>()#+!|&~$])""")


def _text(value: object) -> object:
    """Return what is put into the card so that it stays text: one line, no Markdown, nothing that acts."""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    return _MARKDOWN.sub(r"\\\1", plain(" ".join(value.split())))


def _quoted(value: object) -> markupsafe.Markup:
    """Return a value as JSON, which YAML reads too."""
    return markupsafe.Markup(json.dumps(value, ensure_ascii=True))  # noqa: S704  (plain ASCII between quotes)


def _block(value: object) -> markupsafe.Markup:
    """Return a value as indented JSON for a code block, which nothing in it can end: JSON has no bare line breaks."""
    return markupsafe.Markup(json.dumps(value, ensure_ascii=True, indent=1))  # noqa: S704  (see above)


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=False,  # noqa: S701  (this is Markdown: `finalize` escapes)
        undefined=jinja2.StrictUndefined,
        finalize=_text,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "number": "{:,}".format,
        "compact": compact,
        "percent": percent,
        "quoted": _quoted,
        "block": _block,
        # For what stands in our own code: names, types and meanings of columns.
        "code": lambda name: markupsafe.Markup(f"`{name}`"),  # noqa: S704
        "ours": markupsafe.Markup,
        "label": lambda name: name.replace("_", " "),
    }
    environment.globals |= {"share": share}
    return environment
