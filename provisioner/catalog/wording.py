"""What a value of a declaration must look like: functions from what stands there to the value, with words for the rest.

Each takes what YAML gave and raises PydanticCustomError; `hint` in its context is what to write instead.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Literal, NamedTuple

from pydantic_core import PydanticCustomError

from provisioner.catalog import addresses
from provisioner.catalog.model import RECORD_TOPIC, Presence
from provisioner.catalog.naming import HINT, refusal
from provisioner.catalog.quoting import LONGEST, quoted
from provisioner.catalog.reserved_names import RECORD_PREFIX
from provisioner.catalog.topic_config import release
from provisioner.catalog.units import WEEK, Duration, milliseconds, spelled, written
from provisioner.printable import line

OFF: Literal["none"] = "none"
MOST_WEEKS = 5200
"""100 years. Prometheus counts durations in nanoseconds and ends at 292 years."""

LONGEST_SECONDS = 10_000
"""A lag without a unit is meant in seconds up to here, and in milliseconds from here on."""

MOST_WORDS = 20
"""Of a list that a hint writes as one text."""

MOST_MENTIONS = 5
"""Of one team: whoever is named here is written to by each merge request that hits it."""

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
MENTION = re.compile(r"@[A-Za-z0-9_](?:[A-Za-z0-9_./-]{0,253}[A-Za-z0-9_])?")
_EVERYBODY = re.compile(r"@(here|channel|everyone|all)(?![\w.-])", re.IGNORECASE)


class SecretDeclaration(NamedTuple):
    """Where to find a secret: one of the two."""

    env: str | None = None
    file: str | None = None


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else quoted(value)


def _wrong(message: str, hint: str) -> PydanticCustomError:
    return PydanticCustomError("wording", "{message}", {"message": message, "hint": hint})


def scalar(value: Any) -> Any:
    """One value, no map and no list."""
    if isinstance(value, dict):
        raise _wrong("must be one value, is a map", "write one value behind the colon")
    if isinstance(value, list):
        written = _joined(value) if value else ""
        raise _wrong("must be one value, is a list", f"write {written}" if written else "write one value")
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
        raise _wrong(f"must be the name of a config, is {quoted(name)}", "write it as brokers do: vendor.some.config")
    return name


def lag(value: Any) -> Any:
    """A duration, or the word that switches the alert off."""
    return value if value == OFF else seconds(value, _lag_hint)


def _lag_hint(value: Any) -> str:
    """`300` is written 5m; -1, 0 and false are written none."""
    off = f"write lag: {OFF} to switch it off"
    if isinstance(value, str):
        text = value.strip().lower()
        near = "" if milliseconds(value) else spelled(text)
        return off if text in _OFF or re.fullmatch("0[a-z]*", text) else f"write lag: {near}" if near else _LAG
    if not isinstance(value, (int, float)):
        return _LAG
    if value is True or value <= 0:
        return _LAG if value is True else off
    ms = int(value * 1000) if value < LONGEST_SECONDS else int(value)
    unit = "seconds" if value < LONGEST_SECONDS else "milliseconds"
    return f"write lag: {written(ms)} for {value} {unit}" if ms % 1000 == 0 and ms <= MOST_WEEKS * WEEK else _LAG


_OFF = ("off", "no", "false", "never", "disabled", "null", "nil", "-1")
_LAG = f"write lag: 10m, or `{OFF}` to switch it off"


def expected(value: Any) -> Any:
    """A time within which something is expected, or the word for no such expectation."""
    return value if value == OFF else seconds(value, _expected_hint)


def _expected_hint(value: Any) -> str:
    near = spelled(value.strip().lower()) if isinstance(value, str) and not milliseconds(value) else ""
    return f"write {near}" if near else f"write 1h, or `{OFF}` where nothing is expected"


def parameter(value: Any) -> Any:
    """What an alert's parameter is set to: one value of bounded length."""
    if isinstance(value, str) and len(value) > MOST_SETTING:
        raise _wrong(f"has {len(value):,} characters, more than {MOST_SETTING:,}", "shorten it")
    return scalar(value)


LONGEST_TIMEOUT = Duration(3600)
LEAST_DOUBT = Duration(65)
"""Sooner, a change would be called failed that a broker may still carry out."""


def timeout(value: Any) -> Any:
    """How long something is waited for: at least a second, at most an hour."""
    ms = milliseconds(value) if isinstance(value, str) else None
    if ms is not None and ms > LONGEST_TIMEOUT.seconds * 1000:
        raise _wrong(f"must be at most {LONGEST_TIMEOUT}, is {quoted(value)}", "write 1h, or less")
    return seconds(value)


def doubt(value: Any) -> Any:
    """A time-out after which what was sent counts as never carried out."""
    wait = timeout(value)
    if wait < LEAST_DOUBT:
        why = "a lost request may be carried out a minute later"
        raise _wrong(f"must be at least {LEAST_DOUBT} ({why}), is {quoted(value)}", f"write {LEAST_DOUBT}, or more")
    return wait


def _usual(_: Any) -> str:
    return "write 30s"


