"""What a value of a declaration must look like: functions from what stands there to the value, with words for the rest.

Each takes what YAML gave and raises PydanticCustomError; `hint` in its context is what to write instead.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from provisioner.catalog import addresses
from provisioner.catalog.durations import OFF
from provisioner.catalog.model import RECORD_TOPIC, Presence
from provisioner.catalog.naming import HINT, refusal
from provisioner.catalog.quoting import LONGEST, quoted
from provisioner.catalog.reserved_names import RECORD_PREFIX
from provisioner.catalog.topic_config import release
from provisioner.catalog.wrong import wrong
from provisioner.printable import line

MOST_WORDS = 20
"""Of a list that a hint writes as one text."""

MOST_SETTING = 1_000
"""Characters of what a parameter of an alert is set to."""

MOST_SLACK = 1_000_000
"""More messages than this in one transaction are no slack, but lag."""

OLDEST, NEWEST = "3.5", "4.4"
"""The versions of Kafka whose configs are known; a newer one has at least those."""

CONFIG_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*")
_LONGEST_KEY = 250
RECORD_NAME = re.compile(re.escape(RECORD_PREFIX) + r"[A-Za-z0-9._-]{1,200}")
VERSION = re.compile(r"[0-9]{1,3}\.[0-9]{1,3}(\.[0-9]{1,3})?")
MESSAGE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")


class SecretDeclaration(NamedTuple):
    """Where to find a secret: one of the two."""

    env: str | None = None
    file: str | None = None


def scalar(value: Any) -> Any:
    """One value, no map and no list."""
    if isinstance(value, dict):
        raise wrong("must be one value, is a map", "write one value behind the colon")
    if isinstance(value, list):
        written = _joined(value) if value else ""
        raise wrong("must be one value, is a list", f"write {written}" if written else "write one value")
    return value


def _joined(values: list[Any]) -> str:
    """A list of words as the one text that Kafka takes for it."""
    if len(values) > MOST_WORDS or not all(isinstance(one, (str, int, float)) for one in values):
        return ""
    text = ",".join(str(one) for one in values)
    return f'"{line(text[:LONGEST])}"' if len(values) > 1 else line(text[:LONGEST])


def consented(value: Any) -> Any:
    """What a consent names: one value, or a list of them."""
    if not isinstance(value, list):
        return scalar(value)
    return [scalar(each) for each in value]


def config_key(name: str) -> str:
    """What a broker could call a config."""
    if len(name) > _LONGEST_KEY or not CONFIG_KEY.fullmatch(name):
        raise wrong(f"must be the name of a config, is {quoted(name)}", "write it as brokers do: vendor.some.config")
    return name


def parameter(value: Any) -> Any:
    """What an alert's parameter is set to: one value of bounded length."""
    if isinstance(value, str) and len(value) > MOST_SETTING:
        raise wrong(f"has {len(value):,} characters, more than {MOST_SETTING:,}", "shorten it")
    return scalar(value)


def slack(value: Any) -> Any:
    """Offsets in each partition that are no unread messages: `true` is one, a number is that many."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int) and 1 <= value <= MOST_SLACK:
        return value
    why = f"must be true, false, or a number of offsets from 1 to {MOST_SLACK:,}, is {quoted(value)}"
    raise wrong(why, "write transactional: true")


def dead_letter(value: Any) -> Any:
    """A name alone stands for a map with that name."""
    return {"name": value} if isinstance(value, str) else value


def state(value: Any) -> Any:
    """One of three words."""
    if value in list(Presence):
        return Presence(value)
    meant = next((state for state, words in _STATES.items() if str(value).lower() in words.split()), None)
    hint = f"write state: {meant}" if meant else "use one of these words"
    raise wrong(f"must be one of {', '.join(Presence)}, is {quoted(value)}", hint)


_STATES = {
    Presence.ABSENT: "deleted delete gone removed remove none",
    Presence.EXTERNAL: "extern foreign mirror mirrored others watched unmanaged",
    Presence.PRESENT: "active exists live created managed",
}


def kafka_version(value: Any) -> str:
    """A release of Kafka as text: YAML makes a number of 3.10 without quotes, which is 3.1."""
    if not isinstance(value, str) or not VERSION.fullmatch(value):
        raise wrong(f"must be a version of Kafka in quotes, is {quoted(value)}", f'write kafka: "{NEWEST}"')
    if release(value) < release(OLDEST):
        raise wrong(f"must be {OLDEST} or newer, is {quoted(value)}", "leave the line away: older ones are not known")
    return value


def not_blank(word: str) -> str:
    """Prometheus drops a label that is blank, and whoever reads a name of blanks sees none."""
    if not word.strip():
        raise wrong("must not be blank", "write a word, or take the line out")
    return word


def once_each(names: list[str]) -> list[str]:
    """A list of names without doubles."""
    if len(set(names)) < len(names):
        (double, _), *_ = Counter(names).most_common(1)
        raise wrong(f"names {quoted(double)} twice", "name each once")
    return names


def web_address(url: str) -> str:
    """An http or https address that holds no credentials."""
    if why := addresses.fault(url):
        raise wrong(why, "write https://host/path")
    return url


def is_message(name: str) -> bool:
    """True for the full name of a protobuf message: identifiers with dots between them."""
    return bool(MESSAGE.fullmatch(name))


def message(name: str) -> str:
    """The full name of a protobuf message."""
    if not is_message(name):
        raise wrong(
            f"must be the full name of a protobuf message, is {quoted(name, 60)}",
            "write package and message, such as payments.v1.Order",
        )
    return name


def record_value(value: Any) -> Any:
    """`{topic: NAME}`, the topic that the record is kept in; `none`: none is kept."""
    if value == OFF:
        return OFF
    hint = f"write {{topic: {RECORD_TOPIC}}}, or none"
    if not isinstance(value, dict) or value.keys() != {"topic"}:
        raise wrong("must name the topic of the record", hint)
    name = value["topic"]
    if not isinstance(name, str) or not RECORD_NAME.fullmatch(name):
        raise wrong(f"must be {RECORD_PREFIX} and letters, digits, '.', '_' or '-', is {quoted(name)}", hint)
    return name


def repository_name(value: Any) -> Any:
    """What tells this repository from others whose topics live on the same cluster."""
    if isinstance(value, str) and refusal(value):
        raise wrong(f"must be a plain name, is {quoted(value)}", HINT)
    return value


def client_value(value: Any) -> Any:
    """One value, or where to find it. What stands there may be a secret: no message repeats it."""
    if not isinstance(value, (dict, list)):
        return value
    if not value or isinstance(value, list) or not value.keys() <= {"env", "file"} or not _are_places(value.values()):
        raise wrong("must be one value, or say where the secret is", "write {env: NAME} or {file: PATH}")
    return SecretDeclaration(**value)


def _are_places(values: Iterable[Any]) -> bool:
    """None: such a place has a problem of its own already."""
    return all(value is None or (isinstance(value, str) and 0 < len(value) <= 1000) for value in values)
