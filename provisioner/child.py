"""The surroundings of a child process: only what it needs, and never the folder that we stand in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_ALWAYS = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SYSTEMROOT")
PYTHON = ("-P",)
"""Python's own words for: import nothing from the folder that we stand in, which a merge request fills."""


def environment(*more: str) -> dict[str, str]:
    """The variables that every program needs, and those named. Credentials among ours stay with us."""
    return {name: os.environ[name] for name in (*_ALWAYS, *more) if name in os.environ}


def python_environment(*more: str) -> dict[str, str]:
    """The same for Python; an empty or relative entry of PYTHONPATH would be the folder that we stand in."""
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if Path(path).is_absolute()]
    return {**environment(*more), **_joined(paths)}


def _joined(paths: list[str]) -> Mapping[str, str]:
    return {"PYTHONPATH": os.pathsep.join(paths)} if paths else {}
