"""The digests of plan files in a note, out of people's sight: an apply counts only a plan that the reviewers saw."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

MARKER = "<!-- kafka-topic-provisioner:plan -->"
"""The first line of the note; GitLab does not show it."""

_LINE = re.compile(r"^<!-- plans((?: [0-9a-f]{64})*) -->$", re.MULTILINE)


def digest(raw: bytes) -> str:
    """Of a plan file, byte for byte: 64 hexadecimal digits."""
    return hashlib.sha256(raw).hexdigest()


def line(digests: Iterable[str]) -> str:
    """All of a note's, for a comment of HTML."""
    return " ".join(["plans", *sorted(digests)])


def read(body: str) -> frozenset[str]:
    """Those of a note, by its first such line alone; none where it has none."""
    found = _LINE.search(body)
    return frozenset(found[1].split()) if found else frozenset()
