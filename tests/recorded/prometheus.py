"""A real Prometheus over recorded samples: blocks by promtool, a server at a free port, its HTTP API."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.ports import free_port
from tests.recorded.clock import SCRAPE
from tests.recorded.exporters import Samples

BLOCK = 7200
"""promtool reads a file once for each two hours of it, so each two hours have a file of their own."""
START_SECONDS = 30
_FLAGS = (
    "--storage.tsdb.retention.time=100y",
    "--storage.tsdb.min-block-duration=2h",
    "--storage.tsdb.max-block-duration=2h",  # nothing is compacted while it is asked
    # A block has no markers of staleness: what the last scrape did not find would be seen for five minutes more.
    f"--query.lookback-delta={SCRAPE + 1}s",
    "--log.level=error",
)


@dataclass(frozen=True)
class Answer:
    """One series of an answer: its labels, and (time, value) pairs."""

    labels: dict[str, str]
    points: list[tuple[float, float]]


class QueryError(Exception):
    """Prometheus refused a query; its own words."""


@dataclass(frozen=True)
class Server:
    """A Prometheus that answers at `address`."""

    address: str

    def instant(self, query: str, when: float) -> list[Answer]:
        """Values at one time. Raises QueryError."""
        data = self._asked("query", query=query, time=str(when))
        if data["resultType"] == "scalar":
            return [Answer({}, [_point(data["result"])])]
        return [Answer(one["metric"], [_point(one["value"])]) for one in data["result"]]

    def range(self, query: str, since: float, until: float, step: int) -> list[Answer]:
        """Values from the one to the other, every `step` seconds. Raises QueryError."""
        data = self._asked("query_range", query=query, start=str(since), end=str(until), step=str(step))
        return [Answer(one["metric"], [_point(pair) for pair in one["values"]]) for one in data["result"]]

    def label_values(self, label: str, selector: str, since: float, until: float) -> list[str]:
        """The values that a label has in the series of a selector."""
        asked = {"match[]": selector} if selector else {}
        found: list[str] = self._asked(f"label/{label}/values", **asked, start=str(since), end=str(until))
        return found

    def is_ready(self) -> bool:
        """Whether it answers."""
        try:
            with urllib.request.urlopen(f"{self.address}/-/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _asked(self, path: str, **asked: str) -> Any:
        form = urllib.parse.urlencode(asked)
        url, body = f"{self.address}/api/v1/{path}", form.encode()
        if path.startswith("label/"):  # of these it takes no POST
            url, body = f"{url}?{form}", b""
        try:
            with urllib.request.urlopen(url, body or None, timeout=60) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise QueryError(json.load(error).get("error", str(error))) from error


def _point(pair: list[Any]) -> tuple[float, float]:
    return float(pair[0]), float(pair[1])


def required() -> None:
    """Raises AssertionError that says what to install where Prometheus is missing: nothing is skipped for it."""
    missing = [name for name in ("prometheus", "promtool") if not shutil.which(name)]
    assert not missing, (
        f"{' and '.join(missing)} not on the PATH: install Prometheus (Debian: apt-get install prometheus)"
    )


def store(samples: Iterable[Samples], place: Path) -> None:
    """Adds blocks with these samples to a database, which no server has open."""
    required()
    place.mkdir(parents=True, exist_ok=True)
    files = _written(samples, place.parent / f"{place.name}-openmetrics")
    with ThreadPoolExecutor(2) as pool:
        for done in pool.map(lambda file: _promtool(file, place), files):
            assert done.returncode == 0, done.stderr or done.stdout
    shutil.rmtree(place.parent / f"{place.name}-openmetrics")


def _written(samples: Iterable[Samples], place: Path) -> list[Path]:
    blocks: dict[int, list[str]] = defaultdict(list)
    for one in samples:
        for when, line in one.lines():
            blocks[when // BLOCK].append(line)
    place.mkdir()
    files = [place / f"{block}.om" for block in sorted(blocks)]
    for file, block in zip(files, sorted(blocks), strict=True):
        file.write_text("".join(blocks[block]) + "# EOF\n")
    return files


def _promtool(file: Path, place: Path) -> subprocess.CompletedProcess[str]:
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", str(file), str(place)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@contextmanager
def served(place: Path) -> Iterator[Server]:
    """A Prometheus over this database, until the block ends."""
    required()
    config = place.parent / "prometheus.json"
    config.write_text(json.dumps({"global": {"evaluation_interval": "1m"}}))
    address = f"127.0.0.1:{free_port()}"
    command = ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={place}", *_FLAGS]
    said = place.parent / "prometheus.log"
    with said.open("w") as log:
        process = subprocess.Popen([*command, f"--web.listen-address={address}"], stdout=log, stderr=log)
    try:
        server = Server(f"http://{address}")
        _await(server, process, said)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=30)


def _await(server: Server, process: subprocess.Popen[bytes], said: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while not server.is_ready():
        assert process.poll() is None, f"prometheus ended: {said.read_text()[-2000:]}"
        assert time.monotonic() < until, f"prometheus is not ready after {START_SECONDS} s: {said.read_text()[-2000:]}"
        time.sleep(0.05)
