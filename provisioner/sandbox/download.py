"""Downloading jars through jgo as a plain downloader.

It must not resolve anything: given Kafka and log4j together it picks an old kafka-clients (measured). And it only
warns of a wrong checksum, so each file is compared with the lock here.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from provisioner.errors import SandboxError
from provisioner.sandbox.lock import Jar, Progress

Fetch = Callable[[Jar], Path]

TRIES = 3
PAUSE_SECONDS = 1.0
THREADS = 8
STEP = 9
"""Jars from one line of progress to the next."""
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def fetched(missing: Sequence[Jar], folder: Path, progress: Progress) -> None:
    """Put these jars into the folder, whole and with the right hash. Raises SandboxError for the first that fails."""
    progress(f"downloading Kafka, once: {len(missing)} jars into {folder}")
    with tempfile.TemporaryDirectory(prefix=".maven-", dir=folder, ignore_cleanup_errors=True) as maven:
        fetch = fetcher(Path(maven))
        with ThreadPoolExecutor(THREADS) as pool:
            try:
                futures = [pool.submit(_one, jar, folder, fetch) for jar in missing]
                for done, future in enumerate(as_completed(futures), 1):
                    future.result()
                    if done % STEP == 0 or done == len(futures):
                        progress(f"jars {done}/{len(futures)}")
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def fetcher(maven: Path) -> Fetch:
    """A function that downloads one jar into the folder `maven` and tells where it lies."""
    # requests trusts only its own bundle otherwise, and fails behind a company's proxy.
    if CERTIFICATES.exists() and not os.environ.get("CURL_CA_BUNDLE"):
        os.environ.setdefault("REQUESTS_CA_BUNDLE", str(CERTIFICATES))
    try:
        from jgo.maven import MavenContext, PythonResolver
    except ImportError:
        raise SandboxError("jgo is not installed", "pip install 'kafka-topic-provisioner[sandbox]'") from None
    context = MavenContext(repo_cache=maven, resolver=PythonResolver(), timeout=60)
    return lambda jar: Path(context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve())


def _one(jar: Jar, folder: Path, fetch: Fetch) -> None:
    failure = None if sha256(folder / jar.file) == jar.sha256 else _try(jar, folder, fetch)
    for attempt in range(1, TRIES):
        if failure is None:
            return
        time.sleep(PAUSE_SECONDS * attempt)
        failure = _try(jar, folder, fetch)
    if failure is not None:
        raise failure


def _try(jar: Jar, folder: Path, fetch: Fetch) -> SandboxError | None:
    # jgo raises many kinds; each of them is a download that failed.
    try:
        source = fetch(jar)
        found = sha256(source)
        if found == jar.sha256:
            _placed(source, folder / jar.file)
            return None
        # jgo would find it again in its own folder and download nothing.
        source.unlink(missing_ok=True)
    except Exception as error:
        return _broken(jar, error)
    return _wrong(jar, found)


def sha256(path: Path) -> str:
    """The file's hash; empty where there is no file."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def _placed(source: Path, target: Path) -> None:
    temporary = target.with_name(f".{target.name}-{os.getpid()}")
    shutil.copyfile(source, temporary)
    temporary.replace(target)


def _broken(jar: Jar, error: Exception) -> SandboxError:
    what = f"{jar.file} cannot be downloaded, tried {TRIES} times ({type(error).__name__}: {str(error)[:300]})"
    return SandboxError(what, "check the network (HTTPS_PROXY, REQUESTS_CA_BUNDLE) and run it again; what came is kept")


def _wrong(jar: Jar, found: str) -> SandboxError:
    what = f"{jar.file} has the wrong checksum: {found[:12] or 'none'}..., the lock says {jar.sha256[:12]}..."
    return SandboxError(f"{what} ({TRIES} tries)", "a proxy or mirror hands out another file: ask whoever keeps it")
