"""What a broker writes of itself: warnings, in a file that is turned over, so that a long life fills no disk.

Kafka's own level, INFO, has lines for each partition whenever one is made, loaded or led by another broker: three
megabytes a broker for one death among 1,200 partitions (measured), 200 MB in an hour of tests.
"""

from __future__ import annotations

from pathlib import Path

from provisioner.sandbox import cache

FILE = "broker.log"
OUTPUT = "out.log"
"""What Java itself writes: little, such as that its memory is exhausted."""
_PATTERN = "[%d] %p %m (%c)%n"

LOG4J_2 = f"""status = error
appender.f.type = RollingFile
appender.f.name = F
appender.f.fileName = ${{sys:sandbox.log}}
appender.f.filePattern = ${{sys:sandbox.log}}.%i
appender.f.layout.type = PatternLayout
appender.f.layout.pattern = {_PATTERN}
appender.f.policies.type = Policies
appender.f.policies.size.type = SizeBasedTriggeringPolicy
appender.f.policies.size.size = 4MB
appender.f.strategy.type = DefaultRolloverStrategy
appender.f.strategy.max = 1
rootLogger.level = WARN
rootLogger.appenderRef.f.ref = F
"""
LOG4J_1 = f"""log4j.rootLogger=WARN, F
log4j.appender.F=org.apache.log4j.RollingFileAppender
log4j.appender.F.File=${{sandbox.log}}
log4j.appender.F.MaxFileSize=4MB
log4j.appender.F.MaxBackupIndex=1
log4j.appender.F.layout=org.apache.log4j.PatternLayout
log4j.appender.F.layout.ConversionPattern={_PATTERN}
"""


def flag(jars: Path, kept: Path) -> str:
    """Java's flag for the logging of these jars: Kafka 3 writes through Log4j 1, Kafka 4 through Log4j 2."""
    if any(jars.glob("reload4j-*.jar")):
        return f"-Dlog4j.configuration=file:{_config(kept / 'log4j.properties', LOG4J_1)}"
    return f"-Dlog4j2.configurationFile={_config(kept / 'log4j2.properties', LOG4J_2)}"


def _config(path: Path, text: str) -> Path:
    if not path.exists() or path.read_text("utf-8") != text:
        cache.written(path, text)
    return path


def tail(home: Path, lines: int) -> str:
    """The last lines of a broker, without Java's stack traces: they would hide the sentence above them."""
    written = [line for name in (FILE, OUTPUT) for line in _lines(home / name)]
    spoken = [line for line in written if not line.startswith(("\tat ", "\t... "))]
    return "\n".join(spoken[-lines:]) or "(an empty log)"


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return []
