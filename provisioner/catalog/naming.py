"""Names of clusters and teams: each becomes a folder, the name of a file and a part of a git ref."""

from __future__ import annotations

import re

from provisioner.catalog.quoting import quoted
from provisioner.problem import Problem, Span

PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}"
HINT = "use letters, digits, '.', '_' and '-', 63 at most, a letter or a digit first"
_NAME = re.compile(PATTERN)


def refusal(name: str) -> str:
    """Why no cluster and no team can be called so; empty where it can."""
    if not _NAME.fullmatch(name):
        return "cannot be the name of a folder everywhere"
    if ".." in name:
        return "has '..' in it, which leads out of a folder"
    return "ends in '.lock', which git keeps for itself" if name.endswith(".lock") else ""


def misnamed(check: str, noun: str, name: str, span: Span) -> list[Problem]:
    """The problem of a name that is none, as a list of one; empty where the name will do. `noun`: cluster, team."""
    why = refusal(name)
    return [Problem(check, f"{noun} name {quoted(name)} {why}", span, HINT)] if why else []
