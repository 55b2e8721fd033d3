"""One open issue per marker, written anew in place, and closed when there is nothing to say any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from provisioner.stores.gitlab import accounts, made_once, shapes
from provisioner.stores.gitlab.accounts import Author
from provisioner.stores.gitlab.client import Client
from provisioner.stores.gitlab.notes import Became, Posted, is_equal, marked
from provisioner.stores.gitlab.shapes import Part


@dataclass(frozen=True, slots=True)
class Issue:
    """An open issue."""

    iid: int
    title: str
    description: str
    web_url: str


def upsert(client: Client, marker: str, title: str, body: str, labels: Sequence[str]) -> Posted:
    """The open issue says the body; one is made where there is none. Raises GitLabFault.

    It is the oldest one with the first of the labels that begins with the marker and is the token's own.
    """
    said, me = marked(marker, body), accounts.own(client)
    found = _open(client, marker, labels[0], me)
    if found is None:
        document = {"title": title, "description": said, "labels": ",".join(labels)}
        issue = made_once.made(
            lambda: _issue(shapes.whole(client.post("issues", document), "issue")),
            lambda: _open(client, marker, labels[0], me),
        )
        return Posted(Became.CREATED, issue.web_url)
    if is_equal(found.description, said) and found.title == title:
        return Posted(Became.UNCHANGED, found.web_url)
    client.put(f"issues/{found.iid}", {"title": title, "description": said})
    return Posted(Became.UPDATED, found.web_url)


def close(client: Client, marker: str, label: str, note: str) -> Posted:
    """The open issue is closed, and a note says why; nothing where none is open. Raises GitLabFault."""
    found = _open(client, marker, label, accounts.own(client))
    if found is None:
        return Posted(Became.UNCHANGED)
    client.put(f"issues/{found.iid}", {"state_event": "close"})
    client.post(f"issues/{found.iid}/notes", {"body": note})
    return Posted(Became.CLOSED, found.web_url)


def _open(client: Client, marker: str, label: str, me: Author) -> Issue | None:
    asked = {"labels": label, "state": "opened", "author_id": str(me.id), "scope": "all", "sort": "asc"}
    ours = [
        _issue(part)
        for part in client.pages("issues", {**asked, "order_by": "created_at"})
        if accounts.author(part).id == me.id and shapes.optional_text(part, "description").startswith(marker)
    ]
    return min(ours, key=lambda issue: issue.iid, default=None)


def _issue(part: Part) -> Issue:
    return Issue(
        shapes.number(part, "iid"),
        shapes.text(part, "title"),
        shapes.optional_text(part, "description"),
        shapes.text(part, "web_url"),
    )
