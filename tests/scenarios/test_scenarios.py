"""Whole stories: files in, a command, the complete output. `pytest --update-scenarios` rewrites expected.txt.

A scenario is a folder: `command` (the arguments), `topics/` (or what the command names), `live.yaml` (the topics of the
cluster and the `broker`'s own values, optional) and `expected.txt`, which reads like a screenshot: stdout, stderr
lines behind `2> `, the exit code. `base/`, where there is one, is what the git tag `base` holds.

A line of `command` that begins with `sh: ` runs in a shell and stays silent; `live: FILE` puts another cluster there,
and `show: FILE` shows a file that a command wrote. What groups have not read is told by `unread.yaml`.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from provisioner import cli, opening
from provisioner.kinds.topic_hazards import IN_USE
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.reconcile import record
from provisioner.reconcile.entry import Applied, Stamp
from provisioner.reconcile.model import Hazard, Key, Observed, Prepared, Reader, Reading
from provisioner.stores.kafka import broker_defaults, dry_run
from tests.memory import MemoryLog, MemoryStore
from tests.topics import live as observed
from tests.unread import MemoryUnread

HERE = Path(__file__).parent
SCENARIOS = sorted(path.parent for path in HERE.glob("*/command"))


@dataclass
class Live(MemoryStore[TopicSpec]):
    """A cluster in memory that knows its id.

    Topics may be in use (`used`), have uneven replicas (`most`), and `readers` whom a danger is noted with.
    """

    most: dict[str, int] = field(default_factory=dict)
    used: dict[str, str] = field(default_factory=dict)
    readers: dict[str, dict[str, str]] = field(default_factory=dict)
    lacks: frozenset[str] = frozenset()
    unsettled: dict[str, str] = field(default_factory=dict)

    def read(self, names: Any, beside: Any = ()) -> Reading[TopicSpec]:
        reading = super().read(names, beside)
        remarks = broker_defaults.remarks(broker_defaults.Inherited({}, self.unsettled))
        source = "sandbox-cluster-id"
        return Reading(reading.found, reading.unsure, unmanaged=reading.unmanaged, source=source, remarks=remarks)

    def _unknown(self, change: Any) -> Any:
        for each in change.fields:
            if (key := each.field.removeprefix("config.")) in self.lacks:
                yield each.field, dry_run.not_known(key)

    def prepare(self, changes: Any) -> dict[Key, Prepared]:
        """It knows no config that it `lacks`, and topics in use have the hazard that a cluster would show."""
        return {
            change.key: Prepared(
                notes=tuple(f"group {reader.group} {reader.words}" for reader in self._reading(change)),
                hazards=self._in_use(change),
                unknown=dict(self._unknown(change)),
                readers=self._reading(change),
            )
            for change in changes
        }

    def _reading(self, change: Any) -> tuple[Reader, ...]:
        known = self.readers.get(change.key.name, {}) if change.hazards else {}
        return tuple(Reader(group, words) for group, words in known.items())

    def _in_use(self, change: Any) -> tuple[Hazard, ...]:
        why = self.used.get(change.key.name) if change.after is None else None
        return (Hazard(IN_USE, why, change.identity or "?"),) if why else ()

    def listed(self) -> dict[str, int]:
        """Every name, also of what cannot be read."""
        known = {name: self.most.get(name, seen.resource.replication_factor) for name, seen in self.state.items()}
        return {**dict.fromkeys(self.unsure, 0), **known}


def live(path: Path) -> Live:
    told = yaml.safe_load(path.read_text("utf-8")) if path.exists() else {}
    broker = told.get("broker") or {}
    unsettled = told.get("unsettled") or {}
    seen = {name: _topic(data, broker, f"id-of-{name}") for name, data in (told.get("topics") or {}).items()}
    topics = {
        name: replace(each, facts=replace(each.facts, unsettled=frozenset(unsettled))) for name, each in seen.items()
    }
    made = Live(topics, unsure=told.get("unsure") or {})
    made.used = {name: data["used"] for name, data in (told.get("topics") or {}).items() if "used" in data}
    made.readers = {name: data["readers"] for name, data in (told.get("topics") or {}).items() if "readers" in data}
    made.unsettled = unsettled
    made.lacks = frozenset(told.get("lacks") or ())
    made.most = {name: data["most"] for name, data in (told.get("topics") or {}).items() if "most" in data}
    return made


def recorded(scenario: Path) -> MemoryLog:
    """The cluster's record.

    `record: applied`: every declared topic is as it was applied, but for the config that it was `asked` for and its
    `counts`, by the `run`; `empty`: nothing is recorded of what is there; `new`: there is none yet. Any other word is
    why it cannot be read. A scenario with a base, or of an import, begins with an empty one. `gone`: topics that were
    applied.
    """
    path = scenario / "live.yaml"
    said = yaml.safe_load(path.read_text("utf-8")) if path.exists() else {}
    is_adopted = (scenario / "base").exists() or "import " in (scenario / "command").read_text("utf-8")
    word = said.get("record") or ("empty" if is_adopted else "applied")
    log = MemoryLog(exists=word != "new", cluster_id="sandbox-cluster-id", name="_provisioner_applied")
    log.unreadable = "" if word in ("new", "empty", "applied") else word
    texts = "".join(each.read_text("utf-8", "replace") for each in scenario.glob("**/*.yaml") if each != path)
    there = {name: seen for name, seen in live(path).state.items() if word == "applied" and name in texts}
    for name, seen in {**there, **dict.fromkeys(said.get("gone") or (), observed())}.items():
        asked = ((said.get("topics") or {}).get(name) or {}).get("asked", seen.resource.config)
        counts = ((said.get("topics") or {}).get(name) or {}).get("counts", {})
        spec = replace(seen.resource, config={key: _kafka(value) for key, value in asked.items()}, **counts)
        entry = Applied(spec.fields(), identity=seen.identity, stamp=_stamp(said.get("run")))
        log.log.append((record.encoded("topics", Key("topic", name)), entry.text()))
    if said.get("run"):
        log.log.append((record.encoded("topics", record.RUN), Applied(stamp=_stamp(said["run"])).text()))
    return log


def _stamp(run: dict[str, str] | None) -> Stamp:
    """`run`: what GitLab said of the run that applied everything."""
    at = "2026-11-28T10:12:00.000+00:00"
    return Stamp("sandbox-cluster-id", "45d0c32af4af" + 28 * "0", at, run) if run else Stamp("sandbox-cluster-id")


def _topic(data: dict[str, Any], broker: dict[str, Any], topic_id: str) -> Observed[TopicSpec]:
    """`broker` has the cluster's own values: inherited where the topic has no override, else what it falls back to."""
    data = {
        "inherited": {k: v for k, v in broker.items() if k not in data.get("config", {})},
        "fallback": broker,
        **data,
    }
    parts = {
        part: {k: _kafka(v) for k, v in data.get(part, {}).items()} for part in ("config", "inherited", "fallback")
    }
    return observed(data.get("partitions", 3), data.get("replicas", 3), **parts, topic_id=topic_id)


