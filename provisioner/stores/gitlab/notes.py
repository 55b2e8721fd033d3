"""Notes on a merge request: one of ours per marker, written anew in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from provisioner.stores.gitlab import accounts, made_once, shapes
from provisioner.stores.gitlab.accounts import Author
from provisioner.stores.gitlab.client import Client
from provisioner.stores.gitlab.shapes import Part

OLDEST_FIRST = {"sort": "asc", "order_by": "created_at"}


class Became(StrEnum):
    """What was done about it."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of it, and where people see it (empty: not known)."""

    became: Became
    link: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A note that a person or a machine wrote."""

    id: int
    body: str
    author: Author
    updated_at: datetime


def upsert(client: Client, iid: int, marker: str, body: str) -> Posted:
    """One note that begins with the marker and is the token's own says the body. Raises GitLabFault."""
    said = marked(marker, body)
    me = accounts.own(client)
    found = _own(client, iid, marker, me)
    if found is None:
        note = made_once.made(
            lambda: _note(shapes.whole(client.post(_notes(iid), {"body": said}), "note")),
            lambda: _own(client, iid, marker, me),
        )
        return Posted(Became.CREATED, _link(client, iid, note))
    if is_equal(found.body, said):
        return Posted(Became.UNCHANGED, _link(client, iid, found))
    client.put(f"{_notes(iid)}/{found.id}", {"body": said})
    return Posted(Became.UPDATED, _link(client, iid, found))


def find(client: Client, iid: int, marker: str, is_wanted: Callable[[Author], bool] = lambda _: True) -> list[Note]:
    """The notes that begin with the marker, by authors that are wanted, the newest-updated first. Raises GitLabFault.

    Each author is asked about once.
    """
    notes = [note for note in _listed(client, iid) if note.body.startswith(marker)]
    wanted = {who: is_wanted(who) for who in dict.fromkeys(note.author for note in notes)}
    kept = [note for note in notes if wanted[note.author]]
    return sorted(kept, key=lambda note: (note.updated_at, note.id), reverse=True)


def marked(marker: str, body: str) -> str:
    """The body, beginning with its marker."""
    return body if body.startswith(marker) else f"{marker}\n{body}"


def is_equal(there: str, wanted: str) -> bool:
    """Line ends, and blanks at the end, are the server's own."""
    return there.replace("\r\n", "\n").rstrip() == wanted.replace("\r\n", "\n").rstrip()


def _own(client: Client, iid: int, marker: str, me: Author) -> Note | None:
    ours = (note for note in _listed(client, iid) if note.author.id == me.id and note.body.startswith(marker))
    return next(ours, None)


def _listed(client: Client, iid: int) -> Iterator[Note]:
    for part in client.pages(_notes(iid), OLDEST_FIRST):
        if part.get("system") is not True:
            yield _note(part)


def _note(part: Part) -> Note:
    return Note(
        shapes.number(part, "id"),
        shapes.text(part, "body"),
        accounts.author(part),
        shapes.moment(part, "updated_at"),
    )


def _notes(iid: int) -> str:
    return f"merge_requests/{iid}/notes"


def _link(client: Client, iid: int, note: Note) -> str:
    return f"{client.api.pages}/-/merge_requests/{iid}#note_{note.id}" if client.api.pages else ""
