"""Where downloads and other things worth keeping lie: in the user's cache folder."""

from __future__ import annotations

import os
from pathlib import Path


def folder() -> Path:
    """`$XDG_CACHE_HOME` or `~/.cache`, and our own folder in it."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "kafka-topic-provisioner"
