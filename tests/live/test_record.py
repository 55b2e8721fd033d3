"""The record on real brokers: whose change is it, from end to end."""

from __future__ import annotations

import base64
import json
import subprocess
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from provisioner.sandbox import Sandbox
from tests.faults.record_truth import raw
from tests.live.conftest import Fleet, Witness, everywhere

DAY = 86_400_000
GIT = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "init.defaultBranch=main"]


class Night:
    """A repository of three teams on one cluster, and somebody with a client of their own."""

    def __init__(self, fleet: Fleet, brokers: Sandbox, prefix: str) -> None:
        self.fleet, self.brokers, self.prefix = fleet, brokers, prefix
        self.admin = AdminClient({"bootstrap.servers": brokers.bootstrap, "log_level": 0})
        for team in ("ads", "crm"):
            (fleet.root / team).mkdir()
            (fleet.root / team / "team.yaml").write_text(f"chat: '#{team}'\n")
        self.git("init", "-q")
        (fleet.root.parent / ".gitignore").write_text("build\n*.json\n")

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            [*GIT, *arguments], cwd=self.fleet.root.parent, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def name(self, short: str) -> str:
        return f"{self.prefix}.{short}.v1"

    def merge(self, team: str, **topics: str) -> str:
        """A team's file as a commit: short name -> the rest of its entry."""
        entries = "".join(f"  - {{name: {self.name(short)}{more}}}\n" for short, more in topics.items())
        (self.fleet.root / team / "topics.yaml").write_text("topics:\n" + entries if entries else "topics: []\n")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", team)
        return self.git("rev-parse", "HEAD")

    def apply(self, *more: str) -> tuple[int, str]:
        return self.fleet.run("apply", "--yes", *more)

    def plan(self, *more: str) -> tuple[int, str]:
        return self.fleet.run("plan", *more)

    def by_hand(self, short: str, **config: Any) -> None:
        """Somebody's own client; until every broker shows it."""
        entries = [
            ConfigEntry(key.replace("_", "."), str(value), incremental_operation=AlterConfigOpType.SET)
            for key, value in config.items()
        ]
        resource = ConfigResource(ResourceType.TOPIC, self.name(short), incremental_configs=entries)
        for future in self.admin.incremental_alter_configs([resource]).values():
            future.result(30)
        wanted = {key.replace("_", "."): str(value) for key, value in config.items()}
        everywhere(self.brokers, lambda seen: wanted.items() <= seen.overrides(self.name(short)).items())

    def remade(self, short: str) -> None:
        """Somebody deletes a topic and makes it again."""
        name = self.name(short)
        self.admin.delete_topics([name])[name].result(30)
        everywhere(self.brokers, lambda seen: name not in seen.names())
        self.admin.create_topics([NewTopic(name, 3, 3, config={"retention.ms": str(3 * DAY)})])[name].result(30)
        everywhere(self.brokers, lambda seen: name in seen.names() and len(seen.partitions(name)) == 3)

    def retention(self, short: str) -> int:
        with_overrides = Witness(self.brokers.bootstrap)
        try:
            return int(with_overrides.overrides(self.name(short))["retention.ms"]) // DAY
        finally:
            with_overrides.admin.close()

    @property
    def record(self) -> str:
        return f"_provisioner_{self.fleet.root.parent.name[:80]}"


