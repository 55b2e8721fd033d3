"""What a question is answered: by its route, page by page, to whoever may ask; or by a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.fake_gitlab import faults
from tests.fake_gitlab.asked import Asked
from tests.fake_gitlab.call import Call, Reply, not_found
from tests.fake_gitlab.faults import Fault
from tests.fake_gitlab.routes import ROUTES

if TYPE_CHECKING:
    from tests.fake_gitlab.server import FakeGitLab

API = "/api/v4"


def wrong(fault: Fault) -> Reply:
    """In place of an answer."""
    return {
        faults.TOO_MANY: lambda: Reply({"message": {"error": "Too many"}}, 429, {"Retry-After": fault.after}),
        faults.FAILS: lambda: Reply(b"<html>Bad gateway</html>", fault.status),
        faults.FORBIDDEN: lambda: Reply({"message": "403 Forbidden"}, 403),
        faults.NO_JSON: lambda: Reply(b"<html>Please sign in</html>"),
        faults.REDIRECTS: lambda: Reply(b"", 302, {"Location": fault.location}),
        faults.HUGE: lambda: Reply(b"[" + b" " * (17 << 20) + b"]"),
    }[fault.do]()


def routed(gitlab: FakeGitLab, question: Asked, document: dict[str, Any]) -> Reply:
    """Of whoever may ask."""
    path, told = question.path.removeprefix(API), gitlab.project.told
    known = told["tokens"].get(question.token)
    if known is None:
        return Reply({"message": "401 Unauthorized"}, 401)
    if known["scope"] == "none" or (known["scope"] == "read_api" and question.method != "GET"):
        return Reply({"error": "insufficient_scope", "error_description": "it wants the scope api"}, 403)
    for method, pattern, route in ROUTES:
        if method == question.method and (match := pattern.fullmatch(path)):
            parts = {name: unquote(value) for name, value in match.groupdict().items()}
            if parts.get("project", "1") not in (str(told["project"]["id"]), told["project"]["path_with_namespace"]):
                return not_found("Project")
            storage = gitlab.storage if gitlab.elsewhere else ""
            call = Call(gitlab.project, known["user"], question.query, document, parts, gitlab.root, storage)
            return _paged(route(call), question.query)
    return not_found()


def _paged(reply: Reply, query: dict[str, str]) -> Reply:
    """A list by pages: 20 to one, 100 at most."""
    if not isinstance(reply.body, list):
        return reply
    size, page = min(int(query.get("per_page", 20)), 100), int(query.get("page", 1))
    rest = reply.body[page * size :]
    headers = {"X-Page": str(page), "X-Per-Page": str(size), "X-Next-Page": str(page + 1) if rest else ""}
    return Reply(reply.body[(page - 1) * size : page * size], reply.status, {**reply.headers, **headers})
