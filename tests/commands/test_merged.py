"""After the merge: what was reviewed is done, a danger that nobody reviewed is refused, GitLab's word is checked."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from provisioner import cli, opening
from provisioner.reconcile import record
from provisioner.report import plan_digests
from provisioner.stores.gitlab.api import PROJECT, TOKEN, URL
from tests import fake_gitlab
from tests.fake_gitlab import FakeGitLab, faults
from tests.fake_gitlab.project import BOT, NOBODY, Document
from tests.memory import MemoryLog
from tests.scenarios.test_scenarios import Live

CLUSTERS = "clusters: {prod: {bootstrap: 'kafka:9092', cluster_id: sandbox-cluster-id%s}}\n"
SHORTER = "{name: a, config: {retention.ms: 1d}, allow: {shorter-retention: 1d}}"


def git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=kim", "-c", "user.email=kim@localhost", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def ago(**span: float) -> str:
    return (datetime.now(UTC) - timedelta(**span)).isoformat(timespec="milliseconds")


class World(NamedTuple):
    """A repository, its GitLab, a cluster and its record in memory, and a way to run a command against them."""

    run: Callable[..., tuple[int, str, str]]
    store: Live
    log: MemoryLog
    gitlab: FakeGitLab
    environment: pytest.MonkeyPatch

    def apply(self, *more: str) -> tuple[int, str]:
        """What the job of the push runs."""
        code, out, err = self.run("apply", "--yes", "--merged", *more)
        return code, out + err

    def days(self, name: str) -> int:
        return int(self.store.state[name].resource.config["retention.ms"]) // 86_400_000

    def approved(self) -> set[str]:
        values = self.log.door().read().values
        return {word[1].name for raw in values if (word := record.decoded(raw)) and word[1].kind == "approved topic"}

    def push(self, *topics: str) -> str:
        """A commit on the default branch; the next pipeline is its own."""
        before = git("rev-parse", "HEAD")
        declare(*topics)
        git("commit", "-qam", "change")
        self.environment.setenv("CI_COMMIT_BEFORE_SHA", before)
        return git("rev-parse", "HEAD")

    def merge(self, iid: int, *topics: str, age: float = 1, **parts: Any) -> Document:
        """A merge request with its plan and its note, merged as one commit."""
        base = git("rev-parse", "HEAD")
        commit = self.push(*topics)
        assert self.run("plan", "--base", base, "--out", "plan.json")[0] in (0, 3, 4)
        plan = Path("plan.json").read_text("utf-8")
        project = self.gitlab.project
        request = project.merge_request(iid, sha=commit, commits=[commit], merged_at=ago(seconds=1), **parts)
        pipeline = project.pipeline(request, created_at=ago(days=age))
        project.job(pipeline, "plan: [prod]", {"plan-prod.json": plan})
        digests = f"<!-- {plan_digests.line([plan_digests.digest(plan.encode())])} -->"
        project.note(request, f"{plan_digests.MARKER}\n{digests}\nPlan: ...", author=BOT)
        return request


def declare(*topics: str) -> None:
    Path("topics/pay/orders.yaml").write_text("topics:\n" + "".join(f"  - {each}\n" for each in topics), "utf-8")


def kept(name: str, days: int) -> str:
    return f"{{name: {name}, config: {{retention.ms: {days}d}}}}"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[World]:
    """Two topics of 7 days, applied and on record."""
    monkeypatch.chdir(tmp_path)
    store, log = Live(), MemoryLog(exists=False, cluster_id="sandbox-cluster-id")
    monkeypatch.setattr(opening, "kafka_topics", lambda *_: store)
    monkeypatch.setattr(opening, "record_log", lambda *_: log.door())
    Path("topics/pay").mkdir(parents=True)
    Path("topics/clusters.yaml").write_text(CLUSTERS % "", "utf-8")
    Path("topics/pay/team.yaml").write_text('chat: "#pay"\n', "utf-8")
    Path(".gitignore").write_text("plan.json\nbuild\n", "utf-8")
    declare(kept("a", 7), kept("b", 7))
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-qm", "first")

    def ran(command: str, *more: str) -> tuple[int, str, str]:
        code = cli.main([command, "--cluster", "prod", *more])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    with FakeGitLab() as gitlab:
        assert ran("apply", "--yes")[0] == 0
        for name, value in {URL: gitlab.url, PROJECT: "1", TOKEN: fake_gitlab.project.TOKEN}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("CI_PIPELINE_SOURCE", "push")
        yield World(ran, store, log, gitlab, monkeypatch)


def test_a_reviewed_danger_is_done(world: World) -> None:
    """And a new topic beside it; the record has the merge request's number."""
    world.merge(41, SHORTER, kept("b", 7), kept("c", 7))
    code, text = world.apply()
    assert (code, world.days("a"), world.days("c"), world.approved()) == (0, 1, 7, set())
    assert "merge request 41: its plan counts (2 changes, digest" in text
    assert "merge request 41" in world.run("drift", "--since", "1h")[1]


