"""Ours: the functions of this package in a row, as `bench_match.py` calls them; every copy verified on its text."""

from __future__ import annotations

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from cleaners.lifetime import collect_seldom, multiply_alone

collect_seldom()
multiply_alone()  # as the command does

import bench_match  # noqa: E402  (after it)

source, out, folder = map(pathlib.Path, sys.argv[1:4])
bench_match.keep(source, out, folder, bench_match.Clock())
