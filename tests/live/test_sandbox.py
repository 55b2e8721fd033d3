"""The sandbox itself."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from provisioner import sandbox
from provisioner.errors import SandboxError
from provisioner.sandbox import Sandbox, cluster, ports, wire
from provisioner.sandbox.properties import Ports
from tests.live.conftest import KAFKA


def test_a_sandbox_answers_with_its_own_id_on_every_port(brokers: Sandbox) -> None:
    """A port alone proves nothing: another cluster may have taken it."""
    answers = [wire.ask(node.ports.client) for node in brokers.nodes]
    assert [answer and answer.cluster_id for answer in answers] == [brokers.cluster_id] * 3
    assert all(answer and answer.brokers == {1, 2, 3} for answer in answers)


def test_two_sandboxes_never_meet(brokers: Sandbox, secure_brokers: Sandbox) -> None:
    """Other ports, other ids."""
    assert brokers.cluster_id != secure_brokers.cluster_id
    assert not {node.ports.client for node in brokers.nodes} & {node.ports.client for node in secure_brokers.nodes}


def test_ports_are_below_those_that_clients_are_given(brokers: Sandbox) -> None:
    """Above 32767 an outgoing connection could hold one."""
    assert all(node.ports.client < 32_768 and node.ports.controller < 32_768 for node in brokers.nodes)


def test_a_running_sandbox_is_found_again(brokers: Sandbox) -> None:
    """From its folder alone."""
    assert sandbox.status(brokers.name, brokers.folder) == brokers
    assert sandbox.up(brokers.name, brokers.folder, progress=print) == brokers


def test_a_sandbox_runs_the_release_that_was_asked_for(brokers: Sandbox) -> None:
    """By the broker's own jar in the command line's folder, and by its state file."""
    jars = Path(psutil.Process(brokers.nodes[0].pid).cmdline()[-3].removesuffix("/*"))
    assert (brokers.kafka, (jars / f"kafka-server-common-{KAFKA}.jar").exists()) == (KAFKA, True)
    assert len(list(jars.glob("kafka-clients-*.jar"))) == 1


def test_a_broker_writes_warnings_only(brokers: Sandbox) -> None:
    """A line for each partition and event came to 200 MB in an hour; Log4j 1 and 2 both obey."""
    client = AdminClient({"bootstrap.servers": brokers.bootstrap, "log_level": 0})
    client.create_topics([NewTopic("chatty.v1", 50, 3)])["chatty.v1"].result(30)
    for node in brokers.nodes:
        home = brokers.home(node.number)
        assert (home / "broker.log").exists()
        assert not [line for line in brokers.log(node.number, 10_000).splitlines() if "] INFO " in line]
    client.delete_topics(["chatty.v1"])["chatty.v1"].result(30)


def test_a_topic_can_have_three_replicas(brokers: Sandbox) -> None:
    """On three racks, one a broker."""
    client = AdminClient({"bootstrap.servers": brokers.bootstrap, "log_level": 0})
    client.create_topics([NewTopic("sandbox.v1", 1, 3)])["sandbox.v1"].result(30)
    client.delete_topics(["sandbox.v1"])["sandbox.v1"].result(30)


def test_a_sandbox_without_passwords_is_not_taken_for_one_with(brokers: Sandbox) -> None:
    """`up` gives what was asked for, or says why not."""
    with pytest.raises(SandboxError, match="without SASL"):
        sandbox.up(brokers.name, brokers.folder, secure=True, progress=print)


def test_a_taken_port_costs_only_a_second_choice(
    brokers: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first choice is one that another cluster listens on: it is neither used nor taken for ours."""
    free = ports.free(1, secure=False)
    choices = [[Ports(brokers.nodes[0].ports.client, free[0].controller)], ports.free(1, secure=False)]
    monkeypatch.setattr(cluster.ports, "free", lambda nodes, secure: choices.pop(0))
    try:
        made = sandbox.up("second", tmp_path / "second", nodes=1, progress=print)
        assert made.nodes[0].ports != brokers.nodes[0].ports
        answer = wire.ask(made.nodes[0].ports.client)
        assert answer is not None
        assert answer.cluster_id == made.cluster_id
    finally:
        sandbox.down("second", tmp_path / "second")


def test_a_broker_that_cannot_start_says_why(tmp_path: Path) -> None:
    """With the end of its log; nothing of it is left."""
    wrong = {"num.io.threads": "none"}
    with pytest.raises(SandboxError, match=r"num\.io\.threads"):
        sandbox.up("wrong", tmp_path / "wrong", nodes=1, settings=wrong, progress=print)
    assert not (tmp_path / "wrong").exists()


def test_nothing_is_left_of_a_sandbox(tmp_path: Path) -> None:
    """Neither a folder nor a process; a second `down` does no harm."""
    made = sandbox.up("brief", tmp_path / "brief", nodes=1, progress=print)
    sandbox.down("brief", tmp_path / "brief")
    sandbox.down("brief", tmp_path / "brief")
    assert not (tmp_path / "brief").exists()
    assert sandbox.status("brief", tmp_path / "brief") is None
    assert wire.ask(made.nodes[0].ports.client) is None


def test_a_killed_broker_comes_back(mortal_brokers: Sandbox) -> None:
    """With what it had."""
    sandbox.kill(mortal_brokers, 3)
    assert [mortal_brokers.alive(number) for number in (1, 2, 3)] == [True, True, False]
    again = sandbox.start(mortal_brokers, 3)
    sandbox.ready(again)
    assert again.alive(3)
    assert sandbox.status(again.name, again.folder) == again


def test_up_mends_what_was_hurt(mortal_brokers: Sandbox) -> None:
    """One broker ended in order and one that hangs: all three answer again."""
    sandbox.stop(mortal_brokers, 1)
    sandbox.pause(mortal_brokers, 2)
    again = sandbox.up(mortal_brokers.name, mortal_brokers.folder, progress=print)
    assert [again.alive(number) for number in (1, 2, 3)] == [True, True, True]
    assert again.nodes[1:] == mortal_brokers.nodes[1:]
