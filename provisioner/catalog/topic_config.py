"""The topic configs of Apache Kafka 3.5 to 4.4: what each value may be, and how the broker writes it back.

Source: the public keys of LogConfig (37 in 4.4), and what DescribeConfigs of 3.5, 3.7, 3.9, 4.0 to 4.2 and 4.4 lists.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from provisioner.catalog.quoting import quoted
from provisioner.catalog.units import milliseconds, size_in_bytes, spelled, written, written_size

MAX_LENGTH = 32_767
"""A longer value makes the broker drop the connection instead of answering (measured on 4.4)."""

LONG = 2**63 - 1
INT = 2**31 - 1
_MOST_DIGITS = 20
_FRACTION = re.compile(r"[-+]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][-+]?[0-9]{1,3})?")


class Unit(StrEnum):
    """What a value counts or is."""

    MS = "milliseconds or a duration such as 7d"
    BYTES = "bytes or a size such as 512MiB"
    NUMBER = "a whole number"
    FRACTION = "a number between 0 and 1"
    SWITCH = "true or false"
    WORD = "one word"
    LIST = "words separated by commas"


@dataclass(frozen=True, slots=True)
class ConfigKey:
    """One row: its unit, its range (numbers) or its words, and the first and the last Kafka that has it, if not all."""

    name: str
    unit: Unit
    low: int = 0
    high: int = LONG
    words: tuple[str, ...] = ()
    since: str = ""
    until: str = ""

    @property
    def where(self) -> str:
        """Which Kafka has it: `3.8 and later`; empty for all."""
        return f"{self.since} and later" if self.since else f"{self.until} and earlier" if self.until else ""

    def is_in(self, version: str) -> bool:
        """True where the Kafka of that version has it."""
        has_begun = not self.since or release(self.since) <= release(version)
        return has_begun and (not self.until or release(version) <= release(self.until))


class ConfigValueError(ValueError):
    """A value that the broker would refuse; the text says what it must be."""


_COMPRESSION = ("producer", "uncompressed", "gzip", "snappy", "lz4", "zstd")

CONFIG_KEYS: dict[str, ConfigKey] = {
    key.name: key
    for key in (
        ConfigKey("cleanup.policy", Unit.LIST, words=("delete", "compact")),
        ConfigKey("compression.gzip.level", Unit.NUMBER, -1, 9, since="3.8"),
        ConfigKey("compression.lz4.level", Unit.NUMBER, 1, 17, since="3.8"),
        ConfigKey("compression.type", Unit.WORD, words=_COMPRESSION),
        ConfigKey("compression.zstd.level", Unit.NUMBER, -131_072, 22, since="3.8"),
        ConfigKey("delete.retention.ms", Unit.MS),
        ConfigKey("errors.deadletterqueue.group.enable", Unit.SWITCH, since="4.4"),
        ConfigKey("file.delete.delay.ms", Unit.MS),
        ConfigKey("flush.messages", Unit.NUMBER, 1),
        ConfigKey("flush.ms", Unit.MS),
        ConfigKey("follower.replication.throttled.replicas", Unit.LIST),
        ConfigKey("index.interval.bytes", Unit.BYTES, high=INT),
        ConfigKey("leader.replication.throttled.replicas", Unit.LIST),
        ConfigKey("local.retention.bytes", Unit.BYTES, -2),
        ConfigKey("local.retention.ms", Unit.MS, -2),
        ConfigKey("max.compaction.lag.ms", Unit.MS, 1),
        ConfigKey("max.decompressed.message.bytes", Unit.BYTES, 1, INT - 8, since="4.4"),
        ConfigKey("max.message.bytes", Unit.BYTES, high=INT),
        ConfigKey("message.downconversion.enable", Unit.SWITCH, until="3.9"),
        ConfigKey("message.format.version", Unit.WORD, until="3.9"),
        ConfigKey("message.timestamp.after.max.ms", Unit.MS, since="3.6"),
        ConfigKey("message.timestamp.before.max.ms", Unit.MS, since="3.6"),
        ConfigKey("message.timestamp.difference.max.ms", Unit.MS, until="3.9"),
        ConfigKey("message.timestamp.type", Unit.WORD, words=("CreateTime", "LogAppendTime")),
        ConfigKey("min.cleanable.dirty.ratio", Unit.FRACTION, high=1),
        ConfigKey("min.compaction.lag.ms", Unit.MS),
        ConfigKey("min.insync.replicas", Unit.NUMBER, 1, INT),
        ConfigKey("preallocate", Unit.SWITCH),
        ConfigKey("remote.copy.lag.bytes", Unit.BYTES, -1, since="4.4"),
        ConfigKey("remote.copy.lag.ms", Unit.MS, -1, since="4.4"),
        ConfigKey("remote.log.copy.disable", Unit.SWITCH, since="3.9"),
        ConfigKey("remote.log.delete.on.disable", Unit.SWITCH, since="3.9"),
        ConfigKey("remote.storage.enable", Unit.SWITCH),
        ConfigKey("retention.bytes", Unit.BYTES, -1),
        ConfigKey("retention.ms", Unit.MS, -1),
        ConfigKey("segment.bytes", Unit.BYTES, 1024 * 1024, INT),
        ConfigKey("segment.index.bytes", Unit.BYTES, 4, INT),
        ConfigKey("segment.jitter.ms", Unit.MS),
        ConfigKey("segment.ms", Unit.MS, 1),
        ConfigKey("unclean.leader.election.enable", Unit.SWITCH),
    )
}

THROTTLED = ".throttled.replicas"
THROTTLES = frozenset(key for key in CONFIG_KEYS if key.endswith(THROTTLED))
"""Set by whoever moves replicas, for as long as that takes; never declared, never drift."""


def release(version: str) -> tuple[int, int]:
    """`3.9.1` -> (3, 9): configs come and go with these."""
    major, minor = version.split(".")[:2]
    return int(major), int(minor)


def known_in(version: str) -> frozenset[str]:
    """The configs of one Kafka."""
    return frozenset(name for name, key in CONFIG_KEYS.items() if key.is_in(version))


def is_known(name: str) -> bool:
    """False for a config that has no row here: a vendor's, or one of a Kafka that is newer than this table."""
    return name in CONFIG_KEYS


