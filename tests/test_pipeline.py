"""The GitLab pipeline: valid by GitLab's own schema, and the right jobs on the right events."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PIPELINE = yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text("utf-8"))
NOT_JOBS = {"stages", "workflow", "variables", "default"}

OURS = {"CI_DEFAULT_BRANCH": "main", "CI_PROJECT_ID": "1", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "1"}
MERGE_REQUEST = {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}
UPGRADE = "merge request with a new version"
EVENTS: Mapping[str, Mapping[str, str]] = {
    "merge request": MERGE_REQUEST,
    UPGRADE: MERGE_REQUEST,
    "merge request with a new version from a fork": {**MERGE_REQUEST, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2"},
    "merge request into another branch": {**MERGE_REQUEST, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "x"},
    "merge request from a fork": {**MERGE_REQUEST, "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "2"},
    "push to main": {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main"},
    "push to a branch": {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "x"},
    "schedule": {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "main", "SCHEDULE": ""},
    "schedule of replicas": {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "main", "SCHEDULE": "replicas"},
    "schedule of a branch": {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "x"},
    "by hand": {"CI_PIPELINE_SOURCE": "web", "CI_COMMIT_BRANCH": "main"},
    "by hand on a branch": {"CI_PIPELINE_SOURCE": "web", "CI_COMMIT_BRANCH": "x"},
    "tag": {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_TAG": "v1"},
}
CHANGED: Mapping[str, str] = {event: "alert_templates/consumer_lag.yaml" for event in EVENTS if "new version" in event}
"""Event -> a file that it changes, where that is not one of topics/."""
AGAIN = {f"{word} again {cluster}": "manual" for word in ("plan", "apply") for cluster in ("prod", "staging")}
JOBS: Mapping[str, Mapping[str, str]] = {
    "merge request": {"check": "on_success", "plan": "always", "note": "always"},
    UPGRADE: {"check": "on_success", "plan": "always", "upgrade": "on_success", "note": "always"},
    "merge request with a new version from a fork": {"check": "on_success"},
    "merge request into another branch": {"check": "on_success"},
    "merge request from a fork": {"check": "on_success"},
    "push to main": {"check main": "on_success", "apply": "on_success", "apply after": "on_success", **AGAIN},
    "push to a branch": {},
    "schedule": {"drift": "on_success", "issue": "always", "approved": "on_success"},
    "schedule of replicas": {"replicas": "on_success"},
    "schedule of a branch": {},
    "by hand": {**AGAIN, "undo": "manual", "adopt": "manual"},
    "by hand on a branch": {},
    "tag": {},
}
ALL = {name: job for name, job in PIPELINE.items() if name not in NOT_JOBS and not name.startswith(".")}
WITH_CREDENTIALS = sorted(ALL.keys() - {"check", "check main", "upgrade"})


def holds(condition: str, variables: Mapping[str, str]) -> bool:
    """GitLab's `rules: if` as far as our file uses it: `==` joined by `&&`; anything else is an error here."""
    return all(_equal(part.strip(), variables) for part in condition.split("&&"))


def _equal(part: str, variables: Mapping[str, str]) -> bool:
    match = re.fullmatch(r"\$(\w+) == (?:\$(\w+)|\"([^\"]*)\")", part)
    assert match, f"teach this test about {part!r}"
    right = variables.get(match[2]) if match[2] else match[3]
    return variables.get(match[1]) == right


def rule(rules: list[dict[str, Any]], variables: Mapping[str, str], changed: str = "topics/a.yaml") -> str | None:
    """When a job runs; None: it does not. `changed`: the file that the event changes."""
    met = (each for each in rules if holds(each["if"], variables) and _matches(each.get("changes"), changed))
    return next((each.get("when", "on_success") for each in met), None)


def _matches(globs: list[str] | None, path: str) -> bool:
    """GitLab's `rules: changes`, where `/**/` is any number of folders, none too."""
    return globs is None or any(
        path.startswith(glob.removesuffix("**/*")) if glob.endswith("/**/*") else fnmatchcase(path, glob)
        for glob in globs
    )


def value(job: Mapping[str, Any], word: str) -> Any:
    """What a job has of a word, or what it extends, or the default."""
    while word not in job and "extends" in job:
        job = PIPELINE[job["extends"]]
    return job.get(word, PIPELINE["default"].get(word))