def seconds(value: Any, hint: Callable[[Any], str] = _usual) -> Any:
    """A duration of whole seconds, at least one and at most 100 years. `hint`: what to write in place of the value."""
    if isinstance(value, Duration):
        return value
    ms = milliseconds(value) if isinstance(value, str) else None
    if ms is None:
        raise _wrong(f"must be a duration such as 90s, 10m or 1h, is {_shown(value)}", hint(value))
    if ms < 1000 or ms % 1000:
        raise _wrong(f"must be at least 1s, in whole seconds, is {quoted(value)}", hint(value))
    if ms > MOST_WEEKS * WEEK:
        why = f"must be at most {MOST_WEEKS}w (100 years; Prometheus ends at 292), is {quoted(value)}"
        raise _wrong(why, hint(value))
    return Duration(ms // 1000)


def slack(value: Any) -> Any:
    """Offsets in each partition that are no unread messages: `true` is one, a number is that many."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int) and 1 <= value <= MOST_SLACK:
        return value
    why = f"must be true, false, or a number of offsets from 1 to {MOST_SLACK:,}, is {quoted(value)}"
    raise _wrong(why, "write transactional: true")


def dead_letter(value: Any) -> Any:
    """A name alone stands for a map with that name."""
    return {"name": value} if isinstance(value, str) else value


def state(value: Any) -> Any:
    """One of three words."""
    if value in list(Presence):
        return Presence(value)
    meant = next((state for state, words in _STATES.items() if str(value).lower() in words.split()), None)
    hint = f"write state: {meant}" if meant else "use one of these words"
    raise _wrong(f"must be one of {', '.join(Presence)}, is {quoted(value)}", hint)


_STATES = {
    Presence.ABSENT: "deleted delete gone removed remove none",
    Presence.EXTERNAL: "extern foreign mirror mirrored others watched unmanaged",
    Presence.PRESENT: "active exists live created managed",
}


def kafka_version(value: Any) -> str:
    """A release of Kafka as text: YAML makes a number of 3.10 without quotes, which is 3.1."""
    if not isinstance(value, str) or not VERSION.fullmatch(value):
        raise _wrong(f"must be a version of Kafka in quotes, is {quoted(value)}", f'write kafka: "{NEWEST}"')
    if release(value) < release(OLDEST):
        raise _wrong(f"must be {OLDEST} or newer, is {quoted(value)}", "leave the line away: older ones are not known")
    return value


def once_each(names: list[str]) -> list[str]:
    """A list of names without doubles."""
    if len(set(names)) < len(names):
        (double, _), *_ = Counter(names).most_common(1)
        raise _wrong(f"names {quoted(double)} twice", "name each once")
    return names


def web_address(url: str) -> str:
    """An http or https address that holds no credentials."""
    if why := addresses.fault(url):
        raise _wrong(why, "write https://host/path")
    return url


def is_message(name: str) -> bool:
    """True for the full name of a protobuf message: identifiers with dots between them."""
    return bool(MESSAGE.fullmatch(name))


def message(name: str) -> str:
    """The full name of a protobuf message."""
    if not is_message(name):
        raise _wrong(
            f"must be the full name of a protobuf message, is {quoted(name, 60)}",
            "write package and message, such as payments.v1.Order",
        )
    return name


def chat_room(name: str) -> str:
    """A room, and nothing that a chat program takes for a command: it stands in the messages of alerts."""
    if "<" in name or ">" in name:
        raise _wrong("must not hold < or >: chat programs take them for commands", 'write "#room"')
    if _EVERYBODY.search(name):
        raise _wrong("calls everybody in every alert", 'write "#room"')
    return name


def mentions(value: Any) -> Any:
    """Users and groups of GitLab, as a list or with blanks between them: a bot writes them into merge requests."""
    hint = 'write mention: "@finance/oncall"'
    names = value.split(" ") if isinstance(value, str) else value
    if not isinstance(names, list) or not names:
        raise _wrong(f"must be a user or a group of GitLab, is {_shown(value)}", hint)
    for name in names:
        _mention(name, hint)
    if len(names) > MOST_MENTIONS:
        raise _wrong(
            f"names {len(names)} users or groups, and at most {MOST_MENTIONS} are called", "name a group of them"
        )
    return once_each(names)


def _mention(name: Any, hint: str) -> None:
    """An @, and a path that GitLab could have: nothing in it that Markdown or a command is made of."""
    if not isinstance(name, str) or not MENTION.fullmatch(name) or "//" in name or ".." in name:
        what = "an @, then letters, digits, '_', '.', '-' and '/'"
        raise _wrong(f"must be a user or a group of GitLab ({what}), is {_shown(name)}", hint)
    if _EVERYBODY.fullmatch(name):
        raise _wrong("calls everybody in the project", hint)


def record_value(value: Any) -> Any:
    """`{topic: NAME}`, the topic that the record is kept in; `none`: none is kept."""
    if value == OFF:
        return OFF
    hint = f"write {{topic: {RECORD_TOPIC}}}, or none"
    if not isinstance(value, dict) or value.keys() != {"topic"}:
        raise _wrong("must name the topic of the record", hint)
    name = value["topic"]
    if not isinstance(name, str) or not RECORD_NAME.fullmatch(name):
        raise _wrong(f"must be {RECORD_PREFIX} and letters, digits, '.', '_' or '-', is {quoted(name)}", hint)
    return name


def repository_name(value: Any) -> Any:
    """What tells this repository from others whose topics live on the same cluster."""
    if isinstance(value, str) and refusal(value):
        raise _wrong(f"must be a plain name, is {quoted(value)}", HINT)
    return value


def client_value(value: Any) -> Any:
    """One value, or where to find it. What stands there may be a secret: no message repeats it."""
    if not isinstance(value, (dict, list)):
        return value
    if not value or isinstance(value, list) or not value.keys() <= {"env", "file"} or not _are_places(value.values()):
        raise _wrong("must be one value, or say where the secret is", "write {env: NAME} or {file: PATH}")
    return SecretDeclaration(**value)


def _are_places(values: Iterable[Any]) -> bool:
    """None: such a place has a problem of its own already."""
    return all(value is None or (isinstance(value, str) and 0 < len(value) <= 1000) for value in values)
