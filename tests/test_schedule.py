"""A served schedule: each run does the new work alone, tells what it did, and fails with a reason."""

from __future__ import annotations

import contextlib
import http
import json
import re
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import crash
import library
import pytest
import yaml

from cleaners import lock

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent


class Api:
    """The server that a schedule started."""

    def __init__(self, url: str, deployment: str) -> None:
        self.url = url
        self.deployment = self.ask(f"deployments/name/clean-corpus/{deployment}")

    def ask(self, path: str, body: object = None) -> Any:
        """Return the answer of the server, which may be busy at first (503), as Prefect's own clients know."""
        content = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(  # noqa: S310  (loopback)
            f"{self.url}/api/{path}", content, {"content-type": "application/json"}
        )
        for wait in (0.5, 1, 2, 4, 8, 16, 0):
            try:
                with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code != http.HTTPStatus.SERVICE_UNAVAILABLE or not wait:
                    raise
                time.sleep(wait)
        raise AssertionError

    def run(self, **parameters: object) -> dict[str, Any]:
        """Start a run, wait for it to end, and return it."""
        asked = {"parameters": parameters} if parameters else {}
        started = self.ask(f"deployments/{self.deployment['id']}/create_flow_run", asked)
        end = time.monotonic() + 180
        while time.monotonic() < end:
            run: dict[str, Any] = self.ask(f"flow_runs/{started['id']}")
            if run["state_type"] in ("COMPLETED", "FAILED", "CRASHED"):
                return run
            time.sleep(0.3)
        raise AssertionError(run["state"])


@pytest.fixture
def served(copydesk: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """Serve a schedule that is never due on a dataset of one file of four, on a server of its own."""
    monkeypatch.chdir(tmp_path)
    crash.write_job(tmp_path / "in")
    library.clean(["in/0.jsonl"], tmp_path / tmp_path.name)
    command = [copydesk, "schedule", "in", "-o", tmp_path.name, "--cron", "0 0 1 1 *", "--json"]
    with (
        (tmp_path / "told").open("w+") as told,
        (tmp_path / "served.json").open("w") as served,
        subprocess.Popen(command, cwd=tmp_path, stdout=served, stderr=told, text=True) as process,
    ):
        try:
            yield _api(tmp_path / "told", tmp_path.name)
        finally:
            process.terminate()
            assert process.wait(10) == 0


def _api(told: Path, name: str) -> Api:
    """Return the server when it has said where it is, and has the deployment."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        time.sleep(0.3)
        if found := re.search(r"http://127\.0\.0\.1:\d+", told.read_text()):
            with contextlib.suppress(urllib.error.HTTPError):
                return Api(found[0], name)
    raise AssertionError(told.read_text())


def test_each_run_does_the_new_work_and_tells_so(served: Api, tmp_path: Path) -> None:
    manifest = tmp_path / tmp_path.name / "manifest.json"
    before = next((tmp_path / tmp_path.name / "work" / "extracted").iterdir()).stat()
    run = served.run()

    assert run["state_type"] == "COMPLETED", run["state"]
    assert run["name"] == f"clean into {tmp_path.name}"
    assert set(run["tags"]) == {"copydesk", tmp_path.name}
    assert json.loads(manifest.read_text())["counts"]["records"] == 200
    assert before in [part.stat() for part in (tmp_path / tmp_path.name / "work" / "extracted").iterdir()]

    key = "copydesk-" + tmp_path.name.replace("_", "-")
    asked = {"artifacts": {"key": {"like_": key}}, "sort": "CREATED_DESC"}
    newest = next(one for one in served.ask("artifacts/filter", asked) if one["type"] == "table")

    assert {"rows": "records", "now": 200, "new": 150} in json.loads(newest["data"])

    with lock.held(str(tmp_path / tmp_path.name)):
        run = served.run()

    assert run["state_type"] == "FAILED"
    assert "is at work on it" in run["state"]["message"]

    (tmp_path / "guard.toml").write_text("[cluster]\nguard_least = 1\nguard_cluster = 0.0001\n", encoding="utf-8")
    run = served.run(config=str(tmp_path / "guard.toml"))

    assert run["state_type"] == "FAILED"
    assert "run copydesk clean once with --accept" in run["state"]["message"]
    assert json.loads(manifest.read_text())["counts"]["records"] == 200
    assert served.deployment["global_concurrency_limit"]["limit"] == 1

    told = json.loads((tmp_path / "served.json").read_text())
    assert told["deployment"] == f"clean-corpus/{tmp_path.name}"
    assert told["prefect"] == served.url


def test_the_deployments_name_flows_and_parameters_that_exist() -> None:
    from flows import corpus  # noqa: PLC0415

    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]

    assert [one["name"] for one in deployments] == ["one-off", "nightly", "publish"]
    for one in deployments:
        flow = getattr(corpus, one["entrypoint"].partition(":")[2])
        assert one["parameters"].keys() <= set(flow.parameters.properties)
        assert one["concurrency_limit"] == {"limit": 1, "collision_strategy": "ENQUEUE"}


def test_what_is_no_cron_expression_is_a_wrong_call(copydesk: str, tmp_path: Path) -> None:
    command = [copydesk, "schedule", "in", "-o", "out", "--cron", "every night"]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)

    assert done.returncode == 2
    assert '"0 3 * * *" is every night at three' in done.stderr
