"""Merge requests that were merged, and the plans that their pipelines left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from provisioner.stores.gitlab import merge_requests, pipelines, plans
from provisioner.stores.gitlab.client import Client
from provisioner.stores.gitlab.fault import GitLabFault, Kind
from provisioner.stores.gitlab.merge_requests import MergeRequest
from provisioner.stores.gitlab.plans import Fetched, Missing
from tests.fake_gitlab import FakeGitLab, faults
from tests.fake_gitlab.project import Document, at

JOB, FILE = "plan: [prod]", "plan.json"
A, B, C = "a" * 40, "b" * 40, "c" * 40


def the_one(gitlab: FakeGitLab, client: Client, **parts: Any) -> tuple[Document, MergeRequest]:
    request = gitlab.project.merge_request(7, **{"commits": [A], **parts})
    return request, merge_requests.merged(client, [A]).found[0]


def missing(client: Client, request: MergeRequest) -> str:
    found = plans.fetched(client, request, JOB, FILE)
    assert isinstance(found, Missing)
    return found.why


def test_the_merge_requests_of_commits_are_found_once_in_their_order(gitlab: FakeGitLab, client: Client) -> None:
    gitlab.project.merge_request(9, commits=[B, C], merged_at=at(10))
    gitlab.project.merge_request(7, commits=[A, B], merged_at=at(20), source_project_id=None)
    found = merge_requests.merged(client, [A, B, C, A])
    assert [each.iid for each in found.found] == [9, 7]
    assert found.unknown == {}
    seven = found.found[1]
    assert (seven.title, seven.author, seven.sha) == ("Merge request 7", "kim", "7" * 40)
    assert seven.web_url == f"{gitlab.root}/kafka/topics/-/merge_requests/7"
    assert (seven.source_project_id, seven.merged_at.utcoffset()) == (None, timedelta(0))


@pytest.mark.parametrize(
    "other", [{"state": "opened"}, {"state": "closed"}, {"target_branch": "feature"}, {"target_project_id": 2}]
)
def test_only_what_was_merged_into_the_default_branch_of_this_project_counts(
    gitlab: FakeGitLab, client: Client, other: Document
) -> None:
    gitlab.project.merge_request(8, commits=[A], **other)
    assert merge_requests.merged(client, [A]).found == []


def test_what_was_not_asked_about_is_not_known(gitlab: FakeGitLab, client: Client) -> None:
    """A commit that GitLab has not, and all beyond a hundred."""
    commits = [f"{number:040x}" for number in range(103)]
    gitlab.project.told["commits"] = [{"id": each, "parent_ids": []} for each in commits[1:]]
    found = merge_requests.merged(client, commits)
    assert found.unknown == {
        commits[0]: "GitLab knows no such commit",
        **dict.fromkeys(commits[100:], "more than 100 commits at once"),
    }


def test_the_plan_of_the_last_pipeline_before_the_merge_is_fetched(gitlab: FakeGitLab, client: Client) -> None:
    """Not of an earlier one, and not of one that somebody started afterwards."""
    request, seven = the_one(gitlab, client)
    for second, text in ((100, "old"), (400, "reviewed"), (600, "too late")):
        run = gitlab.project.pipeline(request, created_at=at(second))
        gitlab.project.job(run, "plan: [staging]", {FILE: "staging"})
        gitlab.project.job(run, JOB, {FILE: text})
    found = plans.fetched(client, seven, JOB, FILE)
    assert isinstance(found, Fetched)
    assert found.data == b"reviewed"
    assert found.pipeline.id == gitlab.project.told["pipelines"][1]["id"]
    assert found.pipeline.created_at.isoformat() == "2026-11-28T10:06:40+00:00"
    assert found.pipeline.web_url == f"{gitlab.root}/kafka/topics/-/pipelines/{found.pipeline.id}"


@pytest.mark.parametrize("ref", ["merge", "train"])
def test_a_merged_result_counts_where_it_holds_what_was_merged(gitlab: FakeGitLab, client: Client, ref: str) -> None:
    request, seven = the_one(gitlab, client)
    run = gitlab.project.pipeline(request, sha=C, ref=f"refs/merge-requests/7/{ref}")
    gitlab.project.job(run, JOB, {FILE: "reviewed"})
    assert "not known to be of 777777777777" in missing(client, seven)
    gitlab.project.told["commits"].append({"id": C, "parent_ids": [B, A]})
    assert "not known to be of 777777777777" in missing(client, seven)
    gitlab.project.told["commits"][0]["parent_ids"] = [B, request["sha"]]
    found = plans.fetched(client, seven, JOB, FILE)
    assert isinstance(found, Fetched)
    assert found.data == b"reviewed"


@pytest.mark.parametrize(
    "other",
    [
        {"project_id": 2},
        {"source": "push"},
        {"source": "api"},
        {"ref": "main"},
        {"ref": "refs/merge-requests/77/head"},
        {"created_at": at(501)},
    ],
)
def test_no_other_pipeline_is_taken_for_its_own(gitlab: FakeGitLab, client: Client, other: Document) -> None:
    """One of a fork, of a branch, of another merge request, or from after the merge."""
    request, seven = the_one(gitlab, client)
    gitlab.project.job(gitlab.project.pipeline(request, **other), JOB, {FILE: "x"})
    assert missing(client, seven) == "merge request 7 has no pipeline of its own before it was merged"


def test_a_pipeline_of_an_earlier_push_is_no_plan_of_what_was_merged(gitlab: FakeGitLab, client: Client) -> None:
    request, seven = the_one(gitlab, client)
    gitlab.project.job(gitlab.project.pipeline(request, sha=B), JOB, {FILE: "x"})
    assert "is not known to be of 777777777777, which was merged" in missing(client, seven)


def test_a_job_that_never_was_and_a_file_that_is_gone_are_told(gitlab: FakeGitLab, client: Client) -> None:
    request, seven = the_one(gitlab, client)
    run = gitlab.project.pipeline(request)
    assert missing(client, seven) == f"pipeline {run['id']} of merge request 7 has no job 'plan: [prod]'"
    job = gitlab.project.job(run, JOB, {FILE: "x"}, status="failed", expired=True, artifacts_expire_at=at(200))
    why = missing(client, seven)
    assert why.startswith(f"job 'plan: [prod]' in pipeline {run['id']} (failed) has left no plan.json, or not any more")
    assert why.endswith(f"is kept until {job['artifacts_expire_at']}")


def test_an_artifact_that_lies_elsewhere_is_fetched_without_the_token(gitlab: FakeGitLab, client: Client) -> None:
    request, seven = the_one(gitlab, client)
    gitlab.project.job(gitlab.project.pipeline(request), JOB, {"out/plan 1.json": "reviewed"})
    gitlab.elsewhere = True
    found = plans.fetched(client, seven, JOB, "out/plan 1.json")
    assert isinstance(found, Fetched)
    assert found.data == b"reviewed"
    assert [each.token for each in gitlab.fetched] == [""]


@pytest.mark.parametrize("location", ["http://gitlab.example.com/x", "ftp://127.0.0.1/x", "file:///etc/passwd"])
def test_an_artifact_is_fetched_from_nowhere_else(gitlab: FakeGitLab, client: Client, location: str) -> None:
    request, seven = the_one(gitlab, client)
    gitlab.project.job(gitlab.project.pipeline(request), JOB, {FILE: "x"})
    gitlab.fault(faults.REDIRECTS, path="artifacts", location=location)
    with pytest.raises(GitLabFault, match="neither https nor on GitLab's own host") as caught:
        plans.fetched(client, seven, JOB, FILE)
    assert caught.value.kind is Kind.NOT_UNDERSTOOD


def test_one_redirect_is_followed_and_no_second(gitlab: FakeGitLab, client: Client) -> None:
    request, seven = the_one(gitlab, client)
    gitlab.project.job(gitlab.project.pipeline(request), JOB, {FILE: "x"})
    gitlab.fault(faults.REDIRECTS, path="artifacts", location=f"{gitlab.root}/api/v4/projects/1/jobs/9/artifacts/again")
    with pytest.raises(GitLabFault, match=r"a redirect \(302\), which is not followed"):
        plans.fetched(client, seven, JOB, FILE)
    assert [each.token for each in gitlab.asked if each.path.endswith("again")] == [""]


@pytest.mark.parametrize("path", ["../../../user", "a/../b", "", "/etc/passwd", "a//b", "."])
def test_a_path_that_would_be_another_question_is_none(gitlab: FakeGitLab, client: Client, path: str) -> None:
    request, seven = the_one(gitlab, client)
    gitlab.project.job(gitlab.project.pipeline(request), JOB, {FILE: "x"})
    with pytest.raises(ValueError, match="no path of an artifact"):
        plans.fetched(client, seven, JOB, path)


def test_a_server_that_does_not_answer_is_no_missing_plan(gitlab: FakeGitLab, client: Client) -> None:
    _, seven = the_one(gitlab, client)
    gitlab.fault(faults.FAILS)
    with pytest.raises(GitLabFault) as caught:
        plans.fetched(client, seven, JOB, FILE)
    assert caught.value.kind is Kind.UNREACHABLE


def test_the_state_of_a_job_is_that_of_the_newest_of_its_name(gitlab: FakeGitLab, client: Client) -> None:
    run = gitlab.project.pipeline(gitlab.project.merge_request(7))
    for status in ("failed", "success"):
        gitlab.project.job(run, "apply: [staging]", status=status)
    gitlab.project.job(run, "apply: [prod]", status="manual")
    found = pipelines.job(client, run["id"], "apply: [staging]")
    assert found is not None
    assert found.status == "success"
    assert pipelines.job(client, run["id"], "apply") is None
