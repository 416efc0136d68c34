"""text-dedup's command, on two processes; its result, an Arrow data set, written as JSONL."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import datasets

source, out, folder = map(pathlib.Path, sys.argv[1:4])
call = [sys.executable, "-m", "text_dedup.minhash", "--path", "json", "--data_files", str(source)]
call += ["--split", "train", "--cache_dir", str(folder / "cache"), "--output", str(folder / "kept"), "--column", "text"]
call += ["--ngram", "5", "--threshold", "0.7", "--num_perm", "128", "--num_proc", "2", "--batch_size", "10000"]
call += ["--hash_func", "xxh3", "--hash_bits", "32"]
subprocess.run(call, check=True)
datasets.load_from_disk(str(folder / "kept")).to_json(str(out), num_proc=2)
