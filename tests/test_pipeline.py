"""The GitLab pipeline: valid by GitLab's own schema, and the right jobs on the right events."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PIPELINE = yaml.safe_load((ROOT / ".gitlab-ci.yml").read_text("utf-8"))
NOT_JOBS = {"stages", "workflow", "variables", "default"}

EVENTS: Mapping[str, Mapping[str, str]] = {
    "merge request": {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_DEFAULT_BRANCH": "main"},
    "push to main": {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"},
    "push to a branch": {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "x", "CI_DEFAULT_BRANCH": "main"},
    "schedule": {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"},
    "by hand": {"CI_PIPELINE_SOURCE": "web", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"},
}
JOBS: Mapping[str, set[str]] = {
    "merge request": {"check", "plan"},
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
    """Above all: apply on a push to the default branch only, never on a schedule or by hand."""
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