def test_the_outcome_stands_on_the_merge_request(world: World) -> None:
    """What was done, what was not and why, and what to press; written anew by the next run."""
    request = world.merge(41, SHORTER, kept("b", 14))
    world.gitlab.project.told["pipelines"].clear()
    world.environment.setenv("CI_JOB_URL", "https://gitlab.example.com/kafka/topics/-/jobs/4711")
    assert world.apply()[0] == 3
    _, outcome = [note["body"] for note in request["notes"]]
    assert outcome.startswith(
        "<!-- kafka-topic-provisioner:outcome prod -->\n**Applied to prod: 1 topic updated, 1 refused"
    )
    assert "REFUSED  topic a: it is not in the reviewed plan" in outcome
    assert "Press `plan again`" in outcome
    assert "jobs/4711" in outcome
    world.environment.setenv("CI_JOB_URL", "https://gitlab.example.com/kafka/topics/-/jobs/4712")
    world.apply()
    assert [note["body"].partition("\n")[0] for note in request["notes"]][1:] == [outcome.partition("\n")[0]]


def test_a_direct_push_does_what_has_no_danger_and_refuses_the_rest(world: World) -> None:
    """It names the job to press."""
    world.push(SHORTER, kept("b", 14))
    code, text = world.apply()
    assert (code, world.days("a"), world.days("b")) == (3, 7, 14)
    assert "not in the reviewed plan" in text
    assert "Press `plan again`" in text
    assert "no merge request was merged since the last run" in text
    assert world.run("plan", "--out", "plan.json")[0] == 0
    assert world.run("apply", "--yes", "--plan", "plan.json")[0] == 0
    assert world.days("a") == 1


def test_where_the_cluster_is_strict_nothing_passes_without_a_plan(world: World) -> None:
    """apply: {unreviewed: refuse}."""
    Path("topics/clusters.yaml").write_text(CLUSTERS % ", apply: {unreviewed: refuse}", "utf-8")
    world.push(kept("a", 7), kept("b", 14))
    assert world.apply()[0] == 3
    assert world.days("b") == 7
    world.merge(41, kept("a", 14), kept("b", 14))
    assert world.apply()[0] == 0
    assert (world.days("a"), world.days("b")) == (14, 7)


def _swapped(request: Document, gitlab: FakeGitLab) -> None:
    job = gitlab.project.told["pipelines"][-1]["jobs"][0]
    job["artifacts"]["plan-prod.json"] += "\n"


def _of_another(request: Document, gitlab: FakeGitLab) -> None:
    request["notes"][-1]["body"] = request["notes"][-1]["body"].replace("plans ", "plans 0", 1)


def _by_a_person(request: Document, gitlab: FakeGitLab) -> None:
    request["notes"][-1]["author"] = 7


def _without_a_note(request: Document, gitlab: FakeGitLab) -> None:
    request["notes"].clear()


def _without_an_artifact(request: Document, gitlab: FakeGitLab) -> None:
    gitlab.project.told["pipelines"][-1]["jobs"][0]["artifacts"] = {}


def _of_an_earlier_push(request: Document, gitlab: FakeGitLab) -> None:
    gitlab.project.told["pipelines"][-1]["sha"] = "f" * 40


