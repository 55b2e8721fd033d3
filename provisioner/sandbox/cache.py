"""Where downloads and other things worth keeping lie: in the user's cache folder, apart for each list of jars."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path

from provisioner.errors import SandboxError

LOCK = Path(__file__).with_name("kafka.lock")


def folder() -> Path:
    """Ours in `$XDG_CACHE_HOME` or `~/.cache`. Another lock is another folder: two Kafkas never share a classpath."""
    base = os.environ.get("XDG_CACHE_HOME")
    kept = (Path(base) if base else Path.home() / ".cache") / "kafka-topic-provisioner"
    return kept / f"kafka-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}"


def made(folder: Path) -> None:
    """Make a folder of the cache. Raises SandboxError where others could put programs into it."""
    for each in (folder.parent, folder):
        if not each.exists():
            each.mkdir(parents=True)
            each.chmod(0o755)
        info = each.stat()
        if info.st_uid != os.geteuid() or info.st_mode & 0o022:
            hint = "make it yours alone (chown, chmod go-w), or set XDG_CACHE_HOME to a folder of yours"
            raise SandboxError(f"others can write to the cache folder {each}, and what lies there is run", hint)


def written(path: Path, text: str) -> None:
    """Write a file so that others find it whole or not at all."""
    temporary = path.with_name(f".{path.name}-{os.getpid()}-{threading.get_ident()}")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)
