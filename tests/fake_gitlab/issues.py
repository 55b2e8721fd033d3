"""Issues: listed by label, state and author; made, changed, closed."""

from __future__ import annotations

from tests.fake_gitlab import writes
from tests.fake_gitlab.call import Call, Reply, not_found
from tests.fake_gitlab.project import Document
from tests.fake_gitlab.reads import web


def listed(call: Call) -> Reply:
    labels = set(filter(None, call.query.get("labels", "").split(",")))
    state, author = call.query.get("state", "all"), call.query.get("author_id", "")
    found = [
        each
        for each in call.project.told["issues"]
        if labels <= set(each["labels"]) and state in ("all", each["state"]) and author in ("", str(each["author"]))
    ]
    ordered = sorted(found, key=lambda each: each["iid"], reverse=call.query.get("sort", "desc") == "desc")
    return Reply([shown(call, each) for each in ordered])


def post(call: Call) -> Reply:
    asked = call.document
    if not asked.get("title"):
        return Reply({"error": "title is missing"}, 400)
    if wrong := writes.unfit(asked.get("description")):
        return wrong
    labels = [each for each in str(asked.get("labels", "")).split(",") if each]
    made = call.project.issue(asked["title"], asked["description"], labels, call.user)
    writes.carried_out(call.project, made["description"])
    return Reply(shown(call, made), 201)


def put(call: Call) -> Reply:
    issue = call.project.one("issues", "iid", int(call.parts["iid"]))
    if not issue:
        return not_found()
    asked = dict(call.document)
    if asked.pop("state_event", None) == "close":
        issue["state"] = "closed"
    issue |= asked
    writes.carried_out(call.project, str(asked.get("description", "")))
    return Reply(shown(call, issue))


def post_note(call: Call) -> Reply:
    return writes.added(call, call.project.one("issues", "iid", int(call.parts["iid"])))


def shown(call: Call, issue: Document) -> Document:
    kept = {name: value for name, value in issue.items() if name != "notes"}
    return {**kept, "author": call.project.user(issue["author"]), "web_url": f"{web(call)}/-/issues/{issue['iid']}"}
