"""`provisioner sandbox` as its user sees it; a sleeping process stands for each broker that lives."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from provisioner import cli
from provisioner.sandbox import Sandbox, cluster, places, state
from provisioner.sandbox.properties import Ports
from provisioner.sandbox.state import Node
from tests.sandbox.test_lives import process


@pytest.fixture
def lain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """A secure sandbox `x` in the user's cache, none of its three brokers running."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    folder = places.home("x")
    nodes = tuple(Node(n, Ports(20_000 + n, 21_000 + n, 22_000 + n)) for n in (1, 2, 3))
    there = Sandbox("x", folder, "an-id", "256m", nodes, "3.9.1")
    folder.mkdir(parents=True)
    state.save(there)
    return there


def test_down_of_an_unknown_sandbox_is_no_success(lain: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    """A slip in the name would leave the brokers running; those that are there are named."""
    assert cli.main(["sandbox", "down", "--name", "y"]) == 1
    out, err = capsys.readouterr()
    assert (out, "there is no sandbox y; there are: x" in err) == ("", True)
    assert cli.main(["sandbox", "down", "--name", "x"]) == 0
    assert capsys.readouterr().out == "sandbox x is gone\n"
    assert cli.main(["sandbox", "down", "--name", "x"]) == 1


def test_status_shows_the_dead_and_every_address(lain: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    """With the last line of a dead one, and what starts it again."""
    lain.home(2).mkdir()
    (lain.home(2) / "out.log").write_text("Terminating due to java.lang.OutOfMemoryError: Java heap space\n")
    with process("kafka.Kafka", str(lain.config(1))) as one, process("kafka.Kafka", str(lain.config(3))) as three:
        pids = {1: one, 3: three}
        state.save(replace(lain, nodes=tuple(replace(node, pid=pids.get(node.number)) for node in lain.nodes)))
        assert cli.main(["sandbox", "status", "--name", "x"]) == 1
        text = capsys.readouterr().out
        assert cli.main(["sandbox", "status", "--name", "x", "--output", "json"]) == 1
        document = json.loads(capsys.readouterr().out)
    assert "sandbox x: broker 2 dead; provisioner sandbox up --name x starts it again" in text
    assert "plain    127.0.0.1:20001,127.0.0.1:20002,127.0.0.1:20003" in text
    assert "secure   127.0.0.1:22001,127.0.0.1:22002,127.0.0.1:22003" in text
    assert "broker 2 dead     its log ends: Terminating due to java.lang.OutOfMemoryError" in text
    assert f"broker 3 alive    process {three}" in text
    assert all(f"{user}-secret" in text for user in ("admin", "reader", "writer"))
    assert [node["condition"] for node in document["nodes"]] == ["alive", "dead", "alive"]
    assert (document["kafka"], document["sasl"]["users"]["reader"]) == ("3.9.1", "reader-secret")


def test_status_of_a_sandbox_that_died_says_what_up_would_do(lain: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    """After a reboot, say: its topics do not come back."""
    assert cli.main(["sandbox", "status", "--name", "x"]) == 1
    first, *others = capsys.readouterr().out.splitlines()
    assert first == "sandbox x: no broker lives; provisioner sandbox up --name x begins anew, without the topics"
    assert sum(line.split()[2:3] == ["dead"] for line in others) == 3


def test_up_for_programs_is_one_document(
    lain: Sandbox, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same as that of `status`."""
    monkeypatch.setattr(cluster.broker, "ready", lambda sandbox: None)
    with process("kafka.Kafka", str(lain.config(1))) as pid:
        state.save(replace(lain, nodes=(replace(lain.nodes[0], pid=pid),)))
        assert cli.main(["sandbox", "up", "--name", "x", "--output", "json"]) == 0
        out, err = capsys.readouterr()
        assert cli.main(["sandbox", "status", "--name", "x", "--output", "json"]) == 0
        assert json.loads(out) == json.loads(capsys.readouterr().out)
    assert json.loads(out)["bootstrap"] == "127.0.0.1:20001"
    assert err == "sandbox x is already up\n"


def test_an_unknown_kafka_is_refused_with_the_list(lain: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sandbox", "up", "--name", "z", "--kafka", "2.8.0"]) == 1
    err = capsys.readouterr().err
    assert "the sandbox has no Kafka '2.8.0'" in err
    assert "it has 3.5.2, 3.9.1, 4.1.1, 4.4.0" in err
