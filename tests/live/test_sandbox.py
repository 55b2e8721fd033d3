"""The sandbox itself."""

from __future__ import annotations

from pathlib import Path

from provisioner import sandbox
from provisioner.sandbox import Sandbox, wire


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
    assert sandbox.status(brokers.folder) == brokers
    assert sandbox.up(brokers.name, brokers.folder, progress=print) == brokers


def test_nothing_is_left_of_a_sandbox(tmp_path: Path) -> None:
    """Neither a folder nor a process; a second `down` does no harm."""
    made = sandbox.up("brief", tmp_path / "brief", nodes=1, progress=print)
    sandbox.down(tmp_path / "brief")
    sandbox.down(tmp_path / "brief")
    assert not (tmp_path / "brief").exists()
    assert sandbox.status(tmp_path / "brief") is None
    assert wire.ask(made.nodes[0].ports.client) is None


def test_a_killed_broker_comes_back(mortal_brokers: Sandbox) -> None:
    """With what it had."""
    sandbox.kill(mortal_brokers, 3)
    assert [mortal_brokers.alive(number) for number in (1, 2, 3)] == [True, True, False]
    again = sandbox.start(mortal_brokers, 3)
    sandbox.ready(again)
    assert again.alive(3)
