"""The inhibit rule of docs/alerts.md, in a real Alertmanager: what it mutes while many consumers are late."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ports import free_port

ALERTMANAGER = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
MISSING = "prometheus-alertmanager is not installed (Debian: apt-get install prometheus-alertmanager)"

pytestmark = pytest.mark.alertmanager

DOCS = (Path(__file__).parents[2] / "docs/alerts.md").read_text("utf-8")
BLOCKS: list[Any] = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)]
CONFIGURATION = {word: value for block in BLOCKS for word, value in block.items() if word in ("route", "receivers")}
INHIBITION = {word: value for block in BLOCKS for word, value in block.items() if word == "inhibit_rules"}

Labels = Mapping[str, str]
MANY: Labels = {"alertname": "KafkaManyConsumersLate", "kafka_cluster": "prod", "team": "platform", "severity": "page"}
LAG: Labels = {
    "alertname": "KafkaConsumerLagHigh",
    "kafka_cluster": "prod",
    "team": "finance",
    "topic": "orders.v1",
    "consumer_group": "billing",
    "severity": "page",
}
STANDING: Labels = {**LAG, "alertname": "KafkaConsumerNoProgress"}
ELSEWHERE: Labels = {**LAG, "kafka_cluster": "staging"}
LOST: Labels = {**LAG, "alertname": "KafkaMessagesLost"}
RISK: Labels = {**LAG, "alertname": "KafkaConsumerRetentionRisk"}
EXPORTER: Labels = {**MANY, "alertname": "KafkaExporterMissing"}


class Alertmanager:
    """A server with the configuration of the docs; `post` sends alerts as Prometheus does, `muted` asks for them."""

    def __init__(self, address: str) -> None:
        self.address = address

    def post(self, *alerts: Labels, ends: str = "") -> None:
        sent = [{"labels": dict(labels), **({"endsAt": ends} if ends else {})} for labels in alerts]
        self._ask("/api/v2/alerts", json.dumps(sent).encode())

    def muted(self) -> dict[tuple[str, str], bool]:
        found = json.loads(self._ask("/api/v2/alerts"))
        return {
            (each["labels"]["alertname"], each["labels"]["kafka_cluster"]): bool(each["status"]["inhibitedBy"])
            for each in found
        }

    def is_ready(self) -> bool:
        try:
            self._ask("/-/ready")
        except (urllib.error.URLError, OSError):
            return False
        return True

    def _ask(self, path: str, body: bytes | None = None) -> bytes:
        request = urllib.request.Request(f"{self.address}{path}", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: bytes = answer.read()
            return found


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alertmanager]:
    if ALERTMANAGER is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
    place = tmp_path_factory.mktemp("alertmanager")
    (place / "config.yml").write_text(yaml.safe_dump({**CONFIGURATION, **INHIBITION}))
    port = free_port()
    command = [ALERTMANAGER, f"--config.file={place}/config.yml", f"--storage.path={place}/data"]
    command += [f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="]
    with (place / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        try:
            made = Alertmanager(f"http://127.0.0.1:{port}")
            wait(made.is_ready)
            yield made
        finally:
            server.terminate()


def wait(met: Any) -> None:
    until = time.monotonic() + 60
    while not met():
        assert time.monotonic() < until, "Alertmanager did not get there within a minute"
        time.sleep(0.1)


def test_lag_alerts_are_muted_while_many_consumers_are_late_and_no_longer(alertmanager: Alertmanager) -> None:
    """Those of that cluster; what is at risk or lost, other clusters and dead exporters still call."""
    every = (LAG, STANDING, ELSEWHERE, LOST, RISK, EXPORTER)
    alertmanager.post(*every)
    wait(lambda: len(alertmanager.muted()) == len(every))
    assert not any(alertmanager.muted().values())

    alertmanager.post(MANY)
    wait(lambda: any(alertmanager.muted().values()))
    muted = {name for name, is_muted in alertmanager.muted().items() if is_muted}
    assert muted == {("KafkaConsumerLagHigh", "prod"), ("KafkaConsumerNoProgress", "prod")}

    alertmanager.post(MANY, ends=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 1)))
    wait(lambda: not any(alertmanager.muted().values()))
    assert ("KafkaConsumerLagHigh", "prod") in alertmanager.muted()


def test_the_docs_have_one_inhibit_rule(alertmanager: Alertmanager) -> None:
    """Or the test above would have tried another one."""
    assert alertmanager.is_ready()
    assert len(INHIBITION["inhibit_rules"]) == 1
    assert set(CONFIGURATION) == {"route", "receivers"}