def _stale(request: Document, gitlab: FakeGitLab) -> None:
    gitlab.project.told["pipelines"][-1]["created_at"] = ago(days=15)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_swapped, "its plan is not the one in its note"),
        (_of_another, "its plan is not the one in its note"),
        (_by_a_person, "no note of this project's own token shows a plan"),
        (_without_a_note, "no note of this project's own token shows a plan"),
        (_without_an_artifact, "has left no plan-prod.json"),
        (_of_an_earlier_push, "is not known to be of"),
        (_stale, "its plan is 15 days old, more than 14d"),
    ],
)
def test_a_plan_that_nobody_can_vouch_for_does_not_count(
    world: World, spoil: Callable[[Document, FakeGitLab], None], why: str
) -> None:
    """Its danger is refused, and the log says why."""
    spoil(world.merge(41, SHORTER, kept("b", 14)), world.gitlab)
    code, text = world.apply()
    assert (code, world.days("a"), world.days("b")) == (3, 7, 14)
    assert "merge request 41: its plan does not count: " in text
    assert why in text


@pytest.mark.parametrize("token", ["", NOBODY, "glpat-unknown-1234567890"])
def test_without_a_token_no_plan_counts(world: World, token: str) -> None:
    """What has no danger is done, and the log says what is missing."""
    world.merge(41, SHORTER, kept("b", 14))
    world.environment.setenv(TOKEN, token)
    code, text = world.apply()
    assert (code, world.days("a"), world.days("b")) == (3, 7, 14)
    assert "no plan of a merge request is known" in text
    assert "PROVISIONER_GITLAB_TOKEN" in text


def test_where_gitlab_does_not_answer_nothing_is_done(world: World) -> None:
    """A plan that is not known is not a plan that does not exist."""
    world.merge(41, SHORTER, kept("b", 14))
    world.environment.setenv(URL, "http://127.0.0.1:9/api/v4")
    code, text = world.apply()
    assert (code, world.days("a"), world.days("b")) == (4, 7, 7)
    assert "nothing is done" in text


@pytest.mark.parametrize(("do", "path"), [(faults.HUGE, "artifacts"), (faults.NO_JSON, "notes")])
def test_what_is_strange_about_one_merge_request_stops_nobody_else(world: World, do: str, path: str) -> None:
    """Whoever brought it about blocks his own dangers alone."""
    world.merge(41, SHORTER, kept("b", 14))
    world.gitlab.fault(do, path=path)
    code, text = world.apply()
    assert (code, world.days("a"), world.days("b")) == (3, 7, 14)
    assert "merge request 41: its plan does not count: " in text


def test_a_passing_trouble_of_gitlab_changes_nothing(world: World) -> None:
    """It is asked again."""
    world.merge(41, SHORTER, kept("b", 7))
    world.gitlab.fault(faults.TOO_MANY, 1, after="0")
    world.gitlab.fault(faults.FAILS, 1, path="artifacts")
    assert world.apply()[0] == 0
    assert world.days("a") == 1


def test_of_two_merges_the_first_of_which_was_never_applied_both_are_done(world: World) -> None:
    """The record's last run lies behind both."""
    world.merge(41, SHORTER, kept("b", 7))
    world.merge(42, SHORTER, kept("b", 14))
    code, text = world.apply()
    assert (code, world.days("a"), world.days("b")) == (0, 1, 14)
    assert "merge request 41: its plan counts" in text


def test_a_merge_does_not_speak_of_an_earlier_ones_failure(world: World) -> None:
    """That waits, stays approved, and is tried again by the run on a schedule."""
    world.merge(41, SHORTER, kept("b", 7))
    world.store.fails = {"a"}
    assert world.apply()[0] == 1
    assert world.approved() == {"a"}
    world.merge(42, SHORTER, kept("b", 14))
    code, text = world.apply()
    assert (code, world.days("a"), world.days("b")) == (0, 7, 14)
    assert "1 change of earlier merges waits" in text
    assert world.approved() == {"a"}
    world.store.fails = set()
    assert world.run("apply", "--yes", "--approved")[0] == 0
    assert (world.days("a"), world.approved()) == (1, set())


