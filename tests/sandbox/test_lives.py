"""What may be removed and signalled, and what happens where a start goes wrong; no Java."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from provisioner import sandbox
from provisioner.errors import SandboxError
from provisioner.sandbox import broker, cache, cluster, jvm, places, ports, processes, setup, state, storage, wire
from provisioner.sandbox.properties import Ports
from provisioner.sandbox.state import Node, Sandbox

JAVA = jvm.Jvm(Path("/bin/false"), Path("/jars"), "-Dlog")


@contextmanager
def process(*arguments: str) -> Iterator[int]:
    """A process that sleeps under a command line that ends so; until it is executed it has that of its parent."""
    sleeping = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", *arguments])
    while tuple(psutil.Process(sleeping.pid).cmdline()[-len(arguments) :]) != arguments:
        time.sleep(0.01)
    try:
        yield sleeping.pid
    finally:
        sleeping.kill()
        sleeping.wait()


def made(folder: Path, *pids: int | None) -> Sandbox:
    """A sandbox on disk with these processes as its nodes."""
    nodes = tuple(Node(number, Ports(1, 2), pid) for number, pid in enumerate(pids, 1))
    folder.mkdir(parents=True)
    state.save(Sandbox("x", folder, "id", "256m", nodes))
    loaded = state.load(folder)
    assert loaded is not None
    return loaded


def test_a_broker_is_known_by_its_config(tmp_path: Path) -> None:
    """By the very file: not by a folder whose name begins alike, nor because a pager shows that file."""
    config = tmp_path / "ab/node1/server.properties"
    with process("kafka.Kafka", str(config)) as pid, process("less", str(config)) as pager:
        assert processes.is_node(pid, config)
        assert not processes.is_node(pid, tmp_path / "a/node1/server.properties")
        assert not processes.is_node(pager, config)
    assert not processes.is_node(pid, config)


def test_a_process_that_took_over_a_pid_is_left_alone(tmp_path: Path) -> None:
    """Neither killed, nor stopped, nor paused."""
    with process("kafka.Kafka", "/another/node1/server.properties") as pid:
        there = made(tmp_path / "x", pid)
        assert not there.alive(1)
        sandbox.kill(there, 1)
        sandbox.stop(there, 1)
        sandbox.pause(there, 1)
        sandbox.down("x", there.folder)
        assert psutil.Process(pid).status() in (psutil.STATUS_SLEEPING, psutil.STATUS_RUNNING)


def test_a_broker_that_no_state_file_knows_is_ended(tmp_path: Path) -> None:
    """Whoever started it was killed before it could write the pid down."""
    there = made(tmp_path / "x", None)
    with process("kafka.Kafka", str(there.config(1))) as pid:
        sandbox.down("x", there.folder)
        assert not processes.is_node(pid, there.config(1))
    assert not there.folder.exists()


def test_a_paused_broker_is_alive_and_can_be_killed(tmp_path: Path) -> None:
    """SIGKILL needs no cooperation."""
    folder = tmp_path / "x"
    with process("kafka.Kafka", str(folder / "node1/server.properties")) as pid:
        there = made(folder, pid)
        sandbox.pause(there, 1)
        deadline = time.monotonic() + 30
        while there.condition(1) != "paused" and time.monotonic() < deadline:
            time.sleep(0.01)
        assert (there.alive(1), there.condition(1)) == (True, "paused")
        sandbox.kill(there, 1)
        assert not there.alive(1)


def test_a_folder_that_is_no_sandbox_is_never_removed(tmp_path: Path) -> None:
    """Neither by `down` nor by `up`, which refuses to build in it."""
    (tmp_path / "thesis.txt").write_text("years of work")
    sandbox.down("x", tmp_path)
    with pytest.raises(SandboxError, match="is in use and no sandbox"):
        sandbox.up("x", tmp_path, progress=print)
    assert (tmp_path / "thesis.txt").exists()


@pytest.mark.parametrize("name", ["", ".", "..", "../../..", "a/b", "/", "-x", "a b", "a\n"])
def test_a_name_cannot_lead_elsewhere(tmp_path: Path, name: str) -> None:
    """The caller makes a folder of it."""
    for act in (sandbox.status, sandbox.down):
        with pytest.raises(SandboxError, match="cannot be a sandbox's name"):
            act(name, tmp_path)
    with pytest.raises(SandboxError, match="cannot be a sandbox's name"):
        sandbox.up(name, tmp_path, progress=print)


def test_the_state_file_tells_everything_again(tmp_path: Path) -> None:
    """And is written whole: nothing else lies beside it."""
    there = made(tmp_path / "x", 4711, None)
    assert there == Sandbox("x", tmp_path / "x", "id", "256m", (Node(1, Ports(1, 2), 4711), Node(2, Ports(1, 2), None)))
    assert [path.name for path in there.folder.iterdir()] == ["state.json"]


def test_a_sandbox_is_the_same_from_every_folder(
    tmp_path: Path, start: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name alone leads to it, whatever folder was the working one."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    up = cluster.up("x", progress=start.append)
    with process("kafka.Kafka", str(up.config(1))) as pid:
        monkeypatch.chdir(tmp_path / "there")
        state.save(replace(up, nodes=(replace(up.nodes[0], pid=pid), *up.nodes[1:])))
        running = sandbox.status("x")
        assert running is not None
        assert running.cluster_id == up.cluster_id
        assert sandbox.names() == ["x"]
        assert sandbox.down("x")
        assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    assert (sandbox.status("x"), sandbox.names()) == (None, [])
    assert not sandbox.down("x")


def test_a_cache_that_is_a_link_is_the_users_own_affair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Caches lie on other disks; a link in the place of the sandbox itself is refused."""
    (tmp_path / "disk/kafka-topic-provisioner/sandboxes").mkdir(parents=True)
    (tmp_path / "cache").symlink_to(tmp_path / "disk")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    assert places.home("x") == tmp_path / "disk/kafka-topic-provisioner/sandboxes/x"
    (tmp_path / "disk/kafka-topic-provisioner/sandboxes/x").symlink_to(tmp_path)
    with pytest.raises(SandboxError, match="is a link"):
        sandbox.down("x")


