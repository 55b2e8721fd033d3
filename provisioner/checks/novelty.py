"""New checks are warnings for one minor version: whoever takes a new version has one to put the files right in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from provisioner.problem import Problem, Severity

NEW: Mapping[str, str] = {}
"""Check -> the version that brought it, as `0.2`. A row may go with the next minor version.

A check of a field that is new itself needs none: no file could be right before it.
"""


def softened(problems: Iterable[Problem], running: str, new: Mapping[str, str]) -> Iterator[Problem]:
    """Errors of checks that the running version (`0.2.1`) brought, as warnings that say from when on they are errors.

    `new`: as `NEW`.
    """
    minor = _minor(running)
    young = {check for check, brought in new.items() if _minor(brought) == minor}
    for problem in problems:
        if problem.check in young and problem.severity is Severity.ERROR:
            message = f"{problem.message} (an error from {minor[0]}.{minor[1] + 1} on)"
            yield replace(problem, message=message, severity=Severity.WARNING)
        else:
            yield problem


def _minor(version: str) -> tuple[int, int]:
    major, minor = version.split(".")[:2]
    return int(major), int(minor)
