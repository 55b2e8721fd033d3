"""One question as the routes see it, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fake_gitlab.project import Project


@dataclass
class Call:
    """Who asks what of which project. `parts`: what the path names; `root`: the server's own address."""

    project: Project
    user: int
    query: Mapping[str, str]
    document: Mapping[str, Any]
    parts: Mapping[str, str]
    root: str
    storage: str = ""


@dataclass
class Reply:
    """`body`: bytes as they are, anything else as JSON. A list is shown page by page."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def not_found(what: str = "") -> Reply:
    """In GitLab's words."""
    return Reply({"message": f"404 {what} Not Found".replace("  ", " ")}, 404)
