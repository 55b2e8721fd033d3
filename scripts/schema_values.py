"""What one value in a file may be, as JSON Schema: by the function that reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from described import FIXED, what, when

from provisioner.catalog import (
    approvers,
    copying,
    declared_values,
    durations,
    naming,
    people,
    percents,
    wording,
)
from provisioner.catalog.model import RECORD_TOPIC, Presence
from provisioner.catalog.topic_config import CONFIG_KEYS, LONG, THROTTLES, ConfigKey, Unit
from provisioner.checks.consents import CHECK_SLUGS
from provisioner.kinds import extra_configs
from provisioner.kinds.hazard_table import HAZARDS
from provisioner.kinds.topic_hazards import SLUGS

Json = dict[str, Any]

SPELLED = "([0-9]{1,15}w)?([0-9]{1,15}d)?([0-9]{1,15}h)?([0-9]{1,15}m)?([0-9]{1,15}s)?([0-9]{1,15}ms)?"
DURATION = rf"(?=[0-9])({SPELLED}|[0-9]{{1,15}} ?(ms|[smhdw]))"
SIZE = "[0-9]{1,15} ?([kMGT]?B|[KMGT]iB)"
INTEGER = "[-+]?[0-9]{1,19}"
FRACTION = r"\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?"
SWITCH = "[Tt]rue|[Ff]alse|TRUE|FALSE"

SCALAR: Json = {"type": ["string", "number", "boolean"]}


def _text(pattern: str, meant: str) -> Json:
    """`meant`: what editors say of what is none (by words of theirs, which validators pass over)."""
    said = f"Write {meant}."
    return {"type": "string", "pattern": f"^({pattern})$", "patternErrorMessage": said, "errorMessage": said}


def _loose(pattern: str, meant: str) -> Json:
    """With blanks around it."""
    return _text(rf"\s*({pattern})\s*", meant)


def _or(kind: str, text: Json, **bounds: int) -> Json:
    """A text, or a value of another kind within its bounds; each word of a schema looks only at its own kind."""
    return {**text, "type": [kind, "string"], **bounds}


NAME = _text(rf"(?!.*\.\.)(?!.*\.lock$){naming.PATTERN}", naming.HINT.removeprefix("use "))
PATH: Json = {"type": "string", "minLength": 1, "maxLength": 1000}
SPAN = _loose(DURATION, "a duration such as 30s, 10m or 1h")
LAG = _loose(f"{DURATION}|{durations.OFF}", f"a duration such as 10m, or {durations.OFF} to switch the alert off")


def _names(pattern: str, most: int, meant: str) -> Json:
    """A list, or one text with blanks between them."""
    one = _text(pattern, meant)
    several = _text(f"({pattern})( ({pattern})){{0,{most - 1}}}", meant)
    return {**several, "type": ["string", "array"], "items": one, "minItems": 1, "maxItems": most, "uniqueItems": True}


def _place(**texts: Json) -> Json:
    """A map with one of these keys, or what stands for it."""
    return {
        "type": "object",
        "properties": texts,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }


def _config_value(key: ConfigKey) -> Json:
    bounds = {"minimum": key.low} | ({} if key.high == LONG else {"maximum": key.high})
    listed = f"({'|'.join(key.words)})" if key.words else r"[^\s,]+"
    forms: Mapping[Unit, Json] = {
        Unit.MS: _or("integer", _loose(f"{DURATION}|{INTEGER}", str(key.unit)), **bounds),
        Unit.BYTES: _or("integer", _loose(f"{SIZE}|{INTEGER}", str(key.unit)), **bounds),
        Unit.NUMBER: _or("integer", _loose(INTEGER, str(key.unit)), **bounds),
        Unit.FRACTION: _or("number", _loose(FRACTION, str(key.unit)), minimum=0, maximum=1),
        Unit.SWITCH: _or("boolean", _loose(SWITCH, str(key.unit))),
        Unit.WORD: {"enum": list(key.words)} if key.words else SCALAR,
        Unit.LIST: _text(rf"[\s,]*({listed}\s*(,[\s,]*|$))*", what(key).replace("`", "")),
    }
    kafka = f" (Kafka {key.where})" if key.where else ""
    return {"description": what(key).replace("`", "") + kafka, **forms[key.unit]}


def config() -> Json:
    known = {key.name: _config_value(key) for key in CONFIG_KEYS.values() if key.name not in THROTTLES}
    return {
        "type": "object",
        "properties": known,
        "additionalProperties": {**SCALAR, "description": "A config that the cluster's extra_configs list."},
        "propertyNames": _text(wording.CONFIG_KEY.pattern, "it as brokers do: retention.ms"),
        "maxProperties": declared_values.MOST_SETTINGS,
    }


def allow() -> Json:
    said = {slug: [when(row) for row in HAZARDS if row.slug == slug and row.asks] for slug in SLUGS}
    words = {slug: "; ".join(rows).replace("`", "") for slug, rows in said.items()}
    words |= {slug: text.replace("`", "") for slug, text in FIXED.items()}
    words |= {slug: f"a topic that the check {slug} is about, as it is" for slug in CHECK_SLUGS}
    values = {slug: {**SCALAR, "description": f"Accepts: {text}."} for slug, text in words.items()}
    values[extra_configs.SLUG] |= {"type": [*SCALAR["type"], "array"], "items": SCALAR}
    known = {"type": "object", "properties": values, "additionalProperties": False}
    return {**known, "maxProperties": declared_values.MOST_SETTINGS}


WHO = '"@finance/oncall"'
RECORD = _text(wording.RECORD_NAME.pattern, "_provisioner_ and letters, digits, '.', '_' or '-'")

BEFORE: Mapping[Callable[..., Any], Callable[[Json], Json]] = {
    wording.scalar: lambda _: SCALAR,
    wording.consented: lambda _: SCALAR,
    durations.lag: lambda _: LAG,
    durations.seconds: lambda _: SPAN,
    durations.expected: lambda _: _loose(f"{DURATION}|{durations.OFF}", f"a duration such as 1h, or {durations.OFF}"),
    wording.parameter: lambda _: SCALAR,
    percents.drop: lambda _: _text(
        f"{percents.PERCENT}|{durations.OFF}", f"a percentage such as 50%, or {durations.OFF}"
    ),
    percents.rise: lambda _: _text(
        f"{percents.PERCENT}|{durations.OFF}", f"a percentage such as 300%, or {durations.OFF}"
    ),
    percents.skew: lambda _: {
        **_text(durations.OFF, f"a number above 1, or {durations.OFF}"),
        "type": ["number", "string"],
        "exclusiveMinimum": 1,
        "maximum": percents.MOST_SKEW,
    },
    durations.timeout: lambda _: SPAN,
    durations.doubt: lambda _: SPAN,
    copying.size: lambda _: {"type": ["integer", "string"], "minimum": 1, "pattern": f"^( *{SIZE} *)$"},
    copying.copy_rate: lambda _: {
        "type": ["integer", "string"],
        "minimum": copying.LEAST_RATE,
        "pattern": f"^( *{SIZE} *)$",
    },
    copying.day_hours: lambda _: _text(copying.HOURS.pattern, 'two times of day in quotes, in UTC: "22-06"'),
    wording.slack: lambda _: {"type": ["boolean", "integer"], "minimum": 1, "maximum": wording.MOST_SLACK},
    wording.dead_letter: lambda inner: {"anyOf": [{"type": "string"}, inner]},
    wording.state: lambda _: {"enum": [str(word) for word in Presence]},
    wording.kafka_version: lambda _: _text(wording.VERSION.pattern, f'a version in quotes: "{wording.NEWEST}"'),
    people.mentions: lambda _: _names(people.MENTION.pattern, people.MOST_MENTIONS, WHO),
    approvers.approvers: lambda _: _names(f"{people.MENTION.pattern}|{approvers.MAIL.pattern}", approvers.MOST, WHO),
    wording.repository_name: lambda _: NAME,
    wording.client_value: lambda _: {**_place(env=PATH, file=PATH), "type": [*SCALAR["type"], "object"]},
    wording.record_value: lambda _: {
        **_place(topic=RECORD),
        **_text(durations.OFF, f"{{topic: {RECORD_TOPIC}}}, or {durations.OFF}"),
        "type": ["string", "object"],
    },
}
"""A function that looks at what YAML gave -> what it takes, from what the model behind it takes."""

AFTER: Mapping[Callable[..., Any], Json] = {
    wording.not_blank: _text(r".*\S.*", "a word"),
    wording.once_each: {"uniqueItems": True},
    wording.web_address: _text(r"[Hh][Tt][Tt][Pp][Ss]?://[^\s/]\S*", "https://host/path"),
    wording.message: _text(wording.MESSAGE.pattern, "package and message, such as payments.v1.Order"),
    people.chat_room: _text("[^<>]*", 'the room in quotes: "#room"'),
    wording.config_key: _text(wording.CONFIG_KEY.pattern, "it as brokers do: vendor.some.config"),
}
"""A function that looks at a value -> what it asks for beyond the value's type."""

WHOLE: Mapping[Any, Callable[[], Json]] = {wording.scalar: config, wording.consented: allow}
"""A map of values of that function -> the map with the keys that are known."""