def test_a_running_sandbox_of_another_kafka_is_not_taken_for_one(tmp_path: Path) -> None:
    """`up` gives the release that was asked for, or says why not."""
    folder = tmp_path / "x"
    with process("kafka.Kafka", str(folder / "node1/server.properties")) as pid:
        made(folder, pid)
        with pytest.raises(SandboxError, match=r"is up already, and on Kafka 4\.4\.0") as raised:
            sandbox.up("x", folder, kafka="3.9.1", progress=print)
    assert "sandbox down --name x" in raised.value.hint


def test_without_the_extra_a_sandbox_is_an_error_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """psutil is the extra's."""
    there = made(tmp_path / "x", 4711)
    monkeypatch.setitem(sys.modules, "psutil", None)
    with pytest.raises(SandboxError, match="psutil is not installed") as raised:
        there.alive(1)
    assert "[sandbox]" in raised.value.hint


def test_a_dead_leftover_is_cleaned_up(tmp_path: Path, start: list[str]) -> None:
    """`up` builds anew where only a folder is left."""
    (made(tmp_path / "x", None).folder / "old").touch()
    cluster.up("x", tmp_path / "x", progress=start.append)
    assert not (tmp_path / "x/old").exists()


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A start that needs no Java: every node is ready at once."""
    template = tmp_path / "template"
    template.mkdir()
    (template / "meta.properties").write_text("node.id=1\ncluster.id=x\n")
    monkeypatch.setattr(setup, "prepared", lambda kafka, progress: JAVA)
    monkeypatch.setattr(storage, "template", lambda java, kept: template)
    monkeypatch.setattr(broker, "ready", lambda sandbox: None)
    return []


def test_a_taken_port_leads_to_other_ports(tmp_path: Path, start: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody was quicker between our choosing and the broker's binding."""
    seen: list[tuple[Node, ...]] = []

    def ready(sandbox: Sandbox) -> None:
        seen.append(sandbox.nodes)
        if len(seen) == 1:
            raise broker.PortTakenError("taken")

    monkeypatch.setattr(broker, "ready", ready)
    there = cluster.up("x", tmp_path / "x", progress=start.append)
    assert len(seen) == 2
    assert there.nodes == seen[1]
    assert not {node.ports.client for node in seen[0]} & {node.ports.client for node in seen[1]}
    assert "choosing others" in start[-2]


