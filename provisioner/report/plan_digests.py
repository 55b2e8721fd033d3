"""The digests of plan files in a note, out of people's sight: an apply counts only the plan that the reviewers saw."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

MARKER = "<!-- kafka-topic-provisioner:plan -->"
"""The first line of the note; GitLab does not show it."""

_LINE = re.compile(r"^<!-- plans((?: [A-Za-z0-9._-]{1,63}=[0-9a-f]{64})*) -->$", re.MULTILINE)


def digest(raw: bytes) -> str:
    """Of a plan file, byte for byte: 64 hexadecimal digits."""
    return hashlib.sha256(raw).hexdigest()


def line(digests: Mapping[str, str]) -> str:
    """Cluster -> digest, as one comment of HTML."""
    return f"<!-- plans{''.join(f' {cluster}={each}' for cluster, each in sorted(digests.items()))} -->"


def read(body: str) -> dict[str, str]:
    """What the note says, its first such line alone; empty where it has none."""
    found = _LINE.search(body)
    pairs = (pair.partition("=") for pair in found[1].split()) if found else ()
    return {cluster: each for cluster, _, each in pairs}