@pytest.fixture
def night(fleet: Fleet, brokers: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Night:
    monkeypatch.chdir(tmp_path)
    return Night(fleet, brokers, tmp_path.name.replace("_", "-")[:60])


def test_a_refused_change_of_one_team_freezes_nobody_and_a_night_fix_stands(night: Night) -> None:
    """A refused change, a fix at three in the morning, a merge of somebody else, and the plans that all of them see."""
    night.merge("ads", clicks=", config: {retention.ms: 7d}", views=", partitions: 3")
    assert night.apply()[0] == 0
    night.merge("ads", clicks=", config: {retention.ms: 1d}, allow: {shorter-retention: 1d}", views=", partitions: 2")
    code, text = night.apply()
    assert (code, night.retention("clicks")) == (3, 1), text
    night.by_hand("clicks", retention_ms=14 * DAY)
    night.merge("crm", leads="")
    code, reviewer = night.plan("--base", "HEAD~1")
    assert code == 0
    assert f"+ topic {night.name('leads')}" in reviewer
    assert "2 not looked at" in reviewer
    code, text = night.apply()
    assert (code, night.retention("clicks")) == (3, 14), text
    assert "1 topic created" in text
    code, text = night.fleet.run("drift")
    assert code == 2
    assert "changed by hand: 86400000 (1d) -> 1209600000 (14d)" in text
    assert "to undo it, by name: provisioner apply --cluster prod --scope all --topic NAME" in text
    code, text = night.apply("--scope", "all", "--topic", night.name("clic*"))
    assert (code, night.retention("clicks")) == (3, 14), text
    code, text = night.apply("--scope", "all", "--topic", night.name("clicks"))
    assert (code, night.retention("clicks")) == (0, 1), text
    assert "config.retention.ms  1209600000 (14d) -> 86400000 (1d)" in text
    assert "by hand since it was applied: 86400000 (1d) -> 1209600000 (14d)" in text
    assert "shorter-retention: records older than 1d become deletable at once" in text
    code, text = night.fleet.run("drift", "--topic", night.name("clicks"))
    assert (code, "Drift: none." in text) == (0, True), text


def test_a_night_fix_is_adopted_and_nothing_is_left_to_do(night: Night) -> None:
    """A hand fix, the merge of somebody else, drift, adopt, a merge of that: and whoever fixed it by hand is heard."""
    (night.fleet.root / "ads/more.yaml").write_text(
        f"topics:\n  - name: {night.name('views')}\n    config:\n      retention.ms: 3d   # as agreed\n"
    )
    night.merge("ads", clicks=", config: {retention.ms: 7d}")
    assert night.apply()[0] == 0
    night.by_hand("clicks", retention_ms=14 * DAY, flush_ms=60_000)
    night.by_hand("views", retention_ms=10 * DAY)
    night.merge("crm", leads="")
    assert night.apply()[0] == 0
    code, text = night.fleet.run("drift")
    assert (code, "set by hand (in no file): 60000 (1m)" in text) == (2, True), text
    assert night.git("rev-parse", "--short=12", "HEAD~1") in text
    code, text = night.fleet.run("drift", "--adopt", "--print")
    assert (code, "+      retention.ms: 10d   # as agreed" in text) == (0, True), text
    code, text = night.fleet.run("drift", "--adopt")
    assert (code, "Adopted: 2 entries." in text) == (0, True), text
    assert "config: {retention.ms: 14d, flush.ms: 1m}" in (night.fleet.root / "ads/topics.yaml").read_text()
    night.git("commit", "-qam", "adopt")
    code, text = night.apply()
    assert (code, "nothing left to do" in text) == (0, True), text
    assert (night.retention("clicks"), night.retention("views")) == (14, 10)
    code, text = night.fleet.run("drift")
    assert (code, "Drift: none." in text) == (0, True), text
    code, text = night.fleet.run("drift", "--since", "1h")
    newest = text.split(night.git("rev-parse", "--short=12", "HEAD"))[1].split("\n20")[0]
    told = [night.name(short) in newest for short in ("clicks", "views", "leads")]
    assert (code, told) == (0, [True, True, False]), text


def test_a_retried_old_job_changes_nothing_with_its_plan_and_without(night: Night) -> None:
    """What was applied since is newer, whatever the plan of the old job says."""
    night.merge("ads", clicks=", config: {retention.ms: 7d}")
    night.apply()
    old = night.merge("ads", clicks=", config: {retention.ms: 9d}")
    assert night.plan("--base", "HEAD~1", "--out", "old.json")[0] == 0
    assert night.apply("--plan", "old.json")[0] == 0
    night.merge("ads", clicks=", config: {retention.ms: 8d}, allow: {shorter-retention: 8d}")
    assert night.apply()[0] == 0
    night.git("checkout", "-q", old)
    for more in ([], ["--plan", "old.json"]):
        code, text = night.apply(*more)
        assert (code, night.retention("clicks")) == (3, 8), text
        assert "newer than this checkout" in text


def test_a_lost_record_never_widens_what_is_done(night: Night) -> None:
    """Everything is met anew: a consent of old is not enough for a danger, and a reviewed plan is."""
    night.merge("ads", clicks=", config: {retention.ms: 7d}")
    night.apply()
    night.merge("ads", clicks=", config: {retention.ms: 1d}, allow: {shorter-retention: 1d}")
    night.apply()
    night.by_hand("clicks", retention_ms=14 * DAY)
    night.admin.delete_topics([night.record])[night.record].result(30)
    everywhere(night.brokers, lambda seen: night.record not in seen.names())
    night.merge("crm", leads="")
    code, text = night.plan("--base", "HEAD~1")
    assert "+ record topic" in text
    assert "clicks" not in text.replace("1 standing", "")
    code, text = night.apply()
    assert (code, night.retention("clicks")) == (3, 14), text
    assert "nothing is recorded of it: a consent in the file is not enough" in text
    assert night.plan("--out", "reviewed.json")[0] == 0
    code, text = night.apply("--plan", "reviewed.json")
    assert (code, night.retention("clicks")) == (0, 1), text


def test_a_hand_fix_that_a_merge_asks_for_is_adopted_and_the_next_one_stands(night: Night) -> None:
    """Also where the files changed nothing on the cluster."""
    night.merge("ads", clicks=", config: {retention.ms: 7d}")
    night.apply()
    night.by_hand("clicks", retention_ms=14 * DAY)
    night.merge("ads", clicks=", config: {retention.ms: 14d}")
    code, text = night.apply()
    assert (code, "nothing left to do" in text) == (0, True)
    night.by_hand("clicks", retention_ms=10 * DAY)
    night.merge("crm", leads="")
    assert night.apply()[0] == 0
    assert night.retention("clicks") == 10


def test_a_default_over_a_hand_fix_is_refused_by_name(night: Night) -> None:
    """A consent among defaults reaches what is as it was applied, and nothing else."""
    night.fleet.cluster(night.brokers.bootstrap)
    declared = night.fleet.root / "clusters.yaml"
    text = declared.read_text().replace("{partitions: 3}", "{partitions: 3, config: {retention.ms: 7d}}")
    declared.write_text(text)
    night.merge("ads", clicks="", views="")
    night.apply()
    night.by_hand("clicks", retention_ms=14 * DAY)
    shorter = "{partitions: 3, config: {retention.ms: 2d}, allow: {shorter-retention: 2d}}"
    declared.write_text(text.replace("{partitions: 3, config: {retention.ms: 7d}}", shorter))
    night.merge("crm")
    code, said = night.apply()
    assert (code, night.retention("clicks")) == (3, 14), said
    assert night.retention("views") == 2
    assert "a consent among defaults does not reach what was changed by hand" in said


def test_two_repositories_keep_out_of_each_others_way(night: Night, fleet: Fleet) -> None:
    """What one applied the other neither prunes nor changes, and it says whose it is."""
    night.merge("ads", clicks=", config: {retention.ms: 7d}")
    night.apply()
    declared = fleet.root / "clusters.yaml"
    ours = declared.read_text()
    declared.write_text("repository: others\n" + ours)
    night.merge("ads", clicks=", config: {retention.ms: 9d}", views="")
    code, text = night.apply()
    assert (code, night.retention("clicks")) == (3, 7), text
    assert "kept by repository topics" in text
    assert "1 topic created" in text
    declared.write_text(ours)
    night.merge("ads", clicks=", config: {retention.ms: 9d}")
    code, text = night.apply()
    assert (code, night.retention("clicks")) == (0, 9), text
    everywhere(night.brokers, lambda seen: night.name("views") in seen.names())


def test_an_entry_says_what_was_asked_and_seen(night: Night) -> None:
    """Read by a client that shares no code with ours; what the files drop leaves it."""
    night.merge("ads", clicks=", config: {retention.ms: 7d, max.message.bytes: 1048588}")
    night.apply()
    record = _entries(night)[night.name("clicks")]
    assert record["asked"]["config.max.message.bytes"] == "1048588"
    night.merge("ads", clicks=", partitions: 6, allow: {more-partitions: 6}, config: {retention.ms: 7d}")
    assert night.apply()[0] == 0
    record = _entries(night)[night.name("clicks")]
    assert record["asked"]["partitions"] == "6"
    assert "config.max.message.bytes" not in record["asked"]
    seen = uuid.UUID(_witnessed(night, lambda seen: seen.topic_id(night.name("clicks"))))
    assert record["identity"] == base64.urlsafe_b64encode(seen.bytes).decode().rstrip("=")


def test_external_and_back(night: Night) -> None:
    """Whoever else kept it meanwhile: nothing is recorded of it when it comes back."""
    night.merge("ads", clicks=", config: {retention.ms: 7d}")
    night.apply()
    night.merge("ads", clicks=", state: external")
    assert night.apply()[0] == 0
    assert night.name("clicks") not in _entries(night)
    night.by_hand("clicks", retention_ms=14 * DAY)
    night.merge("ads", clicks=", config: {retention.ms: 7d}, allow: {shorter-retention: 7d}")
    code, text = night.apply()
    assert (code, night.retention("clicks")) == (3, 14), text


def test_a_topic_made_again_by_hand_stands(night: Night) -> None:
    """It is another topic than the one that was applied."""
    night.merge("ads", clicks=", config: {retention.ms: 7d}")
    night.apply()
    night.remade("clicks")
    night.merge("crm", leads="")
    assert night.apply()[0] == 0
    assert night.retention("clicks") == 3
    code, text = night.fleet.run("drift")
    assert (code, "changed by hand" in text) == (2, True)


def test_an_entry_of_a_newer_program_is_left_alone(night: Night) -> None:
    """Its topic is refused by name, and everything else goes on."""
    night.merge("ads", clicks=", config: {retention.ms: 7d}")
    night.apply()
    producer = Producer({"bootstrap.servers": night.brokers.bootstrap, "log_level": 0})
    key = json.dumps(["topics", "topic", "", night.name("clicks")], separators=(",", ":"))
    producer.produce(night.record, b'{"version":9}', key)
    producer.flush(30)
    night.merge("ads", clicks=", config: {retention.ms: 9d}", views="")
    code, text = night.apply()
    assert (code, night.retention("clicks")) == (4, 7), text
    assert "its format is version 9" in text
    assert "1 topic created" in text
    assert _raw(night)[key.encode()] == b'{"version":9}'


def _witnessed(night: Night, ask: Callable[[Witness], Any]) -> Any:
    seen = Witness(night.brokers.bootstrap)
    try:
        return ask(seen)
    finally:
        seen.admin.close()


def _raw(night: Night) -> dict[bytes, bytes]:
    """The record, through a client that shares no code with ours."""
    from kafka import KafkaConsumer, TopicPartition

    consumer = KafkaConsumer(bootstrap_servers=night.brokers.bootstrap.split(","), enable_auto_commit=False)
    place = TopicPartition(night.record, 0)
    consumer.assign([place])
    end = consumer.end_offsets([place])[place]
    consumer.seek_to_beginning(place)
    found: dict[bytes, bytes] = {}
    deadline = time.monotonic() + 30
    while consumer.position(place) < end and time.monotonic() < deadline:
        for messages in consumer.poll(1000).values():
            for message in messages:
                found.pop(message.key, None)
                if message.value is not None:
                    found[message.key] = message.value
    consumer.close()
    return found


def _entries(night: Night) -> dict[str, dict[str, Any]]:
    """Topic -> its entry."""
    entries = [(json.loads(key), json.loads(value)) for key, value in _raw(night).items()]
    return {name: entry for (_, kind, _, name), entry in entries if kind == "topic"}


def test_what_was_agreed_to_leaves_the_record_when_it_is_done(night: Night, brokers: Sandbox) -> None:
    """It is written before the change is sent, and there is no approval left behind."""
    night.merge("ads", clicks=", config: {retention.ms: 7d}")
    assert night.apply()[0] == 0
    night.merge("ads", clicks=", config: {retention.ms: 14d}", views="")
    plan = str(night.fleet.root.parent / "plan.json")
    assert night.plan("--out", plan)[0] == 0
    assert night.apply("--plan", plan)[0] == 0
    assert night.retention("clicks") == 14
    words = [json.loads(key) for key in raw(brokers.bootstrap, night.record)]
    assert {kind for _, kind, _, _ in words} == {"topic", "run"}
    code, text = night.apply("--approved")
    assert code == 0
    assert "nothing that was agreed to is left to do" in text
