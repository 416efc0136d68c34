"""`make bench`: the figures of the README, in one go; only some, or small ones to see that all of it runs.

    python tests/benchmarks/run.py [--small] [NAME...]          make bench BENCH="--small match peers"

Each script says in its first lines what it measures; those that need the labelled data say so where it is absent. The
whole takes hours, most of them the slowest peers; each script has options for size of its own. Left out are those that
want the labelled sets by name: `bench_sieve.py`, and the trainings (`train_*.py`), which tell what they reach.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SMALL = {
    "extract": ("--pages", "40"),
    "strip": ("--articles", "200"),
    "quality": ("--articles", "200"),
    "clean": ("--rounds", "1"),
    "match": ("--articles", "10000"),
    "facts": ("--articles", "10000"),
    "match_traps": ("--articles", "2000", "--shuffles", "2"),
    "grow": ("--articles", "10000"),
    "peers": ("--articles", "10000", "--runs", "1"),
    "report": ("--articles", "10000"),
    "splits": ("--articles", "2000"),
    "decontaminate": ("--clean", "500", "--step", "40"),
    "training": ("--articles", "500", "--seeds", "2"),
    "crash": ("--kills", "3", "--articles", "2000", "--step", "100"),
    "orchestration": ("--articles", "2000", "--starts", "1"),
    "remote": ("--articles", "2000"),
    "scaling": ("--articles", "2000"),
}
"""The scripts in their order, and how each is asked for a small run."""


def main() -> None:
    """Run the scripts one after the other; leave with the number of those that failed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--small", action="store_true", help="minutes instead of hours; figures that say little")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SMALL)}; all of them by default")
    options = parser.parse_args()
    failed = 0
    for name in options.names or SMALL:
        script = HERE / f"bench_{name}.py"
        print(f"== {script.name}", flush=True)
        call = [sys.executable, "-W", "ignore", str(script), *(SMALL.get(name, ()) if options.small else ())]
        failed += subprocess.run(call, check=False).returncode != 0
    sys.exit(failed)


if __name__ == "__main__":
    main()
