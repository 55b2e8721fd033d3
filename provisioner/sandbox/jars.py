"""The jars of a Kafka broker, kept in a folder and checked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from provisioner.errors import SandboxError
from provisioner.sandbox import cache, download
from provisioner.sandbox.lock import Jar, Progress, locked

STAMP = "verified.json"
NEEDED_BYTES = 400 * 1024 * 1024


def ensured(folder: Path, progress: Progress, lock: Path) -> Path:
    """The folder with every jar in it, downloaded where missing. Raises SandboxError in words for people."""
    jars = locked(lock.read_text("utf-8"))
    cache.usable(folder)
    known = _stamped(folder)
    missing = [jar for jar in jars if known.get(jar.file, "") != _mark(folder, jar)]
    if missing:
        _free(folder)
        download.fetched(missing, folder, progress)
        _stamp(folder, jars)
    return folder


def _stamped(folder: Path) -> dict[str, Any]:
    """What was verified before: a jar's size and times stand for its hash, which takes a third of a second to check."""
    try:
        noted = json.loads((folder / STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _mark(folder: Path, jar: Jar) -> list[str | int] | None:
    try:
        info = (folder / jar.file).stat()
    except OSError:
        return None
    # The time of the last change of any kind: unlike that of writing, nobody can set it.
    return [jar.sha256, info.st_size, info.st_mtime_ns, info.st_ctime_ns]


def _stamp(folder: Path, jars: Sequence[Jar]) -> None:
    cache.written(folder / STAMP, json.dumps({jar.file: _mark(folder, jar) for jar in jars}))


def _free(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        needed = f"{free >> 20} MiB are free at {folder}, {NEEDED_BYTES >> 20} MiB are needed"
        raise SandboxError(f"too little disk space: {needed}", "make room, or set XDG_CACHE_HOME to another disk")
