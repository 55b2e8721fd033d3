"""Notes on merge requests."""

from __future__ import annotations

from tests.fake_gitlab import quick_actions
from tests.fake_gitlab.call import Call, Reply, not_found
from tests.fake_gitlab.project import Document, Project

LONGEST = 1_000_000


def notes(call: Call) -> Reply:
    """The newest first, unless asked otherwise."""
    request = call.project.one("merge_requests", "iid", int(call.parts["iid"]))
    if not request:
        return not_found()
    order = call.query.get("order_by", "created_at")
    there = sorted(request["notes"], key=lambda each: (each[order], each["id"]))
    listed = there if call.query.get("sort") == "asc" else there[::-1]
    return Reply([shown_note(call.project, each) for each in listed])


def post_note(call: Call) -> Reply:
    request = call.project.one("merge_requests", "iid", int(call.parts["iid"]))
    return added(call, request)


def put_note(call: Call) -> Reply:
    """Only the author may."""
    request = call.project.one("merge_requests", "iid", int(call.parts["iid"])) or {"notes": []}
    note = next((each for each in request["notes"] if each["id"] == int(call.parts["id"])), None)
    if not note:
        return not_found()
    if note["author"] != call.user:
        return Reply({"message": "403 Forbidden"}, 403)
    if wrong := unfit(call.document.get("body")):
        return wrong
    call.project.number()
    note |= {"body": call.document["body"], "updated_at": call.project.now()}
    carried_out(call.project, note["body"])
    return Reply(shown_note(call.project, note))


def added(call: Call, owner: Document | None) -> Reply:
    """A note to whatever has some."""
    if not owner:
        return not_found()
    if wrong := unfit(call.document.get("body")):
        return wrong
    made = call.project.note(owner, call.document["body"], call.user)
    carried_out(call.project, made["body"])
    return Reply(shown_note(call.project, made), 201)


def unfit(text: object) -> Reply | None:
    """As GitLab refuses it."""
    if not isinstance(text, str) or not text:
        return Reply({"error": "body is missing"}, 400)
    if len(text) > LONGEST:
        return Reply({"message": {"note": [f"is too long (maximum is {LONGEST} characters)"]}}, 400)
    return None


def carried_out(project: Project, text: str) -> None:
    """Note what GitLab would have done in place of showing it."""
    project.told["quick_actions"] += quick_actions.commands(text)


def shown_note(project: Project, note: Document) -> Document:
    return {**note, "author": project.user(note["author"])}
