"""One node after another: laid out on disk, started, waited for, hurt on purpose."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from provisioner.errors import SandboxError
from provisioner.sandbox import broker_log, processes, state, storage, wire
from provisioner.sandbox.jvm import Jvm
from provisioner.sandbox.properties import Ports, server, text
from provisioner.sandbox.state import Node, Sandbox

READY_SECONDS = 90.0
STOP_SECONDS = 30.0
_AGAIN = "run it again"


class PortTakenError(SandboxError):
    """Somebody took a port between our choosing it and the broker's binding it."""


def laid_out(name: str, folder: Path, ports: Sequence[Ports], kafka: str, heap: str = "256m") -> Sandbox:
    """The folder of a sandbox, marked as ours before anything else lies in it."""
    nodes = tuple(Node(number, each) for number, each in enumerate(ports, 1))
    made = Sandbox(name, folder, storage.new_id(), heap, nodes, kafka)
    folder.mkdir(parents=True, exist_ok=True)
    state.save(made)
    return made


def furnished(sandbox: Sandbox, template: Path, settings: Mapping[str, str]) -> None:
    """Each node's storage and config."""
    ports = [node.ports for node in sandbox.nodes]
    for node in sandbox.nodes:
        data = sandbox.home(node.number) / "data"
        storage.copied(template, data, node.number, sandbox.cluster_id)
        sandbox.config(node.number).write_text(text(server(node.number, ports, data, settings)), "utf-8")


def started(sandbox: Sandbox, java: Jvm, numbers: Iterable[int], extra: tuple[str, ...] = ()) -> Sandbox:
    """These nodes started; each is noted in the state file at once."""
    for number in numbers:
        home, config = sandbox.home(number), str(sandbox.config(number))
        command = java.command("kafka.Kafka", config, home=home, heap=sandbox.heap, extra=extra)
        pid = processes.launched(command, home / broker_log.OUTPUT)
        sandbox = replace(sandbox, nodes=tuple(replace(n, pid=pid) if n.number == number else n for n in sandbox.nodes))
        state.save(sandbox)
    return sandbox


def ready(sandbox: Sandbox, numbers: Iterable[int] | None = None, *, seconds: float = READY_SECONDS) -> None:
    """Wait until each of these nodes (all) answers with our own cluster's id and knows all of these brokers."""
    wanted = frozenset(numbers or (node.number for node in sandbox.nodes))
    left, deadline = set(wanted), time.monotonic() + seconds
    while left := {number for number in left if not _answers(sandbox, number, wanted)}:
        if time.monotonic() > deadline:
            names, log = ", ".join(map(str, sorted(left))), sandbox.log(min(left))
            raise SandboxError(f"broker {names} not ready after {seconds:.0f} s, its log ends:\n{log}", _AGAIN)
        time.sleep(0.05)


def _answers(sandbox: Sandbox, number: int, wanted: frozenset[int]) -> bool:
    answer = wire.ask(sandbox.node(number).ports.client)
    if answer and answer.cluster_id not in (None, sandbox.cluster_id):
        raise PortTakenError(f"broker {number}'s port answers for cluster {answer.cluster_id}", _AGAIN)
    if answer is None and not sandbox.alive(number):
        raise _died(sandbox, number)
    return answer is not None and answer.cluster_id is not None and wanted <= answer.brokers


def _died(sandbox: Sandbox, number: int) -> SandboxError:
    kind = PortTakenError if "Address already in use" in sandbox.log(number, 50) else SandboxError
    return kind(f"broker {number} died, its log ends:\n{sandbox.log(number)}", _AGAIN)


def kill(sandbox: Sandbox, number: int) -> None:
    """SIGKILL one node, and wait until it is gone."""
    processes.ended(sandbox.node(number).pid, sandbox.config(number))


def stop(sandbox: Sandbox, number: int) -> None:
    """SIGTERM one node, and wait until it has ended in order; one that does not is killed."""
    pid, config = sandbox.node(number).pid, sandbox.config(number)
    processes.send(pid, config, signal.SIGTERM)
    processes.send(pid, config, signal.SIGCONT)
    if not processes.wait_gone(pid, config, STOP_SECONDS):
        kill(sandbox, number)


def pause(sandbox: Sandbox, number: int) -> None:
    """SIGSTOP one node: it keeps its connections and says nothing."""
    processes.send(sandbox.node(number).pid, sandbox.config(number), signal.SIGSTOP)


def resume(sandbox: Sandbox, number: int) -> None:
    """SIGCONT one node."""
    processes.send(sandbox.node(number).pid, sandbox.config(number), signal.SIGCONT)
