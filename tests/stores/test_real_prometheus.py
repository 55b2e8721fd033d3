"""A real Prometheus beside the rule files: it takes good rules, and bad ones are taken back."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from provisioner.kinds import ALERTS
from provisioner.kinds.alert_set import AlertSet
from provisioner.problem import Span
from provisioner.reconcile import engine
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Wanted
from provisioner.reconcile.outcome import Outcome, State
from provisioner.stores.rule_folder import RuleFolder, folder
from tests.contracts.contract import Quiet
from tests.declared import BILLING, ORDERS, catalog, sets
from tests.ports import free_port

pytestmark = [
    pytest.mark.promtool,
    pytest.mark.skipif(not shutil.which("prometheus"), reason="prometheus is not installed (Debian: prometheus)"),
]
READY_SECONDS = 60


@dataclass
class Server:
    """Prometheus with a folder of rules."""

    address: str
    rules: Path

    def asked(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.address}{path}", timeout=10) as answer:
            return json.load(answer)

    def loaded(self) -> dict[str, str]:
        """Alert and group -> expression, of every rule that it evaluates."""
        groups = self.asked("/api/v1/rules")["data"]["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        return {f"{rule['name']} {rule['labels'].get('consumer_group', '')}".strip(): rule["query"] for rule in rules}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    home = tmp_path_factory.mktemp("prometheus")
    (home / "rules").mkdir()
    (home / "prometheus.yml").write_text(f"rule_files: ['{home}/rules/*.yml']\n")
    address = f"127.0.0.1:{free_port()}"
    command = ["prometheus", f"--config.file={home}/prometheus.yml", f"--storage.tsdb.path={home}/data"]
    process = subprocess.Popen(
        [*command, f"--web.listen-address={address}", "--web.enable-lifecycle", "--log.level=error"], cwd=home
    )
    made = Server(f"http://{address}", home / "rules")
    try:
        _ready(made, process)
        yield made
    finally:
        process.kill()
        process.wait()


def _ready(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{server.address}/-/ready", timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("prometheus did not become ready")


def applied(server: Server, wanted: Mapping[str, AlertSet], blind: bool = False) -> dict[str, Outcome]:
    """`blind`: promtool is not asked, so that Prometheus has the only word."""
    store = RuleFolder(folder(server.rules, "prod"), "prod", (server.address,))
    if blind:
        store.check = lambda files: {}
    asked = {name: Wanted(each, Span("x.yaml")) for name, each in wanted.items()}
    lane = Lane(ALERTS, asked, store)
    plan = engine.plan("prod", [lane], may_shrink=True)
    return {outcome.key.name: outcome for outcome in engine.apply(plan, [lane], Quiet())}


def test_good_rules_are_evaluated_at_once_and_bad_ones_are_taken_back(server: Server) -> None:
    """Prometheus goes on with the old ones, and says that its configuration is sound."""
    good = sets(catalog(ORDERS, BILLING))
    assert {outcome.state for outcome in applied(server, good).values()} == {State.DONE}
    before = server.loaded()
    assert "KafkaConsumerLagHigh billing" in before
    assert "KafkaMetricsMissing" in before
    files = {path.name: path.read_bytes() for path in server.rules.iterdir()}

    (first, *rest) = good["orders.v1"].rules
    bad = {"orders.v1": AlertSet("orders.v1", "payments", ({**first, "expr": "sum("}, *rest))}
    outcomes = applied(server, bad, blind=True)
    assert outcomes["orders.v1"].state is State.FAILED
    assert "the old files are back" in outcomes["orders.v1"].comment
    assert server.loaded() == before
    assert {path.name: path.read_bytes() for path in server.rules.iterdir()} == files

    assert applied(server, bad)["orders.v1"].state is State.REFUSED
    assert applied(server, {})["orders.v1"].state is State.DONE
    assert server.loaded() == {}
