"""The presets against datatrove's filters on real English articles, and what the signals cost beside stripping.

    python tests/benchmarks/bench_quality.py [--articles 2000] [--list 5] [--folder DIR]

Needs ../shared/data. datatrove runs in an environment of its own, installed by name; its driver is
`peers/quality_datatrove.py`. Printed is, for each filter, how many articles each side rejects, the share of equal
verdicts, and the first differing articles with both reasons.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import json
import pathlib
import subprocess
import tempfile
import time

import bench_peers
import pyarrow as pa
import pyarrow.parquet as pq

from cleaners.config import QualitySettings
from cleaners.quality.presets import bounds, refusals
from cleaners.quality.signals import signals
from cleaners.strip.engine import strip_text
from cleaners.text import word_count

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE.parents[2] / "shared" / "data"
PEER = bench_peers.Peer("datatrove", ("datatrove[io,processing]==0.10.1", "spacy==3.8.18"))
_QUALITY = ("words", "mean_word_length", "hashes", "ellipses", "bullet_lines", "ellipsis_lines", "alphabetic")
FILTERS = {
    "gopher quality": ("gopher", lambda column: column in {*_QUALITY, "gopher_words"}),
    "gopher repetition": ("gopher", lambda column: column not in {*_QUALITY, "gopher_words"}),
    "c4": ("c4", lambda _: True),
    "fineweb": ("fineweb", lambda _: True),
}
"""datatrove's filters, and which bounds of which preset say the same."""


def articles(most: int) -> list[str]:
    """Return so many texts: pages as they were extracted, with their residue, then stripped news of three corpora."""
    texts = []
    for path in sorted((DATA / "pages").glob("*.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            pages = [json.loads(line) for line in lines]
        texts += ["\n".join(line["text"] for line in page["lines"]) for page in pages if page.get("lang", "en") == "en"]
    names = ("allsides", "reuters21578", "reuters_fin")
    share = (most - len(texts)) // len(names) + 1
    for name in names:
        column = pq.read_table(DATA / "news" / f"{name}.parquet", columns=["text"])["text"]
        step = max(1, len(column) // share)
        texts += column.take(pa.array(range(0, step * share, step))).to_pylist()
    return [text for text in texts if text and text.strip()][:most]


def rows_of(texts: list[str]) -> pa.Table:
    """Return texts as rows that the signals can be computed on, with their signals."""
    rows = pa.table(
        {
            "text": pa.array(texts, pa.large_string()),
            "language": ["en"] * len(texts),
            "page_types": pa.nulls(len(texts), pa.list_(pa.large_string())),
            "words": [word_count(text) for text in texts],
        }
    )
    found = signals(rows)
    for name in found.schema.names:
        rows = rows.append_column(name, found[name])
    return rows


def theirs(texts: list[str], folder: pathlib.Path) -> list[dict[str, str | None]]:
    """Return what datatrove says of each text."""
    source, out = folder / "quality.jsonl", folder / "quality.verdicts.jsonl"
    source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    python = bench_peers.python_of(PEER, folder)
    subprocess.run([python, "-W", "ignore", HERE / "peers" / "quality_datatrove.py", source, out], check=True)
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def agreement(texts: list[str], folder: pathlib.Path, listed: int) -> None:
    """Print how far the verdicts agree, and where they do not."""
    rows, said = rows_of(texts), theirs(texts, folder)
    print(f"{len(texts):,} articles\n\n| filter | rejected here | by datatrove | equal verdicts |")
    print("| --- | --- | --- | --- |")
    differing = []
    for name, (preset, belongs) in FILTERS.items():
        wanted = tuple(bound for bound in bounds(QualitySettings(preset=preset)) if belongs(bound.column))
        ours = refusals(rows, wanted)["detail"].to_pylist()
        other = [verdict[name] for verdict in said]
        differs = [at for at in range(len(texts)) if (ours[at] is None) != (other[at] is None)]
        differing += [(name, at, ours[at], other[at]) for at in differs]
        share = 1 - len(differs) / len(texts)
        print(f"| {name} | {len(texts) - ours.count(None)} | {len(texts) - other.count(None)} | {share:.2%} |")
    counted = collections.Counter((name, ours and ours.split(" is ")[0], other) for name, _, ours, other in differing)
    print("\ndifferences (filter, ours, datatrove's):")
    for (name, ours, other), count in counted.most_common():
        print(f"  {count:4}  {name}: {ours} / {other}")
        for _, at, told, _ in [
            row for row in differing if (row[0], row[2] and row[2].split(" is ")[0], row[3]) == (name, ours, other)
        ][:listed]:
            print(f"        {told}; {' '.join(texts[at].split())[:90]!r}")


def cost(texts: list[str]) -> None:
    """Print processor time of the signals beside that of stripping the same texts."""
    some = texts[:1000]
    rows_of(some[:10])
    strip_text(some[0])
    spent = {"strip": 9e9, "signals": 9e9}
    for _ in range(3):
        start = time.process_time()
        for text in some:
            strip_text(text)
        middle = time.process_time()
        rows_of(some)
        spent["strip"] = min(spent["strip"], middle - start)
        spent["signals"] = min(spent["signals"], time.process_time() - middle)
    each = {name: seconds / len(some) * 1e6 for name, seconds in spent.items()}
    share = each["signals"] / each["strip"]
    print(f"\nstrip {each['strip']:.0f} µs, signals {each['signals']:.0f} µs an article: {share:.0%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--list", type=int, default=3, help="differing articles shown of each kind")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "copydesk-bench")
    options = parser.parse_args()
    if not DATA.is_dir():
        raise SystemExit("the labelled data is not beside the repository (shared/)")
    options.folder.mkdir(parents=True, exist_ok=True)
    texts = articles(options.articles)
    agreement(texts, options.folder, options.list)
    cost(texts)


if __name__ == "__main__":
    main()