@pytest.mark.parametrize("event", EVENTS)
def test_each_event_runs_its_jobs_and_no_other(event: str) -> None:
    """Above all: apply on a push to the default branch only, and plan only where the base is that of a review."""
    variables = {**OURS, **EVENTS[event]}
    changed = CHANGED.get(event, "topics/payments/orders.yaml")
    started = {name: when for name, job in ALL.items() if (when := rule(value(job, "rules"), variables, changed))}
    assert (started if rule(PIPELINE["workflow"]["rules"], variables) else {}) == JOBS[event]


WRITING = " apply ", " replicas continue "
WRITES = sorted(name for name in ALL if any(word in line for line in value(ALL[name], "script") for word in WRITING))


def test_one_apply_at_a_time_for_each_cluster() -> None:
    """And a new commit does not interrupt it."""
    assert WRITES == ["apply", "apply after", "apply again prod", "apply again staging", "approved", "replicas", "undo"]
    for name in WRITES:
        assert value(ALL[name], "resource_group") == "kafka-$CLUSTER"
        assert value(ALL[name], "interruptible") is False


@pytest.mark.parametrize("name", WRITES)
def test_only_what_writes_has_the_environment_of_the_writers_credentials(name: str) -> None:
    """And whatever runs for a merge request has another one."""
    assert value(ALL[name], "environment")["name"] == "kafka/$CLUSTER"
    for read in ("plan", "drift"):
        assert value(ALL[read], "environment")["name"] == "kafka/$CLUSTER-plan"


def lines(script: str | list[Any]) -> Iterator[str]:
    """The commands of a script, those of lists inside it too."""
    if isinstance(script, str):
        yield script
    else:
        for part in script:
            yield from lines(part)


def commands(job: Mapping[str, Any]) -> list[str]:
    """What a job runs, from its before_script on."""
    return [*lines(value(job, "before_script")), *lines(value(job, "script"))]


@pytest.mark.parametrize("name", sorted(ALL))
def test_nothing_is_installed_without_a_hash(name: str) -> None:
    """Packages come by hash, and ours is built with what came by hash, not with what an index serves at that moment."""
    installs = [line for line in commands(ALL[name]) if "pip install" in line]
    assert installs
    assert [
        line
        for line in installs
        if "--require-hashes" not in line and not ("--no-deps" in line and "--no-build-isolation" in line)
    ] == []


def test_the_build_backend_is_among_what_comes_by_hash() -> None:
    """Without isolation the build finds only what was installed before it."""
    hashed = next(line for line in commands(ALL["check main"]) if "--require-hashes" in line)
    assert {"requirements.txt", "requirements-build.txt"} <= set(hashed.split())


def test_the_lists_of_packages_agree() -> None:
    """They are installed together: one version of each package."""
    versions: dict[str, set[str]] = {}
    for path in ROOT.glob("requirements*.txt"):
        for name, version in re.findall(r"^([\w.-]+)==(\S+)", path.read_text("utf-8"), re.MULTILINE):
            versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


@pytest.mark.parametrize("path", sorted(ROOT.glob("requirements*.txt")), ids=lambda path: path.name)
def test_a_list_of_packages_names_no_place_to_get_them(path: Path) -> None:
    """Where packages come from is the business of the machine that installs them."""
    assert re.findall(r"(?m)^(?:-|.*://).*$", path.read_text("utf-8")) == []


DIGEST = "python:3.11@sha256:" + "0" * 64


@pytest.mark.parametrize("name", WITH_CREDENTIALS)
@pytest.mark.parametrize(("image", "code"), [("python:3.11", 1), ("", 1), (DIGEST, 0)])
def test_a_job_with_credentials_wants_its_image_by_digest(name: str, image: str, code: int) -> None:
    """Before anything else runs; and the message tells where a digest is found."""
    first = next(line for line in commands(ALL[name]) if "TOPIC" not in line)
    no_programs = {"PATH": "/nowhere", "PROVISIONER_IMAGE": image}
    done = subprocess.run(["/bin/sh", "-ec", first], capture_output=True, text=True, env=no_programs)
    assert done.returncode == code
    assert ("docker pull" in done.stdout) is (code == 1)