def _kafka(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda path: path.name)
def test_scenario(
    scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], request: Any
) -> None:
    """The command prints exactly what its expected.txt shows."""
    shutil.copytree(scenario, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    for name in ("GITLAB_CI", "NO_COLOR", "PROVISIONER_DEBUG", "KAFKA_USER", "KAFKA_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    for name in ("CI_PIPELINE_URL", "CI_JOB_URL", "CI_MERGE_REQUEST_IID", "CI_API_V4_URL", "PROVISIONER_GITLAB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GITLAB_USER_LOGIN", "jo")
    monkeypatch.setenv("COLUMNS", "80")
    if (scenario / "base").exists():
        _committed()
    there = [live(scenario / "live.yaml")]
    monkeypatch.setattr(opening, "kafka_topics", lambda catalog, bench, *_: there[0])
    monkeypatch.setattr(opening, "unread_messages", lambda *_: MemoryUnread(Path("unread.yaml")))
    log = recorded(scenario)
    monkeypatch.setattr(opening, "record_log", lambda catalog, _: log.door() if catalog.cluster.record else None)
    shown = "\n".join(filter(None, (_step(line, there, capfd) for line in _lines(scenario))))
    if request.config.getoption("--update-scenarios"):
        (scenario / "expected.txt").write_text(shown, "utf-8")
    assert shown == (scenario / "expected.txt").read_text("utf-8")


def _lines(scenario: Path) -> list[str]:
    return (scenario / "command").read_text("utf-8").splitlines()


def _committed() -> None:
    """`base/` as the commit that the tag `base` names; the files of the scenario lie above it, not committed."""
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "init.defaultBranch=main"]
    Path("topics").rename("now")
    Path("base/topics").rename("topics")
    for arguments in (["init", "-q"], ["add", "topics"], ["commit", "-q", "-m", "base"], ["tag", "base"]):
        subprocess.run([*git, *arguments], check=True)
    shutil.rmtree("topics")
    Path("now").rename("topics")


def _step(line: str, there: list[Live], capfd: pytest.CaptureFixture[str]) -> str:
    if line.startswith("sh: "):
        subprocess.run(line.removeprefix("sh: "), shell=True, check=True, executable="/bin/bash")
        return ""
    if line.startswith("live: "):
        there[0] = live(Path(line.removeprefix("live: ")))
        return ""
    if line.startswith("show: "):
        path = line.removeprefix("show: ")
        return f"$ cat {path}\n{Path(path).read_text('utf-8')}"
    return _ran(line, capfd)


def _ran(line: str, capfd: pytest.CaptureFixture[str]) -> str:
    try:
        code: Any = cli.main(shlex.split(line))
    except SystemExit as stop:
        code = stop.code
    out, err = capfd.readouterr()
    told = "".join(f"2> {each}\n" for each in err.splitlines())
    return _timeless(f"$ provisioner {line}\n{out}{told}exit {code}\n")


def _timeless(text: str) -> str:
    import re

    text = re.sub(r"; \d+\.\d s\.", "; 0.0 s.", text)
    text = re.sub(r"debug +\d+\.\d{3}  ", "debug    0.000  ", text)
    text = re.sub(r" after \d+\.\d{3} s", " after 0.000 s", text)
    text = re.sub(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d\.\d{3}\+00:00)?", "(time)", text) if "--since" in text else text
    text = re.sub(r"\b[0-9a-f]{40}\b", "(commit)", text)
    text = re.sub(r"(last applied|base|with what|waits for|untouched since) [0-9a-f]{12}\b", r"\1 (commit)", text)
    text = re.sub(r"(error:|note:) [0-9a-f]{12} was applied", r"\1 (commit) was applied", text)
    text = re.sub(r"this checkout [0-9a-f]{12}\b", "this checkout (commit)", text)
    text = re.sub(r"(last applied( \(commit\))?) \d{4}-\d\d-\d\dT\d\d:\d\d", r"\1 (time)", text)
    text = re.sub(r"\b[0-9a-f]{12}:", "(commit):", text)
    text = re.sub(r"\b[0-9a-f]{64}\b(?= .*-->)", "(SHA-256)", text)
    return re.sub(r"digest [0-9a-f]{16}", "digest (16 hex digits)", text)


def test_there_are_scenarios() -> None:
    """An empty folder would pass for the wrong reason."""
    assert len(SCENARIOS) > 5
