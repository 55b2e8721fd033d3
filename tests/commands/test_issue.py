"""`issue --post` on a GitLab: one issue, made, updated, closed; and never an exit code for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provisioner import cli
from provisioner.report import issue
from tests.fake_gitlab import FakeGitLab, faults
from tests.fake_gitlab.project import READER, TOKEN
from tests.report.test_issue import cluster, difference

CLUSTER = "  {name}: {{bootstrap: '{name}:9092', defaults: {{partitions: 1, replication_factor: 3}}}}\n"


@pytest.fixture
def gitlab(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGitLab]:
    with FakeGitLab() as server:
        monkeypatch.setenv("CI_API_V4_URL", server.url)
        monkeypatch.setenv("CI_PROJECT_ID", "1")
        monkeypatch.setenv("PROVISIONER_GITLAB_TOKEN", TOKEN)
        yield server


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "topics").mkdir()
    clusters = "".join(CLUSTER.format(name=name) for name in ("prod", "staging"))
    (tmp_path / "topics/clusters.yaml").write_text(f"clusters:\n{clusters}")
    return tmp_path


def found(here: Path, *clusters: dict[str, Any]) -> None:
    """What `drift` wrote of each cluster, into a file of its own."""
    for path in here.glob("drift-*.json"):
        path.unlink()
    for each in clusters:
        document = {"format_version": 1, "clusters": [each]}
        (here / f"drift-{each['cluster']}.json").write_text(json.dumps(document))


def posted(capsys: pytest.CaptureFixture[str], *more: str) -> tuple[str, str]:
    assert cli.main(["issue", "--drift", "drift-prod.json", "drift-staging.json", "--post", *more]) == 0
    shown = capsys.readouterr()
    return shown.out, shown.err


def states(gitlab: FakeGitLab) -> list[str]:
    return [each["state"] for each in gitlab.project.told["issues"]]


def test_the_issue_lives_as_long_as_something_differs(
    gitlab: FakeGitLab, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dirty = cluster("prod", difference("orders"))
    found(here, dirty, cluster("staging"))
    text, said = posted(capsys)
    (first,) = gitlab.project.told["issues"]
    assert said == f"issue created: {gitlab.root}/kafka/topics/-/issues/1\n"
    assert (first["description"] + "\n", first["title"], first["labels"]) == (text, issue.TITLE, [issue.LABEL])
    assert "issue unchanged" in posted(capsys)[1]
    found(here, cluster("prod", difference("orders"), difference("refunds")), cluster("staging"))
    assert "issue updated" in posted(capsys)[1]
    assert "refunds" in first["description"]
    found(here, cluster("prod"), cluster("staging"))
    assert "issue closed" in posted(capsys)[1]
    assert "issue unchanged" in posted(capsys)[1]
    found(here, dirty, cluster("staging"))
    assert "issue created" in posted(capsys)[1]
    assert states(gitlab) == ["closed", "opened"]
    assert gitlab.project.told["quick_actions"] == []


def test_it_is_not_closed_while_a_cluster_was_not_looked_at(
    gitlab: FakeGitLab, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found(here, cluster("prod", difference("orders")), cluster("staging"))
    posted(capsys)
    found(here, cluster("prod"))
    text, said = posted(capsys)
    assert "issue updated" in said
    assert "`staging` was not looked at" in text
    assert states(gitlab) == ["opened"]


@pytest.mark.parametrize("content", ["{}", "", "[" * 100_000, "x" * 100])
def test_a_file_that_cannot_be_read_is_no_clean_cluster(
    gitlab: FakeGitLab, here: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    found(here, cluster("prod"), cluster("staging"))
    (here / "drift-staging.json").write_text(content)
    text, _ = posted(capsys)
    assert "`staging` was not looked at" in text
    assert "drift-staging.json cannot be read: it is not what" in text
    assert states(gitlab) == ["opened"]


def test_a_link_in_the_place_of_a_file_is_not_followed(
    gitlab: FakeGitLab, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found(here, cluster("prod"))
    (here / "drift-staging.json").symlink_to(here / "drift-prod.json")
    assert "drift-staging.json cannot be read: a link is not followed here" in posted(capsys)[0]


def test_a_cluster_that_is_retired_is_not_expected(
    gitlab: FakeGitLab, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = here / "topics/clusters.yaml"
    path.write_text(path.read_text().replace("'staging:9092', ", "'staging:9092', state: retired, "))
    found(here, cluster("prod"))
    (here / "drift-staging.json").write_text(json.dumps({"format_version": 1, "clusters": []}))
    assert issue.CLEAN in posted(capsys)[0]


@pytest.mark.parametrize("clusters", ["clusters: [", "", "clusters: {prod: 7}"])
def test_declarations_that_cannot_be_read_close_nothing(
    gitlab: FakeGitLab, here: Path, capsys: pytest.CaptureFixture[str], clusters: str
) -> None:
    """Nobody knows then which clusters there are."""
    (here / "topics/clusters.yaml").write_text(clusters)
    found(here, cluster("prod"), cluster("staging"))
    text, _ = posted(capsys)
    assert issue.CLEAN not in text
    assert states(gitlab) == ["opened"]


@pytest.mark.parametrize("do", [faults.FORBIDDEN, faults.NO_JSON, faults.REDIRECTS])
def test_what_cannot_be_posted_is_said_and_the_text_is_there(
    gitlab: FakeGitLab, here: Path, capsys: pytest.CaptureFixture[str], do: str
) -> None:
    gitlab.fault(do)
    found(here, cluster("prod", difference("orders")), cluster("staging"))
    text, said = posted(capsys)
    assert "orders" in text
    assert said.startswith("hint: issue not posted (")


def test_a_token_that_may_only_read_is_said(
    gitlab: FakeGitLab, here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVISIONER_GITLAB_TOKEN", READER)
    found(here, cluster("prod", difference("orders")), cluster("staging"))
    said = posted(capsys, "--debug")[1]
    assert "hint: issue not posted (no rights): " in said
    assert "it wants the scope api" in said
    assert "POST /projects/1/issues" in said
    assert READER not in said


def test_without_post_nobody_is_asked(gitlab: FakeGitLab, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found(here, cluster("prod"), cluster("staging"))
    assert cli.main(["issue", "topics", "--drift", "drift-prod.json", "--drift", "drift-staging.json"]) == 0
    assert issue.CLEAN in capsys.readouterr().out
    assert gitlab.asked == []
