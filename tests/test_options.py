"""What options of `copydesk clean` come to: an address belongs to its runner."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cleaners.errors import InputError
from flows.cli import app


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        (["--dask-address", "tcp://127.0.0.1:1"], "--dask-address tcp://127.0.0.1:1.*processes.*Say --runner dask too"),
        (["--ray-address", "ray://10.0.0.5:1"], "--ray-address.*processes.*Say --runner ray too"),
        (["--ray-address", "ray://10.0.0.5:1", "--runner", "dask"], "--ray-address.*dask does not use"),
        (["--dask-address", "", "--dry-run"], "--dask-address.*processes does not use"),
    ],
)
def test_an_address_without_its_runner_is_a_wrong_call(options: list[str], advice: str, tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"text": "The ferry ran aground off Orrel."}\n')
    done = CliRunner().invoke(app, ["clean", str(tmp_path / "in.jsonl"), "-o", str(tmp_path / "out"), *options])

    with pytest.raises(InputError, match=advice):
        raise done.exception or AssertionError(done.output)
    assert not (tmp_path / "out").exists()