@lru_cache(256, typed=True)
def normal(name: str, value: str | float | bool) -> str:
    """The value as the broker writes it: `7d` -> `604800000`, `delete, compact` -> `compact,delete` (sorted, a set).

    An unknown key's value is only turned into text. Raises ConfigValueError with what the value must be.
    """
    key = CONFIG_KEYS.get(name)
    text = str(value).lower() if isinstance(value, bool) else str(value).strip()
    if len(text) > MAX_LENGTH:
        raise ConfigValueError(f"at most {MAX_LENGTH} characters long, is {len(text)}")
    return _FORMS[key.unit](key, text) if key else text


def shown(name: str, value: str) -> str:
    """A value for people: `604800000 (7d)`, `536870912 (512MiB)`, `""` for the empty one; others as they are."""
    if not value:
        return '""'
    key = CONFIG_KEYS.get(name)
    if key is None or not is_count(value) or int(value) in (0, LONG):
        return value
    if key.unit is Unit.MS and int(value) >= 1000:
        return f"{value} ({written(int(value))})"
    if key.unit is Unit.BYTES and int(value) >= 1024 and int(value) % 1024 == 0:
        return f"{value} ({written_size(int(value))})"
    return value


def example(name: str, value: object) -> str:
    """What to write in place of a value that a config does not take: what was meant, where that can be seen."""
    key, text = CONFIG_KEYS[name], str(value).strip()
    near = spelled(text, key.unit is Unit.BYTES) if key.unit in (Unit.MS, Unit.BYTES) else ""
    return next((one for one in (near, *_bounds(key, text)) if one and _is_taken(name, one)), "") or _usual(key)


def _is_taken(name: str, text: str) -> bool:
    try:
        return bool(normal(name, text))
    except ConfigValueError:
        return False


def _bounds(key: ConfigKey, text: str) -> tuple[str, ...]:
    """The nearest number that is taken, for one that is too small or too large."""
    number = size_in_bytes(text) if key.unit is Unit.BYTES else milliseconds(text) if key.unit is Unit.MS else None
    number = _integer(text) if number is None else number
    if number is None or key.unit is Unit.FRACTION:
        return ()
    bound = min(max(number, key.low), key.high)
    is_round = key.unit is Unit.BYTES and bound > 0 and bound % 1024 == 0
    return (written_size(bound) if is_round else str(bound),)


def _usual(key: ConfigKey) -> str:
    if key.words:
        return " or ".join(key.words)
    return {Unit.MS: "7d", Unit.BYTES: "512MiB", Unit.FRACTION: "0.5", Unit.SWITCH: "true"}.get(key.unit, "2")


def _number(key: ConfigKey, text: str) -> str:
    return _in_range(key, _integer(text), text)


def _duration(key: ConfigKey, text: str) -> str:
    ms = milliseconds(text)
    return _in_range(key, _integer(text) if ms is None else ms, text)


def _size(key: ConfigKey, text: str) -> str:
    size = size_in_bytes(text)
    return _in_range(key, _integer(text) if size is None else size, text)


def _integer(text: str) -> int | None:
    sign, digits = ("-", text[1:]) if text[:1] == "-" else ("", text.removeprefix("+"))
    return int(sign + digits) if is_count(digits) else None


def is_count(text: str) -> bool:
    """True for digits 0 to 9 alone, as many as Kafka's numbers have; other scripts have digits too, brokers not."""
    return text.isascii() and text.isdigit() and len(text) < _MOST_DIGITS


def _in_range(key: ConfigKey, number: int | None, text: str) -> str:
    if number is None:
        raise ConfigValueError(f"{key.unit}, is {quoted(text)}")
    if not key.low <= number <= key.high:
        limit = f"at least {key.low}" if number < key.low else f"at most {key.high}"
        raise ConfigValueError(f"{limit}, is {number}")
    return str(number)


def _fraction(key: ConfigKey, text: str) -> str:
    number = float(text) if _FRACTION.fullmatch(text) else -1.0
    if not key.low <= number <= key.high:
        raise ConfigValueError(f"{key.unit}, is {quoted(text)}")
    return str(number)


def _switch(key: ConfigKey, text: str) -> str:
    if text.lower() not in ("true", "false"):
        raise ConfigValueError(f"{key.unit}, is {quoted(text)}")
    return text.lower()


def _word(key: ConfigKey, text: str) -> str:
    if key.words and text not in key.words:
        raise ConfigValueError(f"one of {', '.join(key.words)}, is {quoted(text)}")
    return text


def _list(key: ConfigKey, text: str) -> str:
    if not text:  # a value of its own: a cleanup policy of nothing
        return ""
    words = sorted({word.strip() for word in text.split(",") if word.strip()})
    wrong = [word for word in words if key.words and word not in key.words]
    if wrong or (key.words and not words):
        raise ConfigValueError(f"{key.unit}, out of {', '.join(key.words)}; is {quoted(text)}")
    return ",".join(words)


_FORMS: dict[Unit, Callable[[ConfigKey, str], str]] = {
    Unit.MS: _duration,
    Unit.BYTES: _size,
    Unit.NUMBER: _number,
    Unit.FRACTION: _fraction,
    Unit.SWITCH: _switch,
    Unit.WORD: _word,
    Unit.LIST: _list,
}
