"""Fixtures that several test files share."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from command import run
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
CRAWL = ROOT / "tests" / "data" / "crawl"

settings.register_profile("fast", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with a reason, what needs the labelled data where that is not beside the repository."""
    if SHARED.is_dir():
        return
    skip = pytest.mark.skip(reason=f"the labelled data is not beside the repository ({SHARED.name}/)")
    for item in items:
        if "shared" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def crawl() -> Path:
    """Return the sample crawl."""
    return CRAWL


@pytest.fixture(scope="session")
def copydesk() -> str:
    """Return the command under test, as installed beside this interpreter."""
    return str(Path(sys.executable).parent / "copydesk")


@pytest.fixture(scope="session")
def by_command(crawl: Path, copydesk: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the dataset that `make demo` makes, with three workers; and what the command printed."""
    out = tmp_path_factory.mktemp("command") / "out"
    done = run(copydesk, "clean", crawl, "-o", out, "--workers", 3, PYTHONHASHSEED="7", TZ="Asia/Kolkata")
    assert done.returncode == 0, done.stderr
    return out, done.stdout
