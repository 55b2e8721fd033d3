"""What was reviewed in the merge requests that were merged since the record's last run on a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from provisioner import printable
from provisioner.catalog.model import Cluster
from provisioner.commands import base, reviews, turn
from provisioner.commands.console import Console
from provisioner.commands.reviews import Reviews
from provisioner.errors import InputError, RefusedError, UnreachableError
from provisioner.reconcile.record import Record
from provisioner.reconcile.review import Agreement, Unreviewed
from provisioner.report import plan_digests, planfile
from provisioner.report.planfile import PlanDocument
from provisioner.stores import git
from provisioner.stores.gitlab import accounts, api, merge_requests, notes, plans
from provisioner.stores.gitlab.client import Client
from provisioner.stores.gitlab.fault import GitLabFault, Kind
from provisioner.stores.gitlab.merge_requests import MergeRequest
from provisioner.stores.gitlab.plans import Fetched, Missing

PLAN_JOB, PLAN_FILE = "plan: [{}]", "plan-{}.json"
"""As .gitlab-ci.yml calls them, by cluster."""

WITHOUT = (Kind.NO_TOKEN, Kind.NO_RIGHTS, Kind.NOT_THERE)
"""GitLab answers, and shows no plan; anything else is not known, and nothing is done."""


STRANGE = (Kind.NOT_THERE, Kind.NOT_UNDERSTOOD, Kind.NOT_TAKEN)
"""What whoever wrote a merge request may have brought about: a file too large, say."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """One merge request's plan, or why it does not count; both None: it changes nothing on this cluster."""

    request: MergeRequest
    document: PlanDocument | None = None
    why: str | None = None


def of(cluster: Cluster, record: Record, folder: Path, console: Console) -> Reviews:
    """Raises UnreachableError where GitLab gives no answer, RefusedError where another cluster comes first."""
    since, policy = _since(record, folder, console), Unreviewed(cluster.merging.unreviewed)
    is_first = record.covered is None
    try:
        counted = _counted(cluster, since, folder, console)
    except GitLabFault as fault:
        if fault.kind not in WITHOUT and api.URL in console.environment:
            raise UnreachableError(f"GitLab: {fault}; nothing is done", fault.hint) from None
        why = f"no plan of a merge request is known ({fault.why}): {_REST[policy]}. {_sentence(fault.hint)}"
        agreement = Agreement({}, policy, reviews.AGAIN, is_exact=False)
        return Reviews(agreement, base=since, is_first=is_first, remarks=(why,))
    documents = [one.document for one in counted if one.document]
    numbers = tuple(one.request.iid for one in counted if one.document or one.why)
    return Reviews(
        Agreement(reviews.together(documents), policy, reviews.AGAIN, is_exact=False),
        documents,
        since,
        is_first=is_first,
        remarks=tuple(_remarks(counted, policy)),
        run=_run(counted),
        merge_requests=numbers,
    )


_REST = {
    Unreviewed.SAFE: "what has a danger is refused, all else is done",
    Unreviewed.REFUSE: "everything is refused",
}


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _since(record: Record, folder: Path, console: Console) -> str | None:
    """The commit of the last run; that before the push where nothing ran yet, or where this very commit did."""
    newest, head = record.covered, git.head(folder)
    if newest and head and newest != head and git.is_ancestor(folder, newest, head):
        return newest
    return base.before_push(folder, console.environment)


def _counted(cluster: Cluster, since: str | None, folder: Path, console: Console) -> list[_Counted]:
    client = Client(api.from_environment(console.environment))
    if client.api.warning:
        console.say(f"warning: {client.api.warning}")
    turn.check(cluster, client, console.environment)
    head = git.head(folder)
    commits = git.first_parents(folder, since, head, merge_requests.MOST_COMMITS + 1) if head else []
    merged = merge_requests.merged(client, commits)
    for commit, why in list(merged.unknown.items())[:1]:
        more = f", and of {len(merged.unknown) - 1} more" if len(merged.unknown) > 1 else ""
        console.say(f"no merge request is known of commit {commit[:12]} ({why}){more}")
    return [_of(client, cluster, request, console) for request in merged.found]


def _of(client: Client, cluster: Cluster, request: MergeRequest, console: Console) -> _Counted:
    """What is strange about one merge request is no reason to do nothing about the others."""
    try:
        return _plan(client, cluster, request, console)
    except GitLabFault as fault:
        if fault.kind not in STRANGE:
            raise
        return _Counted(request, why=str(fault))


def _plan(client: Client, cluster: Cluster, request: MergeRequest, console: Console) -> _Counted:
    name = PLAN_FILE.format(cluster.name)
    found = plans.fetched(client, request, PLAN_JOB.format(cluster.name), name)
    if isinstance(found, Missing):
        return _Counted(request, why=found.why)
    if why := _fault(client, cluster, request, found, console.clock()):
        return _Counted(request, why=why)
    try:
        document = planfile.parsed(found.data, name, cluster.name)
    except InputError as error:
        return _Counted(request, why=f"{name}: {error.problems[0].message}")
    except RefusedError as error:
        return _Counted(request, why=error.message)
    return _Counted(request, document if document.changes else None)


def _fault(client: Client, cluster: Cluster, request: MergeRequest, found: Fetched, now: str) -> str:
    """Why nobody need have seen this plan as it is, or why it is too old."""
    said = notes.find(client, request.iid, plan_digests.MARKER, lambda author: accounts.is_bot(client, author))
    if not said:
        return "no note of this project's own token shows a plan"
    if plan_digests.digest(found.data) not in plan_digests.read(said[0].body):
        return "its plan is not the one in its note"
    age, most = datetime.fromisoformat(now) - found.pipeline.created_at, cluster.merging.max_plan_age
    if age.total_seconds() > most.seconds:
        return f"its plan is {age.days} days old, more than {most} (apply.max_plan_age)"
    return ""


def _run(counted: list[_Counted]) -> dict[str, str]:
    """Whose changes they are, for the record."""
    numbers = ", ".join(str(one.request.iid) for one in counted)
    return {"merge_request": numbers} if numbers else {}


def _remarks(counted: list[_Counted], policy: Unreviewed) -> Iterator[str]:
    """What counts and what does not, by merge request."""
    if not counted:
        yield f"no merge request was merged since the last run: {_REST[policy]}"
    for one in counted:
        if one.document is not None:
            changes = len(one.document.changes)
            yield f"merge request {one.request.iid}: its plan counts ({changes} changes, digest {one.document.digest})"
        elif one.why is not None:
            yield printable.cut(f"merge request {one.request.iid}: its plan does not count: {one.why}")