def test_what_is_not_known_of_others_is_no_matter_of_this_merge(world: World) -> None:
    """A right is missing for another topic; where it is this merge's own, the run ends with 4."""
    world.store.unsure["b"] = "no right to see it"
    world.merge(41, kept("a", 14), kept("b", 7))
    code, text = world.apply()
    assert (code, world.days("a")) == (0, 14)
    assert "1 not known" in text
    world.merge(42, kept("a", 14), kept("b", 14))
    assert world.apply()[0] == 4


def test_the_first_run_on_a_cluster_is_about_all_that_the_files_ask(world: World) -> None:
    """Nothing is recorded yet: what earlier merges asked for waits for no other run."""
    world.log.log.clear()
    world.store.state.clear()
    world.push(kept("a", 7), kept("b", 7), kept("c", 7))
    assert world.apply()[0] == 0
    assert world.store.state.keys() >= {"a", "b", "c"}


def test_a_run_about_some_topics_covers_no_merge(world: World) -> None:
    """The push's own job never ran; on the schedule, or by hand, another run did: the next merge does both."""
    world.merge(41, SHORTER, kept("b", 7))
    assert world.run("apply", "--yes", "--topic", "b")[0] == 0
    world.merge(42, SHORTER, kept("b", 14))
    code, text = world.apply()
    assert (code, world.days("a"), world.days("b")) == (0, 1, 14)
    assert "merge request 41: its plan counts" in text


def test_a_job_that_is_pressed_again_tries_again(world: World) -> None:
    """Of the newest commit: GitLab's retry button does what it looks like."""
    world.merge(41, SHORTER, kept("b", 7))
    world.store.fails = {"a"}
    assert world.apply()[0] == 1
    world.store.fails = set()
    assert world.apply()[0] == 0
    assert world.days("a") == 1


def test_a_job_of_an_older_commit_does_nothing(world: World) -> None:
    """It ends with 3, whatever was reviewed."""
    world.merge(41, kept("a", 14), kept("b", 7))
    first = git("rev-parse", "HEAD")
    world.merge(42, kept("a", 30), kept("b", 7))
    assert world.apply()[0] == 0
    git("checkout", "-q", first)
    assert world.apply()[0] == 3
    assert world.days("a") == 30


def test_a_second_push_changes_nothing(world: World) -> None:
    """Nothing is sent."""
    world.merge(41, kept("a", 14), kept("b", 7))
    assert world.apply()[0] == 0
    writes, log = world.store.writes, len(world.log.log)
    code, text = world.apply()
    assert (code, world.store.writes, len(world.log.log)) == (0, writes, log)
    assert "nothing left to do" in text


@pytest.mark.parametrize(
    ("jobs", "code", "why"),
    [
        ([("apply: [staging]", "success")], 0, ""),
        ([("apply after: [staging]", "success")], 0, ""),
        ([("apply: [staging]", "failed")], 3, "prod comes after staging, whose job 'apply: [staging]' is failed"),
        ([("apply: [prod]", "running")], 3, "no job of this pipeline applies that"),
    ],
)
def test_a_cluster_comes_after_another_one(world: World, jobs: list[tuple[str, str]], code: int, why: str) -> None:
    """Whatever the pipeline's file says of the order."""
    clusters = Path("topics/clusters.yaml")
    clusters.write_text(CLUSTERS % ", after: staging" + "  \n", "utf-8")
    clusters.write_text(clusters.read_text("utf-8").replace("}}", "}, staging: {bootstrap: 's:9092'}}"), "utf-8")
    world.push(*(kept(name, 14).replace(f": {name}", f": {name}, clusters: [prod]") for name in "ab"))
    pipeline = {"id": 9, "sha": "9" * 40, "project_id": 1, "ref": "main", "source": "push", "status": "running"}
    world.gitlab.project.told["pipelines"].append({**pipeline, "created_at": ago(hours=1), "jobs": []})
    for name, status in jobs:
        world.gitlab.project.job(world.gitlab.project.told["pipelines"][-1], name, status=status)
    world.environment.setenv("CI_PIPELINE_ID", "9")
    found, text = world.apply()
    assert found == code, text
    assert why in text