@pytest.mark.parametrize("name", sorted(ALL.keys() - {"adopt"}))
def test_no_job_writes_to_the_repository(name: str) -> None:
    """What was applied is on record on the cluster: but for the branch of an adoption no job pushes."""
    assert [line for line in commands(ALL[name]) if re.search(r"\bgit push\b", line)] == []


@pytest.mark.parametrize("name", ["undo", "adopt"])
def test_a_job_about_a_topic_wants_its_name(name: str) -> None:
    """Before anything else runs."""
    first = commands(ALL[name])[0]
    for topic, code in (("", 1), ("orders.v1", 0)):
        done = subprocess.run(["/bin/sh", "-ec", first], capture_output=True, text=True, env={"TOPIC": topic})
        assert (done.returncode, "Run pipeline" in done.stdout) == (code, code == 1)


def test_a_merge_request_is_planned_as_the_merge_would_give_it() -> None:
    """Its base is what it is merged into, as fetched by the job; an apply names none."""
    for name in ("check", "plan", "upgrade", "note"):
        assert any("git fetch" in line and " merge " in line and "BASE=" in line for line in commands(ALL[name]))
    (plan,) = [line for line in commands(ALL["plan"]) if line.startswith("provisioner plan")]
    assert '--base "$BASE"' in plan
    for name in WRITES:
        assert all("--base" not in line for line in commands(ALL[name]))
    assert PIPELINE["variables"]["GIT_DEPTH"] == "0"


def test_what_compares_versions_has_no_credentials() -> None:
    """It runs code of a merge request: no environment, so no variables of one; and nothing waits for it in vain."""
    assert "environment" not in ALL["upgrade"]
    assert {"job": "upgrade", "optional": True} in ALL["note"]["needs"]
    assert ALL["upgrade"]["allow_failure"] is True


def test_a_new_version_is_whatever_code_or_template_changes() -> None:
    """And the pin of a repository that has only topics/."""
    (only,) = ALL["upgrade"]["rules"]
    code = ("provisioner.txt", "requirements-build.txt", "provisioner/kinds/alerts.py", "dashboards/topic.json")
    assert all(_matches(only["changes"], path) for path in code)
    assert not any(_matches(only["changes"], path) for path in ("topics/clusters.yaml", "docs/gitlab.md", "README.md"))


@pytest.mark.parametrize("there", [True, False])
def test_the_note_has_the_comparison_where_there_is_one(there: bool, tmp_path: Path) -> None:
    """Also an empty one, which says that nothing was compared; most merge requests have none."""
    (tmp_path / "provisioner").write_text('#!/bin/sh\necho "$@"\n', "utf-8")
    (tmp_path / "provisioner").chmod(0o755)
    if there:
        (tmp_path / "upgrade.json").touch()
    (line,) = [line for line in commands(ALL["note"]) if line.startswith("provisioner note")]
    path = f"{tmp_path}:/usr/bin:/bin"
    done = subprocess.run(["/bin/sh", "-ec", line], cwd=tmp_path, capture_output=True, text=True, env={"PATH": path})
    assert (done.returncode, "--compared upgrade.json" in done.stdout) == (0, there)


def test_it_passes_gitlabs_schema() -> None:
    """The one that its editor uses."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci"]
    done = subprocess.run(
        [*command, "--data-transform", "gitlab-ci", str(ROOT / ".gitlab-ci.yml")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


CLUSTERS = yaml.safe_load((ROOT / "topics/clusters.yaml").read_text("utf-8"))["clusters"]


def matrix(name: str) -> set[str]:
    (one,) = value(ALL[name], "parallel")["matrix"]
    return set(one["CLUSTER"])


def test_every_cluster_of_the_fleet_has_its_jobs() -> None:
    """A cluster that is declared and never applied would be a surprise."""
    for name in ("plan", "drift", "approved", "replicas", "undo", "adopt"):
        assert matrix(name) == CLUSTERS.keys()
    assert matrix("apply") | matrix("apply after") == CLUSTERS.keys()
    assert {name for name in ALL if " again " in name} == {
        f"{word} again {cluster}" for word in ("plan", "apply") for cluster in CLUSTERS
    }


def test_a_cluster_that_comes_after_another_one_waits_for_its_apply() -> None:
    """The order of the files is that of the jobs."""
    late = {name for name, cluster in CLUSTERS.items() if "after" in cluster}
    assert (matrix("apply after"), ALL["apply after"]["needs"]) == (late, ["apply"])
