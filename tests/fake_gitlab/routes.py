"""GitLab's paths, and what each does; as in its documentation of version 4 of the API."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.fake_gitlab import issues, reads, writes
from tests.fake_gitlab.call import Call, Reply

Route = Callable[[Call], Reply]

_PROJECT = "/projects/(?P<project>[^/]+)"
_REQUEST = rf"{_PROJECT}/merge_requests/(?P<iid>\d+)"
_ISSUE = rf"{_PROJECT}/issues/(?P<iid>\d+)"

ROUTES: list[tuple[str, re.Pattern[str], Route]] = [
    (method, re.compile(path), route)
    for method, path, route in (
        ("GET", "/user", reads.me),
        ("GET", r"/users/(?P<id>\d+)", reads.user),
        ("GET", _PROJECT, reads.project),
        ("GET", rf"{_PROJECT}/repository/commits/(?P<sha>\w+)", reads.commit),
        ("GET", rf"{_PROJECT}/repository/commits/(?P<sha>\w+)/merge_requests", reads.merge_requests_of),
        ("GET", _REQUEST, reads.merge_request),
        ("GET", rf"{_REQUEST}/pipelines", reads.pipelines_of),
        ("GET", rf"{_PROJECT}/pipelines/(?P<id>\d+)", reads.pipeline),
        ("GET", rf"{_PROJECT}/pipelines/(?P<id>\d+)/jobs", reads.jobs),
        ("GET", rf"{_PROJECT}/jobs/(?P<id>\d+)/artifacts/(?P<path>.+)", reads.artifact),
        ("GET", rf"{_REQUEST}/notes", writes.notes),
        ("POST", rf"{_REQUEST}/notes", writes.post_note),
        ("PUT", rf"{_REQUEST}/notes/(?P<id>\d+)", writes.put_note),
        ("GET", f"{_PROJECT}/issues", issues.listed),
        ("POST", f"{_PROJECT}/issues", issues.post),
        ("PUT", _ISSUE, issues.put),
        ("POST", f"{_ISSUE}/notes", issues.post_note),
    )
]
