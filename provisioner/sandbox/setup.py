"""What every sandbox needs once: the jars, Java, and the classes that Java may load the quick way."""

from __future__ import annotations

import signal
import subprocess
import tempfile
from pathlib import Path

from provisioner.errors import SandboxError
from provisioner.sandbox import broker, cache, jars, jvm, ports, processes, releases, storage
from provisioner.sandbox.lock import Progress

WRITE_SECONDS = 60.0


def prepared(kafka: str, progress: Progress) -> jvm.Jvm:
    """Java ready to start brokers of that release; downloads and prepares what is not in the cache."""
    lock = releases.lock(kafka)
    kept = cache.folder(lock)
    with cache.alone(kept, progress):
        return _prepared(kafka, lock, kept, progress)


def _prepared(kafka: str, lock: Path, kept: Path, progress: Progress) -> jvm.Jvm:
    java = jvm.found(jars.ensured(kept / "jars", progress, lock), kept)
    if java.archive is not None:
        return java
    progress("preparing Java, once")
    try:
        _trained(java, kept, kafka)
    except (SandboxError, OSError, subprocess.SubprocessError) as error:
        progress(f"going on without a class cache, each start takes longer ({error})")
    return jvm.found(java.jars, kept)


def _trained(java: jvm.Jvm, kept: Path, kafka: str) -> None:
    """One node alone for a moment; on its way out Java writes down what it had loaded."""
    with tempfile.TemporaryDirectory(prefix="training-", dir=kept, ignore_cleanup_errors=True) as work:
        made = broker.laid_out("training", Path(work).resolve(), ports.free(1, secure=False), kafka)
        broker.furnished(made, storage.template(java, kept), {})
        archive = made.folder / "classes.aot"
        try:
            made = broker.started(made, java, [1], (f"-XX:AOTCacheOutput={archive}",))
            broker.ready(made)
            processes.send(made.node(1).pid, made.config(1), signal.SIGTERM)
            processes.wait_gone(made.node(1).pid, made.config(1), WRITE_SECONDS)
            archive.replace(jvm.archive_path(java.java, java.jars, kept))
        finally:
            for pid, config in list(processes.of(made.folder)):
                processes.ended(pid, config)
