"""What a merge request's last pipeline planned: the file that one of its jobs left, or why there is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from provisioner.stores.gitlab import pipelines, shapes
from provisioner.stores.gitlab.client import Client
from provisioner.stores.gitlab.fault import GitLabFault, Kind
from provisioner.stores.gitlab.merge_requests import MergeRequest
from provisioner.stores.gitlab.pipelines import Job, Pipeline

MOST_LOOKED_AT = 20
"""Pipelines of one merge request, the newest first."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The file's bytes, and the run that made it."""

    data: bytes
    pipeline: Pipeline
    job: Job


@dataclass(frozen=True, slots=True)
class Missing:
    """There is none, and why, in words."""

    why: str


def fetched(client: Client, request: MergeRequest, job: str, path: str) -> Fetched | Missing:
    """The artifact `path` of the job in the last pipeline before the merge. Raises GitLabFault where nothing answers.

    Only a pipeline of this project counts, and only one of what was merged: whatever ran in a fork, or for an earlier
    push, is no plan of it.
    """
    run = _last_run(client, request)
    if isinstance(run, Missing):
        return run
    found = pipelines.job(client, run.id, job)
    if found is None:
        return Missing(f"pipeline {run.id} of merge request {request.iid} has no job {job!r}")
    try:
        return Fetched(client.download(f"jobs/{found.id}/artifacts/{_place(path)}"), run, found)
    except GitLabFault as fault:
        if fault.kind is not Kind.NOT_THERE:
            raise
        kept = f"; what it leaves is kept until {found.expires}" if shapes.parsed_moment(found.expires) else ""
        return Missing(f"job {job!r} in pipeline {run.id} ({found.status}) has left no {path}, or not any more{kept}")


def _last_run(client: Client, request: MergeRequest) -> Pipeline | Missing:
    """The newest of its own pipelines that began before it was merged."""
    listed = client.pages(f"merge_requests/{request.iid}/pipelines")
    ours = re.compile(rf"refs/merge-requests/{request.iid}/(head|merge|train)")
    numbers = {shapes.number(part, "id") for part in listed if ours.fullmatch(shapes.text(part, "ref"))}
    for number in sorted(numbers, reverse=True)[:MOST_LOOKED_AT]:
        run = _run_here(client, number)
        if run and run.source == "merge_request_event" and run.created_at <= request.merged_at:
            return run if _is_of(client, run, request) else Missing(_other(run, request))
    return Missing(f"merge request {request.iid} has no pipeline of its own before it was merged")


def _run_here(client: Client, number: int) -> Pipeline | None:
    """None for one that ran in a fork: it is not in this project."""
    try:
        return pipelines.pipeline(client, number)
    except GitLabFault as fault:
        if fault.kind is Kind.NOT_THERE:
            return None
        raise


def _is_of(client: Client, run: Pipeline, request: MergeRequest) -> bool:
    """Of the very commit that was merged; a merged result has it as a parent."""
    if run.sha == request.sha or run.ref.endswith("/head"):
        return run.sha == request.sha
    try:
        commit = shapes.whole(client.get(f"repository/commits/{quote(run.sha, safe='')}"), "commit")
    except GitLabFault as fault:
        if fault.kind is Kind.NOT_THERE:
            return False
        raise
    return request.sha in (commit.get("parent_ids") or ())


def _other(run: Pipeline, request: MergeRequest) -> str:
    return (
        f"pipeline {run.id}, the last of merge request {request.iid}, is not known to be of {request.sha[:12]}, "
        "which was merged"
    )


def _place(path: str) -> str:
    """A path below the job's artifacts; `..` would be another question."""
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise ValueError(f"no path of an artifact: {path!r}")
    return "/".join(quote(part, safe="") for part in parts)
