"""The rule matrix, by a program that reads .gitlab-ci.yml as GitLab does: exactly the jobs intended."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import test_pipeline
from tests.pipeline import gitlab_ci
from tests.pipeline.company import PERSON, git


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of a repository that has nothing but the pipeline."""
    root = tmp_path_factory.mktemp("rules")
    origin, folder = root / "origin", root / "clone"
    origin.mkdir()
    (origin / ".gitlab-ci.yml").write_bytes((gitlab_ci.ROOT / ".gitlab-ci.yml").read_bytes())
    git(origin, "init", "-q", "-b", "main")
    git(origin, "add", ".")
    git(origin, *PERSON, "commit", "-q", "-m", "The pipeline")
    git(root, "clone", "-q", str(origin), str(folder))
    git(folder, "remote", "set-url", "origin", "https://gitlab.example.com/kafka/topics.git")
    return folder


def changing(checkout: Path, path: str) -> None:
    """A branch of main that changes one file."""
    git(checkout, "checkout", "-q", "-B", "change", "origin/main")
    (checkout / path).parent.mkdir(parents=True, exist_ok=True)
    (checkout / path).write_text("changed", "utf-8")
    git(checkout, "add", path)
    git(checkout, *PERSON, "commit", "-q", "-m", "Change")


@pytest.mark.parametrize("event", test_pipeline.EVENTS)
def test_each_event_starts_its_jobs_and_no_other(checkout: Path, event: str) -> None:
    """Those of a matrix once a cluster, with the clusters that each is for."""
    changing(checkout, test_pipeline.CHANGED.get(event, "topics/payments/orders.yaml"))
    started = gitlab_ci.jobs(checkout, {**test_pipeline.OURS, **test_pipeline.EVENTS[event]})
    expected = test_pipeline.JOBS[event]
    assert {name.partition(": [")[0]: when for name, when in started.items()} == expected
    clusters = {name: set[str]() for name in expected}
    for name in started:
        job, _, cluster = name.partition(": [")
        clusters[job] |= {cluster.rstrip("]")} if cluster else set()
    assert {name: found for name, found in clusters.items() if found} == {
        name: test_pipeline.matrix(name)
        for name in expected
        if test_pipeline.value(test_pipeline.ALL[name], "parallel")
    }
