"""A real Prometheus that scrapes the exporters, and a real Alertmanager whose pager writes down what it is told."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.live_alerts.listening import Quiet, listening
from tests.ports import free_port
from tests.promtool.test_inhibition import INHIBITION
from tests.recorded.prometheus import START_SECONDS, Server

ALERTMANAGER = ("prometheus-alertmanager", "alertmanager")


@dataclass(frozen=True)
class Call:
    """The pager was told: when (seconds since the epoch), of which alert, that it fires or is over."""

    when: float
    status: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


@dataclass
class Pager:
    """Alertmanager's receiver."""

    calls: list[Call] = field(default_factory=list)

    def note(self, message: Mapping[str, Any]) -> None:
        """One notification."""
        now = time.time()
        self.calls += [Call(now, each["status"], each["labels"], each["annotations"]) for each in message["alerts"]]


@contextlib.contextmanager
def pager() -> Iterator[tuple[Pager, int]]:
    """A receiver and its port, until the block ends."""
    made = Pager()

    class Hook(Quiet):
        def do_POST(self) -> None:
            made.note(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.answer(200)

    with listening(Hook) as port:
        yield made, port


@contextlib.contextmanager
def alertmanager(place: Path, hook: int) -> Iterator[int]:
    """With the inhibit rule of the docs; each alert is a message of its own, at once."""
    route = {"receiver": "pager", "group_by": ["..."], "group_wait": "0s", "group_interval": "1s"}
    receivers = [{"name": "pager", "webhook_configs": [{"url": f"http://127.0.0.1:{hook}/"}]}]
    config = place / "alertmanager.json"
    config.write_text(json.dumps({"route": route, "receivers": receivers, **INHIBITION}))
    port = free_port()
    command = [_program(*ALERTMANAGER), f"--config.file={config}", f"--storage.path={place}/alertmanager"]
    with _running([*command, f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="], place):
        _await(Server(f"http://127.0.0.1:{port}"), place / "alertmanager.log")
        yield port


@contextlib.contextmanager
def prometheus(
    place: Path, port: int, rules: Sequence[Path], exporters: Mapping[str, str], alerts: int, every: int
) -> Iterator[Server]:
    """`exporters`: job -> address and path; `alerts`: Alertmanager's port; `every`: seconds."""
    jobs = [
        {
            "job_name": job,
            "metrics_path": path,
            "static_configs": [{"targets": [target], "labels": {"cluster": job}}],
        }
        for job, (target, _, path) in ((job, address.partition(" ")) for job, address in exporters.items())
    ]
    config = place / "prometheus.json"
    config.write_text(
        json.dumps(
            {
                "global": {f"{what}_interval": f"{every}s" for what in ("scrape", "evaluation")},
                "rule_files": [f"{folder}/*.yml" for folder in rules],
                "scrape_configs": jobs,
                "alerting": {"alertmanagers": [{"static_configs": [{"targets": [f"127.0.0.1:{alerts}"]}]}]},
            }
        )
    )
    command = [_program("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={place}/prometheus"]
    command += ["--web.enable-lifecycle", "--storage.tsdb.retention.time=1y", "--storage.tsdb.min-block-duration=2h"]
    with _running([*command, f"--web.listen-address=127.0.0.1:{port}"], place):
        server = Server(f"http://127.0.0.1:{port}")
        _await(server, place / "prometheus.log")
        yield server


def _program(*names: str) -> str:
    there = [name for name in names if shutil.which(name)]
    assert there, f"{names[0]} is not installed (Debian: apt-get install prometheus prometheus-alertmanager)"
    return there[0]


@contextlib.contextmanager
def _running(command: Sequence[str], place: Path) -> Iterator[None]:
    name = "alertmanager" if "alertmanager" in command[0] else "prometheus"
    with (place / f"{name}.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            yield
        finally:
            process.terminate()


def _await(server: Server, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while not server.is_ready():
        assert time.monotonic() < until, f"{server.address} is not ready: {log.read_text()[-2000:]}"
        time.sleep(0.1)
