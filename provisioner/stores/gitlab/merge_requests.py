"""Which merge requests brought commits into the default branch of this project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from provisioner.stores.gitlab import accounts, shapes
from provisioner.stores.gitlab.client import Client
from provisioner.stores.gitlab.fault import GitLabFault, Kind
from provisioner.stores.gitlab.shapes import Part

MOST_COMMITS = 100


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """One that was merged. `sha`: the head of what was merged; `source_project_id` None: that project is gone."""

    iid: int
    title: str
    web_url: str
    sha: str
    merged_at: datetime
    author: str
    source_project_id: int | None


@dataclass(frozen=True, slots=True)
class Merged:
    """The merge requests in the order of their merging. `unknown`: commit -> why nothing is known of it."""

    found: Sequence[MergeRequest]
    unknown: Mapping[str, str] = field(default_factory=dict)


def merged(client: Client, commits: Sequence[str]) -> Merged:
    """Those that brought the commits into the default branch. Raises GitLabFault where nothing is answered.

    Of more than a hundred commits the first hundred are asked about.
    """
    project = shapes.whole(client.get(""), "project")
    number, branch = shapes.number(project, "id"), shapes.text(project, "default_branch")
    unknown = dict.fromkeys(commits[MOST_COMMITS:], f"more than {MOST_COMMITS} commits at once")
    found: dict[int, MergeRequest] = {}
    for commit in dict.fromkeys(commits[:MOST_COMMITS]):
        try:
            listed = list(client.pages(f"repository/commits/{quote(commit, safe='')}/merge_requests"))
        except GitLabFault as fault:
            if fault.kind is not Kind.NOT_THERE:
                raise
            unknown[commit] = "GitLab knows no such commit"
            continue
        ours = (_merge_request(part) for part in listed if _is_into(part, number, branch))
        found.update((each.iid, each) for each in ours)
    return Merged(sorted(found.values(), key=lambda each: (each.merged_at, each.iid)), unknown)


def _is_into(part: Part, project: int, branch: str) -> bool:
    wanted = {"state": "merged", "target_branch": branch, "target_project_id": project}
    return all(part.get(name) == value for name, value in wanted.items())


def _merge_request(part: Part) -> MergeRequest:
    return MergeRequest(
        shapes.number(part, "iid"),
        shapes.text(part, "title"),
        shapes.text(part, "web_url"),
        shapes.text(part, "sha"),
        shapes.moment(part, "merged_at"),
        accounts.author(part).username,
        shapes.optional_number(part, "source_project_id"),
    )
