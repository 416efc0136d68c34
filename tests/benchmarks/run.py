"""`make bench`: the figures of the README, in one go. Only some: `python tests/benchmarks/run.py clean`.

Each script says in its first lines what it measures; those that need the labelled data say so where it is absent.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPTS = ("extract", "strip", "quality", "clean", "match", "match_traps", "peers", "report", "training", "crash")


def main() -> None:
    """Run the scripts one after the other; leave with the number of those that failed."""
    failed = 0
    for name in sys.argv[1:] or SCRIPTS:
        script = HERE / f"bench_{name}.py"
        print(f"== {script.name}", flush=True)
        failed += subprocess.run([sys.executable, "-W", "ignore", str(script)], check=False).returncode != 0
    sys.exit(failed)


if __name__ == "__main__":
    main()
