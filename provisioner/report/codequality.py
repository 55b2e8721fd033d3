"""Problems as GitLab's code quality report: the merge request shows those that it brings, each at its line.

GitLab reads a subset of Code Climate's format. It stops at the first entry that it does not like, takes entries of one
fingerprint for one, and shows what the target branch's report does not have: so a fingerprint has no line number.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from provisioner.problem import Problem, Severity
from provisioner.report.problems import in_order

SEVERITIES: Mapping[Severity, str] = {Severity.ERROR: "major", Severity.WARNING: "minor"}
"""In GitLab's words. What the files accept is not shown."""


def text(problems: Iterable[Problem]) -> str:
    """The whole report; an empty list where nothing is wrong, since no report at all would hide what is mended."""
    return json.dumps(
        list(_entries(problem for problem in in_order(problems) if problem.severity in SEVERITIES)), indent=2
    )


def _entries(problems: Iterable[Problem]) -> Iterator[dict[str, Any]]:
    equal: Counter[tuple[str, str, str]] = Counter()
    for problem in problems:
        path = problem.span.path.removeprefix("./")
        same = (path, problem.check, problem.message)
        equal[same] += 1
        yield {
            "description": f"{problem.message}; {problem.hint}" if problem.hint else problem.message,
            "check_name": problem.check,
            "fingerprint": hashlib.sha256(json.dumps([*same, equal[same]]).encode()).hexdigest(),
            "severity": SEVERITIES[problem.severity],
            "location": {"path": path, "lines": {"begin": max(1, problem.span.line)}},
        }
