"""A crawl that means harm: every marker is found, everything broken is rejected, nothing is lost, memory is bounded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import hostile
import library


def test_every_record_of_a_hostile_crawl_ends_somewhere_in_bounded_memory(tmp_path: Path) -> None:
    expected = hostile.write(tmp_path / "in")
    command = [sys.executable, "-W", "ignore", str(Path(hostile.__file__)), str(tmp_path / "out"), str(tmp_path / "in")]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    rows = library.rows(tmp_path / "out", "articles") + library.rows(tmp_path / "out", "duplicates")
    rejected = library.rows(tmp_path / "out", "rejected")
    texts, refused = {}, {Path(row["source"]).name for row in rejected}
    for row in rows:
        name = os.path.relpath(row["source"], tmp_path / "in").partition("/")[0]
        texts[name] = texts.get(name, "") + row["text"]
    lost = [
        name
        for name, found in expected.items()
        if "".join(sign for sign in name if sign.isalnum()) not in texts.get(name, "")
        and (found or (name not in refused and name not in texts))
    ]

    assert len(expected) >= 60
    assert lost == []
    assert int(done.stdout) < 1536
    counts = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))["counts"]
    assert counts["records"] == len(rows) + len(rejected)
    assert all(row["reason"] for row in rejected)
    assert not [row for row in rejected if "\n" in row["detail"] or "\x1b" in row["detail"]]
