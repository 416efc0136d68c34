"""datatrove's four steps of MinHash, as in its example, on two workers with its own 14 × 8 hashes."""

from __future__ import annotations

import gzip
import pathlib
import shutil
import sys

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupBuckets
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from datatrove.utils.hashing import HashConfig

WORKERS = 2


def halves(source: pathlib.Path, folder: pathlib.Path) -> str:
    """Cut the file in two, because datatrove gives each worker files of its own."""
    folder.mkdir(parents=True)
    lines = source.read_bytes().splitlines(keepends=True)
    for part in range(WORKERS):
        cut = slice(part * len(lines) // WORKERS, (part + 1) * len(lines) // WORKERS)
        (folder / f"{part}.jsonl").write_bytes(b"".join(lines[cut]))
    return str(folder)


def main() -> None:
    source, out, folder = map(pathlib.Path, sys.argv[1:4])
    config = MinhashConfig(num_buckets=14, hashes_per_bucket=8, n_grams=5, hash_config=HashConfig(precision=64))
    reader = JsonlReader(halves(source, folder / "in"))
    signatures, buckets, remove = (str(folder / name) for name in ("signatures", "buckets", "remove"))
    steps = [
        (WORKERS, [reader, MinhashDedupSignature(signatures, config=config)]),
        (14, [MinhashDedupBuckets(signatures, buckets, config=config)]),
        (1, [MinhashDedupCluster(buckets, remove, config=config)]),
        (WORKERS, [reader, MinhashDedupFilter(remove), JsonlWriter(str(folder / "kept"))]),
    ]
    for number, (tasks, pipeline) in enumerate(steps):
        logs = str(folder / "logs" / str(number))
        LocalPipelineExecutor(pipeline=pipeline, tasks=tasks, workers=WORKERS, logging_dir=logs).run()
    with out.open("wb") as kept:
        for part in sorted((folder / "kept").glob("*.gz")):
            with gzip.open(part) as lines:
                shutil.copyfileobj(lines, kept)


if __name__ == "__main__":
    main()
