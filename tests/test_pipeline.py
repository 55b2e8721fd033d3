"""The GitLab pipeline: valid by GitLab's own schema, and the right jobs on the right events."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PIPELINE = yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text("utf-8"))
NOT_JOBS = {"stages", "workflow", "variables", "default"}

EVENTS: Mapping[str, Mapping[str, str]] = {
    "merge request": {
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_DEFAULT_BRANCH": "main",
    },
    "merge request into another branch": {
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "x",
        "CI_DEFAULT_BRANCH": "main",
    },
    "push to main": {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"},
    "push to a branch": {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "x", "CI_DEFAULT_BRANCH": "main"},
    "schedule": {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"},
    "by hand": {"CI_PIPELINE_SOURCE": "web", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"},
}
JOBS: Mapping[str, set[str]] = {
    "merge request": {"check", "plan"},
    "merge request into another branch": {"check"},
    "push to main": {"check", "apply"},
    "push to a branch": set(),
    "schedule": {"drift"},
    "by hand": set(),
}


def holds(condition: str, variables: Mapping[str, str]) -> bool:
    """GitLab's `rules: if` as far as our file uses it: `==` joined by `&&`; anything else is an error here."""
    return all(_equal(part.strip(), variables) for part in condition.split("&&"))


def _equal(part: str, variables: Mapping[str, str]) -> bool:
    match = re.fullmatch(r"\$(\w+) == (?:\$(\w+)|\"([^\"]*)\")", part)
    assert match, f"teach this test about {part!r}"
    right = variables.get(match[2]) if match[2] else match[3]
    return variables.get(match[1]) == right


def runs(rules: list[dict[str, Any]], variables: Mapping[str, str]) -> bool:
    return any(holds(rule["if"], variables) for rule in rules)


@pytest.mark.parametrize("event", EVENTS)
def test_each_event_runs_its_jobs_and_no_other(event: str) -> None:
    """Above all: apply on a push to the default branch only, and plan only where the base is that of a review."""
    variables = EVENTS[event]
    started = {
        name
        for name, job in PIPELINE.items()
        if name not in NOT_JOBS and not name.startswith(".") and runs(job["rules"], variables)
    }
    assert (started if runs(PIPELINE["workflow"]["rules"], variables) else set()) == JOBS[event]


def test_one_apply_at_a_time_for_each_cluster() -> None:
    """And a new commit does not interrupt it."""
    apply = PIPELINE["apply"]
    assert "$CLUSTER" in apply["resource_group"]
    assert apply["interruptible"] is False


def lines(script: str | list[Any]) -> Iterator[str]:
    """The commands of a script, those of lists inside it too."""
    if isinstance(script, str):
        yield script
    else:
        for part in script:
            yield from lines(part)


def commands(job: Mapping[str, Any]) -> list[str]:
    """What a job runs, from its before_script on: its own, that of what it extends, or the default one."""
    family = [job, PIPELINE.get(job.get("extends", ""), {}), PIPELINE["default"]]
    before = next(each["before_script"] for each in family if "before_script" in each)
    return [*lines(before), *lines(job["script"])]


@pytest.mark.parametrize("name", sorted(set().union(*JOBS.values())))
def test_nothing_is_installed_without_a_hash(name: str) -> None:
    """Packages come by hash, and ours is built with what came by hash, not with what an index serves at that moment."""
    installs = [line for line in commands(PIPELINE[name]) if "pip install" in line]
    assert installs
    assert [
        line
        for line in installs
        if "--require-hashes" not in line and not ("--no-deps" in line and "--no-build-isolation" in line)
    ] == []


def test_the_build_backend_is_among_what_comes_by_hash() -> None:
    """Without isolation the build finds only what was installed before it."""
    hashed = next(line for line in commands(PIPELINE["check"]) if "--require-hashes" in line)
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


@pytest.mark.parametrize("name", ["plan", "apply", "drift"])
@pytest.mark.parametrize(("image", "code"), [("python:3.11", 1), ("", 1), (DIGEST, 0)])
def test_a_job_with_credentials_wants_its_image_by_digest(name: str, image: str, code: int) -> None:
    """Before anything else runs; and the message tells where a digest is found."""
    first = commands(PIPELINE[name])[0]
    no_programs = {"PATH": "/nowhere", "PROVISIONER_IMAGE": image}
    done = subprocess.run(["/bin/sh", "-ec", first], capture_output=True, text=True, env=no_programs)
    assert done.returncode == code
    assert ("docker pull" in done.stdout) is (code == 1)


@pytest.mark.parametrize("name", sorted(set().union(*JOBS.values())))
def test_no_job_writes_to_the_repository(name: str) -> None:
    """What was applied is on record on the cluster: no job fetches or pushes a ref, and no token may push."""
    assert [line for line in commands(PIPELINE[name]) if re.search(r"\bgit\b", line)] == []


def test_a_plan_of_a_merge_request_names_its_base_and_an_apply_none() -> None:
    """The base of an apply is the push's own, for what nothing is recorded of; it says nothing of addresses."""
    (plan,) = [line for line in commands(PIPELINE["plan"]) if line.startswith("provisioner plan")]
    (apply,) = [line for line in commands(PIPELINE["apply"]) if line.startswith("provisioner apply")]
    assert '--base "$CI_MERGE_REQUEST_DIFF_BASE_SHA"' in plan
    assert "--base" not in apply
    assert PIPELINE["variables"]["GIT_DEPTH"] == "0"


def test_it_passes_gitlabs_schema() -> None:
    """The one that its editor uses."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci"]
    done = subprocess.run(
        [*command, "--data-transform", "gitlab-ci", str(ROOT / ".gitlab-ci.yml")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_cluster_of_the_fleet_has_its_jobs() -> None:
    """A cluster that is declared and never applied would be a surprise."""
    declared = yaml.safe_load((ROOT / "topics/clusters.yaml").read_text("utf-8"))["clusters"]
    (matrix,) = PIPELINE[".cluster"]["parallel"]["matrix"]
    assert set(matrix["CLUSTER"]) == set(declared)
