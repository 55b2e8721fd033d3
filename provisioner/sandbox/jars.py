"""The jars of a Kafka broker: 45 coordinates with their hashes, fetched from Maven Central through jgo.

jgo serves as a plain downloader only: resolving Kafka and log4j together it picks an old kafka-clients (measured), and
a wrong checksum is only a warning to it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioner.errors import SandboxError

Progress = Callable[[str], None]

LOCK = Path(__file__).with_name("kafka.lock")
STAMP = "verified.json"
NEEDED_BYTES = 400 * 1024 * 1024
TRIES = 3
THREADS = 8
_SYSTEM_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the lock."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        """Its file name."""
        return f"{self.artifact}-{self.version}.jar"


def locked(text: str) -> list[Jar]:
    """The lock's lines: `group:artifact:version sha256`."""
    lines = [line.replace(":", " ").split() for line in text.splitlines() if line and not line.startswith("#")]
    return [Jar(group, artifact, version, sha256) for group, artifact, version, sha256 in lines]


def ensured(folder: Path, progress: Progress, lock: Path = LOCK) -> Path:
    """The folder with every jar in it, downloaded where missing. Raises SandboxError in words for people."""
    jars = locked(lock.read_text("utf-8"))
    missing = [jar for jar in jars if not _known(folder, jar)]
    if missing:
        _room(folder)
        _download(missing, folder, progress)
        _stamp(folder, jars)
    return folder


def _known(folder: Path, jar: Jar) -> bool:
    """True if this very file was verified before; its size and time stand for its hash."""
    noted = _stamped(folder).get(jar.file)
    return noted is not None and noted == _mark(folder / jar.file, jar)


def _stamped(folder: Path) -> dict[str, Any]:
    try:
        noted = json.loads((folder / STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _mark(path: Path, jar: Jar) -> list[Any] | None:
    try:
        info = path.stat()
    except OSError:
        return None
    return [jar.sha256, info.st_size, info.st_mtime_ns]


def _stamp(folder: Path, jars: list[Jar]) -> None:
    temporary = folder / f".{STAMP}-{os.getpid()}"
    temporary.write_text(json.dumps({jar.file: _mark(folder / jar.file, jar) for jar in jars}), "utf-8")
    temporary.replace(folder / STAMP)


def _room(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise SandboxError(
            f"{folder} cannot be made: {error.strerror}", "set XDG_CACHE_HOME to a folder of yours"
        ) from None
    if free < NEEDED_BYTES:
        wanted = f"{NEEDED_BYTES >> 20} MiB are needed"
        raise SandboxError(f"only {free >> 20} MiB are free at {folder}, {wanted}", "make room, or set XDG_CACHE_HOME")


def _download(missing: list[Jar], folder: Path, progress: Progress) -> None:
    progress(f"downloading {len(missing)} jars of Kafka (43 MB in all) to {folder}")
    maven = folder / f"maven-{os.getpid()}"
    fetch = _fetcher(maven)
    with ThreadPoolExecutor(THREADS) as pool:
        futures = [pool.submit(_one, jar, folder, fetch) for jar in missing]
        for done, future in enumerate(as_completed(futures), 1):
            future.result()
            if done % 15 == 0 or done == len(futures):
                progress(f"jars {done}/{len(futures)}")
    shutil.rmtree(maven, ignore_errors=True)


def _fetcher(cache: Path) -> Callable[[Jar], Path]:
    # requests trusts only its own bundle otherwise, and fails behind a company's proxy.
    if _SYSTEM_BUNDLE.exists() and not os.environ.get("CURL_CA_BUNDLE"):
        os.environ.setdefault("REQUESTS_CA_BUNDLE", str(_SYSTEM_BUNDLE))
    try:
        from jgo.maven import MavenContext, PythonResolver
    except ImportError:
        raise SandboxError("jgo is not installed", "pip install 'kafka-topic-provisioner[sandbox]'") from None
    maven = MavenContext(repo_cache=cache, resolver=PythonResolver(), timeout=60)
    return lambda jar: Path(maven.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve())


def _one(jar: Jar, folder: Path, fetch: Callable[[Jar], Path]) -> None:
    if _hash(folder / jar.file) == jar.sha256:
        return
    problem: str | None = None
    for _ in range(TRIES):
        problem = _try(jar, folder, fetch)
        if problem is None:
            return
    raise SandboxError(f"{jar.file}: {problem}", "check the network to Maven Central, then try again")


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def _try(jar: Jar, folder: Path, fetch: Callable[[Jar], Path]) -> str | None:
    """One download; what went wrong, or None."""
    try:
        source = fetch(jar)
        found = _hash(source)
        if found != jar.sha256:
            source.unlink()
            return f"the download has checksum {found[:12]}..., not {jar.sha256[:12]}..."
        temporary = folder / f".{jar.file}-{os.getpid()}"
        shutil.copyfile(source, temporary)
        temporary.replace(folder / jar.file)
    except Exception as error:
        return f"the download failed ({type(error).__name__}: {str(error)[:200]})"
    return None
