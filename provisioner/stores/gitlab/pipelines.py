"""Pipelines of this project, and the jobs in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from provisioner.stores.gitlab import shapes
from provisioner.stores.gitlab.client import Client
from provisioner.stores.gitlab.shapes import Part


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One run. `source`: what began it; `ref`: the branch, or `refs/merge-requests/7/head`."""

    id: int
    project_id: int
    sha: str
    ref: str
    source: str
    created_at: datetime
    web_url: str


@dataclass(frozen=True, slots=True)
class Job:
    """One job. `status` in GitLab's word: success, failed, running, manual, ...; `expires` empty: nothing known."""

    id: int
    name: str
    status: str
    web_url: str
    expires: str = ""


def pipeline(client: Client, number: int) -> Pipeline:
    """One pipeline of this project. Raises GitLabFault."""
    part = shapes.whole(client.get(f"pipelines/{number}"), "pipeline")
    return Pipeline(
        shapes.number(part, "id"),
        shapes.number(part, "project_id"),
        shapes.text(part, "sha"),
        shapes.text(part, "ref"),
        shapes.optional_text(part, "source"),
        shapes.moment(part, "created_at"),
        shapes.text(part, "web_url"),
    )


def job(client: Client, number: int, name: str) -> Job | None:
    """The newest job of that name in a pipeline; None: it has none. Raises GitLabFault."""
    return max((each for each in _jobs(client, number) if each.name == name), key=lambda each: each.id, default=None)


def _jobs(client: Client, number: int) -> Iterator[Job]:
    return (_job(part) for part in client.pages(f"pipelines/{number}/jobs"))


def _job(part: Part) -> Job:
    return Job(
        shapes.number(part, "id"),
        shapes.text(part, "name"),
        shapes.text(part, "status"),
        shapes.optional_text(part, "web_url"),
        shapes.optional_text(part, "artifacts_expire_at"),
    )