def test_nothing_is_left_of_a_start_that_was_interrupted(
    tmp_path: Path, start: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control-C included."""

    def interrupt(sandbox: Sandbox) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(broker, "ready", interrupt)
    with pytest.raises(KeyboardInterrupt):
        cluster.up("x", tmp_path / "x", progress=start.append)
    assert not (tmp_path / "x").exists()


def test_a_broker_that_dies_is_said_with_its_last_words(tmp_path: Path) -> None:
    """And one that found its port taken is told from the others."""
    there = made(tmp_path / "x", None)
    there.home(1).mkdir()
    (there.home(1) / "out.log").write_text("no such config\n" + "\tat kafka.Kafka.main(Kafka.scala)\n" * 50)
    with pytest.raises(SandboxError, match="no such config"):
        broker.ready(there)
    (there.home(1) / "out.log").write_text("java.net.BindException: Address already in use\n" + "\tat x\n" * 50)
    with pytest.raises(broker.PortTakenError):
        broker.ready(there)


def test_waiting_for_a_broker_ends(tmp_path: Path) -> None:
    """It lives and says nothing."""
    folder = tmp_path / "x"
    silent = process("kafka.Kafka", str(folder / "node1/server.properties"))
    with silent as pid, pytest.raises(SandboxError, match="broker 1 not ready after 0 s"):
        broker.ready(made(folder, pid), seconds=0)


def test_java_without_its_class_cache_is_good_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is only slower, and said."""
    told: list[str] = []

    def fail(java: jvm.Jvm, kept: Path, kafka: str) -> None:
        raise SandboxError("no luck")

    monkeypatch.setattr(setup, "_trained", fail)
    monkeypatch.setattr(setup.jars, "ensured", lambda folder, progress, lock: folder)
    monkeypatch.setattr(setup.jvm, "found", lambda lib, kept: JAVA)
    assert setup.prepared("4.4.0", told.append) == JAVA
    assert "going on without a class cache" in told[-1]


def test_ports_are_chosen_together_and_below_those_of_clients() -> None:
    """From 32768 on an outgoing connection could hold one."""
    chosen = [port for each in ports.free(3, secure=True) for port in (each.client, each.controller, each.secure)]
    assert len(set(chosen)) == 9
    assert all(port and 20_000 <= port < 32_768 for port in chosen)


def test_no_free_port_is_an_error_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a crash later on."""
    monkeypatch.setattr(ports, "RANGE", range(20_000, 20_001))
    with pytest.raises(SandboxError, match="no 2 free ports"):
        ports.free(1, secure=False)


METADATA_V2 = (
    b"\0\0\0\1"  # correlation
    b"\0\0\0\2"  # two brokers: id, host, port, rack
    b"\0\0\0\1\0\1a\0\0\x4e\x20\0\2r1"
    b"\0\0\0\3\0\1b\0\0\x4e\x21\xff\xff"
    b"\0\4ours\0\0\0\1\0\0\0\0"
)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (len(METADATA_V2).to_bytes(4, "big") + METADATA_V2, wire.Answer("ours", frozenset({1, 3}))),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", None),
        ((8).to_bytes(4, "big") + b"\0\0\0\1\0\0\0\7", None),
        (b"", None),
    ],
    ids=["Kafka", "HTTP", "cut short", "closed"],
)
def test_a_port_is_asked_for_its_cluster(
    answer: bytes, told: wire.Answer | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anything but Kafka's own answer is no answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(100)
                connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        monkeypatch.setattr(wire, "TIMEOUT", 60.0)
        assert wire.ask(server.getsockname()[1]) == told


def test_the_acls_of_a_broker_are_read_as_it_writes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rules on one resource and one on another; an answer that is cut short is none."""
    head = b"\0\0\0\1\0\0\0\0\0\0\xff\xff"  # correlation, throttle, no error
    topics = b"\2\0\1*\3\0\0\0\2\0\1a\0\1*\3\3\0\1b\0\1*\x08\2"
    cluster = b"\4\0\1c\3\0\0\0\1\0\1a\0\1*\x08\3"
    answer = head + b"\0\0\0\2" + topics + cluster
    answers = [answer, answer[:-3], None]
    monkeypatch.setattr(wire, "_asked", lambda port, body: answers.pop(0))
    assert wire.acls(1) == {(2, "*", 3, "a", "*", 3, 3), (2, "*", 3, "b", "*", 8, 2), (4, "c", 3, "a", "*", 8, 3)}
    assert wire.acls(1) == wire.acls(1) == frozenset()


def test_a_port_without_a_listener_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """And is known at once: the time for an answer is not waited out."""
    monkeypatch.setattr(wire, "TIMEOUT", 600.0)
    assert wire.ask(ports.free(1, secure=False)[0].client) is None


@pytest.mark.parametrize("way", ["end", "way"])
def test_a_link_in_the_place_of_a_sandbox_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """Everything that it leads to would be removed, a whole clone with its unpushed work."""
    clone = tmp_path / "clone"
    home = clone / "build/sandbox/.brokers"
    home.mkdir(parents=True)
    (clone / "state.json").write_text("{}")
    (home / "default").symlink_to("../../.." if way == "end" else "../../../inner")
    if way == "way":
        (home / "default").unlink()
        home.rmdir()
        home.symlink_to("../..")
        (clone / "default").mkdir()
        (clone / "default/state.json").write_text("{}")
    monkeypatch.chdir(clone)
    for command in (sandbox.down, sandbox.status):
        with pytest.raises(SandboxError, match="is a link"):
            command("default", Path("build/sandbox/.brokers/default"))
    with pytest.raises(SandboxError, match="is a link"):
        sandbox.up("default", Path("build/sandbox/.brokers/default"), progress=lambda _: None)
    assert (clone / "state.json").exists()


def test_a_state_file_of_another_place_is_none(tmp_path: Path) -> None:
    """A copied or committed one; its folder is not removed."""
    there = made(tmp_path / "x", None)
    (tmp_path / "y").mkdir()
    (tmp_path / "y/state.json").write_bytes((there.folder / "state.json").read_bytes())
    assert state.load(tmp_path / "y") is None
    sandbox.down("y", tmp_path / "y")
    assert (tmp_path / "y/state.json").exists()


@pytest.mark.parametrize(
    "forged",
    [
        {"nodes": [{"number": 1, "ports": {}, "pid": "../../etc"}]},
        {"heap": "1g -agentpath:x"},
        {"nodes": 3},
        {"name": 1},
        {"kafka": "../x"},
        {"nodes": [{"number": 1, "ports": {"client": 1, "controller": 2}, "pid": -1}]},
    ],
    ids=str,
)
def test_a_forged_state_file_is_no_sandbox(tmp_path: Path, forged: dict[str, object]) -> None:
    there = made(tmp_path / "x", None)
    document = json.loads((there.folder / "state.json").read_text())
    (there.folder / "state.json").write_text(json.dumps({**document, **forged}))
    assert state.load(there.folder) is None


def test_a_cache_that_others_can_write_to_is_refused(tmp_path: Path) -> None:
    """Programs lie in it."""
    cache.made(tmp_path / "mine/jars")
    (tmp_path / "mine").chmod(0o777)
    with pytest.raises(SandboxError, match="others can write"):
        cache.made(tmp_path / "mine/jars")
