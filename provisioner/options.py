"""What may stand behind each command, once: read by argparse, handed to the command as a value, shown by --help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioner.command_line import option, required, switch


class _Lanes:
    """The words of --lane, asked for when a word is judged or help is shown."""

    def __iter__(self) -> Iterator[str]:
        from provisioner.wiring import lane_names

        return iter(lane_names())


def _folder() -> Any:
    return option("declarations (default: topics)", Path("topics"), is_word=True, nargs="?", type=Path)


def _output() -> Any:
    return option("for people or for programs", "text", choices=("text", "json"))


def _report() -> Any:
    how = {"action": "append", "metavar": "NAME=FILE"}
    formats = "text, json, gitlab-codequality, gitlab-terraform of plan or differences of drift"
    return option(f"also write the result to a file, as {formats}; any number of them", **how)


def _topics() -> Any:
    how = {"action": "append", "metavar": "GLOB"}
    return option("only these topics, with their alerts and dashboards; any number of them", **how)


def _scope() -> Any:
    text = "files: what they ask anew (default); all: also what was changed by hand since it was applied"
    return option(text, "files", choices=("files", "all"))


def _file(text: str) -> Any:
    return option(text, type=Path, metavar="FILE")


def _wait() -> Any:
    text = "how long replicas on their way are waited for (default: 20m; 0 where CI is set): what runs then goes on"
    return option(text, metavar="TIME")


def _sandbox() -> Any:
    return switch("play the cluster on the sandbox's brokers")


def _sandbox_name() -> Any:
    return option("with --sandbox: which one (default: default)", "default")


_SINCE = "a commit: only what the files changed since is shown, and credentials go only to the addresses it names"
_ALL = "one cluster (default: all of them)"


@dataclass(frozen=True, kw_only=True)
class Validate:
    """Of `validate`."""

    folder: Path = _folder()
    output: str = _output()
    report: Sequence[str] | None = _report()
    base: str | None = option("a commit: errors that it has already, in files that are as they were, are only counted")
    verbose: bool = switch("list the problems that the files accept, too")


@dataclass(frozen=True, kw_only=True)
class Live:
    """Of every command that compares a cluster with the files."""

    folder: Path = _folder()
    output: str = _output()
    report: Sequence[str] | None = _report()
    lane: str | None = option("only this one (default: all of them)", words=_Lanes())
    sandbox: bool = _sandbox()
    name: str = _sandbox_name()
    topic: Sequence[str] | None = _topics()
    base: str | None = None


@dataclass(frozen=True, kw_only=True)
class Plan(Live):
    """Of `plan`."""

    base: str | None = option(f"{_SINCE} (default: everything that the files ask anew)", metavar="REF")
    scope: str = _scope()
    verbose: bool = switch("list every change, fold nothing")
    cluster: str | None = option(_ALL)
    out: Path | None = _file("write the plan as JSON; needs --cluster")
    detailed_exitcode: bool = switch("exit 2 if changes are pending")


@dataclass(frozen=True, kw_only=True)
class Apply(Live):
    """Of `apply`."""

    base: str | None = option(
        "a commit: what nothing is recorded of stands where the files did not change it since, and credentials go only "
        "to the addresses it names (default: in a push pipeline of GitLab the commit before the push, for the first)",
        metavar="REF",
    )
    scope: str = _scope()
    verbose: bool = switch("list every change, fold nothing")
    cluster: str = required("the cluster to change")
    yes: bool = switch("do not ask")
    plan: Sequence[Path] | None = option(
        "a reviewed plan: nothing else is done; any number of them", action="append", type=Path, metavar="FILE"
    )
    merged: bool = switch("do what was reviewed in the merge requests that were merged since the last run (GitLab)")
    approved: bool = switch("try again what was agreed to and is not done yet, by the record; nothing else")
    wait: str | None = _wait()
    audit: Path | None = _file("where a line is added for each change (default: build/audit/CLUSTER.jsonl)")


@dataclass(frozen=True, kw_only=True)
class Replicas:
    """Of `replicas`."""

    action: str = required(None, is_word=True, choices=("status", "continue", "pause", "resume", "cancel"))
    folder: Path = _folder()
    output: str = _output()
    report: Sequence[str] | None = _report()
    cluster: str = required("the cluster whose replicas are on their way")
    topic: Sequence[str] | None = _topics()
    span: str | None = option("with pause: for how long (default: until `resume`)", metavar="TIME", flag="--for")
    wait: str | None = _wait()
    base: str | None = option("a commit: credentials go only to the addresses that it names", metavar="REF")
    sandbox: bool = _sandbox()
    name: str = _sandbox_name()


@dataclass(frozen=True, kw_only=True)
class Drift(Live):
    """Of `drift`."""

    base: str | None = option(
        "a commit: stands in where nothing is recorded, and credentials go only to the addresses it names",
        metavar="REF",
    )
    cluster: str | None = option(_ALL)
    adopt: bool = switch("write what was changed by hand into the entries of its topics; needs --cluster")
    print: bool = switch("with --adopt: write nothing, show the diff")
    since: str | None = option(
        "what was applied since, by the record alone: 24h, 7d, or a day such as 2026-11-28", metavar="TIME"
    )


@dataclass(frozen=True, kw_only=True)
class Lag:
    """Of `lag`."""

    topic: str | None = option("a topic, or several by a glob in quotes (default: all)", is_word=True, nargs="?")
    group: str | None = option("only this consumer group, or several by a glob in quotes", metavar="GROUP")
    team: str | None = option("only what calls this team: its own consumers, and strangers on its topics")
    folder: Path = option("declarations (default: topics)", Path("topics"), type=Path)
    output: str = _output()
    report: Sequence[str] | None = _report()
    cluster: str | None = option(_ALL)
    base: str | None = option("a commit: credentials go only to the addresses that it names", metavar="REF")
    verbose: bool = switch("every row, and every partition")
    timeout: int = option("of reading one cluster (default: 60)", 60, type=int, metavar="SECONDS")
    detailed_exitcode: bool = switch("exit 2 if a group is later than it may be")
    sandbox: bool = _sandbox()
    name: str = _sandbox_name()


@dataclass(frozen=True, kw_only=True)
class Import:
    """Of `import`."""

    folder: Path = _folder()
    output: str = _output()
    report: Sequence[str] | None = _report()
    cluster: str = required("the cluster to read")
    team: str = required("whose topics they become: the folder to write to")
    match: str = option("only topics of such names (default: *)", "*", metavar="GLOB")
    group_by: str = option("what shares a file (default: topic)", "topic", choices=("topic", "prefix", "one"))
    base: str | None = option("a commit: credentials go only to the addresses that it names", metavar="REF")
    sandbox: bool = _sandbox()
    name: str = _sandbox_name()


@dataclass(frozen=True, kw_only=True)
class Render:
    """Of `render`."""

    folder: Path = _folder()
    cluster: str | None = option(_ALL)
    out: Path = required("where to write", type=Path, metavar="FOLDER")


@dataclass(frozen=True, kw_only=True)
class Compare:
    """Of `compare`."""

    before: Path = required("what `render --out` wrote, before", is_word=True, type=Path)
    after: Path = required("what it wrote with another version, or of other files", is_word=True, type=Path)
    output: str = _output()
    report: Sequence[str] | None = _report()
    verbose: bool = switch("an example of each change, as a diff")
    detailed_exitcode: bool = switch("exit 2 if they differ")


@dataclass(frozen=True, kw_only=True)
class Note:
    """Of `note`."""

    folder: Path = _folder()
    plan: Sequence[Path] | None = option(
        "what `plan --out` wrote; any number of them", action="extend", nargs="+", type=Path, metavar="FILE"
    )
    base: str | None = option("a commit: errors that it has already are only counted", metavar="REF")
    expect: Sequence[str] | None = option(
        "of which clusters there has to be a plan (default: all of them)", action="extend", nargs="+", metavar="CLUSTER"
    )
    compared: Path | None = _file("what `compare --report json=FILE` says of a new version: a section of the note")
    post: bool = switch("also write it to the merge request of this job (GitLab), anew in place")


@dataclass(frozen=True, kw_only=True)
class Owners:
    """Of `owners`."""

    folder: Path = _folder()
    write: bool = switch("write it into the file that GitLab reads; nothing outside of our block is touched")


SCHEMAS = ("topics", "team", "clusters")
"""What people write, by the file that it is in."""


@dataclass(frozen=True, kw_only=True)
class Schema:
    """Of `schema`."""

    which: str | None = option(
        "the files of topics and consumers, team.yaml or clusters.yaml", is_word=True, nargs="?", choices=SCHEMAS
    )
    out: Path | None = option("write them there (default: all three)", type=Path, metavar="FOLDER")


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """Of `sandbox`."""

    action: str = required(None, is_word=True, choices=("up", "status", "down"))
    name: str = option("two names are two sandboxes (default: default)", "default")
    kafka: str | None = option("another release of Kafka (default: the newest, 4.4.0)", metavar="VERSION")
    secure: bool = switch("add a listener with SASL, and ACLs")
    heap: str = option("memory a broker (default: 256m; 512m for 4,000 partitions)", "256m")
    output: str = _output()


@dataclass(frozen=True, kw_only=True)
class Issue:
    """Of `issue`."""

    folder: Path = _folder()
    drift: Sequence[Path] = required(
        "what `drift --report json=FILE` wrote, of each cluster; any number of them",
        action="extend",
        nargs="+",
        type=Path,
        metavar="FILE",
    )
    post: bool = switch("make or update the issue in GitLab, or close it where nothing is changed by hand")
