"""Where downloads and sandboxes lie: in the user's cache folder, jars apart for each list of them."""

from __future__ import annotations

import fcntl
import hashlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

from provisioner.errors import SandboxError


def root() -> Path:
    """Ours in `$XDG_CACHE_HOME`, else in the system's own place; the same from whatever folder it is asked."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    # By its specification a relative one is to be ignored: it would be another folder from each folder.
    if not base.is_absolute():
        base = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return base / "kafka-topic-provisioner"


def folder(lock: Path) -> Path:
    """Where the jars of that lock lie. Another lock is another folder: two Kafkas never share a classpath."""
    return root() / f"kafka-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"


def made(folder: Path) -> None:
    """Make a folder of the cache. Raises SandboxError where others could put programs into it."""
    for each in (folder.parent, folder):
        if not each.exists():
            each.mkdir(parents=True, exist_ok=True)
            each.chmod(0o755)
        info = each.stat()
        if info.st_uid != os.geteuid() or info.st_mode & 0o022:
            hint = "make it yours alone (chown, chmod go-w), or set XDG_CACHE_HOME to a folder of yours"
            raise SandboxError(f"others can write to the cache folder {each}, and what lies there is run", hint)


def usable(folder: Path) -> None:
    """The same; a folder that cannot be made is a SandboxError, too."""
    try:
        made(folder)
    except OSError as error:
        hint = "set XDG_CACHE_HOME to a folder of yours"
        raise SandboxError(f"the cache folder {folder} cannot be made: {error.strerror}", hint) from None


def written(path: Path, text: str) -> None:
    """Write a file so that others find it whole or not at all."""
    temporary = path.with_name(f".{path.name}-{os.getpid()}-{threading.get_ident()}")
    temporary.write_text(text, "utf-8")
    temporary.replace(path)


@contextmanager
def alone(folder: Path, progress: Callable[[str], None]) -> Iterator[None]:
    """One process at a time fills a folder of the cache; another one waits, and finds all of it."""
    usable(folder)
    with ExitStack() as held:
        # A cache that can only be read is full already, or the download will say what is missing.
        with suppress(OSError):
            _acquired(held.enter_context((folder / ".lock").open("wb")), progress)
        yield


def _acquired(handle: IO[bytes], progress: Callable[[str], None]) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        progress("another process fills the cache: waiting for it")
        fcntl.flock(handle, fcntl.LOCK_EX)
