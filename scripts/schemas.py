"""JSON Schemas of what people write, for editors: made from the models and their docstrings (docs.py writes them)."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, Field, create_model
from pydantic.json_schema import GenerateJsonSchema

from docs import FIXED, what, when
from provisioner import wiring
from provisioner.catalog import approvers, copying, declarations, naming, percents, wording
from provisioner.catalog.declarations import (
    ClusterDeclaration,
    ClustersFile,
    ConsumerDeclaration,
    RepositoryDeclaration,
    SeveritiesDeclaration,
    TeamDeclaration,
    TopicDeclaration,
    TopicsFile,
)
from provisioner.catalog.model import RECORD_TOPIC, Presence
from provisioner.catalog.topic_config import CONFIG_KEYS, LONG, THROTTLES, ConfigKey, Unit
from provisioner.catalog.units import Duration
from provisioner.checks.consents import CHECK_SLUGS
from provisioner.kinds import extra_configs
from provisioner.kinds.hazard_table import HAZARDS
from provisioner.kinds.topic_hazards import SLUGS

Json = dict[str, Any]

DIALECT = "http://json-schema.org/draft-07/schema#"
"""What editors and check-jsonschema all know."""

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
LAG = _loose(f"{DURATION}|{wording.OFF}", f"a duration such as 10m, or {wording.OFF} to switch the alert off")


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


def _config() -> Json:
    known = {key.name: _config_value(key) for key in CONFIG_KEYS.values() if key.name not in THROTTLES}
    return {
        "type": "object",
        "properties": known,
        "additionalProperties": {**SCALAR, "description": "A config that the cluster's extra_configs list."},
        "propertyNames": _text(wording.CONFIG_KEY.pattern, "it as brokers do: retention.ms"),
        "maxProperties": declarations.MOST_SETTINGS,
    }


def _allow() -> Json:
    said = {slug: [when(row) for row in HAZARDS if row.slug == slug and row.asks] for slug in SLUGS}
    words = {slug: "; ".join(rows).replace("`", "") for slug, rows in said.items()}
    words |= {slug: text.replace("`", "") for slug, text in FIXED.items()}
    words |= {slug: f"a topic that the check {slug} is about, as it is" for slug in CHECK_SLUGS}
    values = {slug: {**SCALAR, "description": f"Accepts: {text}."} for slug, text in words.items()}
    values[extra_configs.SLUG] |= {"type": [*SCALAR["type"], "array"], "items": SCALAR}
    known = {"type": "object", "properties": values, "additionalProperties": False}
    return {**known, "maxProperties": declarations.MOST_SETTINGS}


WHO = '"@finance/oncall"'
RECORD = _text(wording.RECORD_NAME.pattern, "_provisioner_ and letters, digits, '.', '_' or '-'")

BEFORE: Mapping[Callable[..., Any], Callable[[Json], Json]] = {
    wording.scalar: lambda _: SCALAR,
    wording.consented: lambda _: SCALAR,
    wording.lag: lambda _: LAG,
    wording.seconds: lambda _: SPAN,
    wording.expected: lambda _: _loose(f"{DURATION}|{wording.OFF}", f"a duration such as 1h, or {wording.OFF}"),
    wording.parameter: lambda _: SCALAR,
    percents.drop: lambda _: _text(f"{percents.PERCENT}|{wording.OFF}", f"a percentage such as 50%, or {wording.OFF}"),
    percents.rise: lambda _: _text(f"{percents.PERCENT}|{wording.OFF}", f"a percentage such as 300%, or {wording.OFF}"),
    percents.skew: lambda _: {
        **_text(wording.OFF, f"a number above 1, or {wording.OFF}"),
        "type": ["number", "string"],
        "exclusiveMinimum": 1,
        "maximum": percents.MOST_SKEW,
    },
    wording.timeout: lambda _: SPAN,
    wording.doubt: lambda _: SPAN,
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
    wording.mentions: lambda _: _names(wording.MENTION.pattern, wording.MOST_MENTIONS, WHO),
    approvers.approvers: lambda _: _names(f"{wording.MENTION.pattern}|{approvers.MAIL.pattern}", approvers.MOST, WHO),
    wording.repository_name: lambda _: NAME,
    wording.client_value: lambda _: {**_place(env=PATH, file=PATH), "type": [*SCALAR["type"], "object"]},
    wording.record_value: lambda _: {
        **_place(topic=RECORD),
        **_text(wording.OFF, f"{{topic: {RECORD_TOPIC}}}, or {wording.OFF}"),
        "type": ["string", "object"],
    },
}
"""A function that looks at what YAML gave -> what it takes, from what the model behind it takes."""

AFTER: Mapping[Callable[..., Any], Json] = {
    wording.once_each: {"uniqueItems": True},
    wording.web_address: _text(r"[Hh][Tt][Tt][Pp][Ss]?://[^\s/]\S*", "https://host/path"),
    wording.message: _text(wording.MESSAGE.pattern, "package and message, such as payments.v1.Order"),
    wording.chat_room: _text("[^<>]*", 'the room in quotes: "#room"'),
    wording.config_key: _text(wording.CONFIG_KEY.pattern, "it as brokers do: vendor.some.config"),
}
"""A function that looks at a value -> what it asks for beyond the value's type."""

WHOLE: Mapping[Any, Callable[[], Json]] = {wording.scalar: _config, wording.consented: _allow}
"""A map of values of that function -> the map with the keys that are known."""

SEVERAL = ("$ref", "anyOf")
"""Of a value that is written otherwise than the model keeps it: its default says nothing to who writes."""


def docstrings() -> dict[str, dict[str, str]]:
    """Model -> field -> the text below it."""
    found: dict[str, dict[str, str]] = {}
    for node in ast.parse(inspect.getsource(declarations)).body:
        if isinstance(node, ast.ClassDef):
            found[node.name] = dict(_below(node))
    return found


def _below(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, text in zip(node.body, node.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            assert isinstance(text, ast.Expr), f"{node.name}.{field.target.id} has no docstring"
            yield field.target.id, ast.literal_eval(text.value)


DOCSTRINGS = docstrings()


class Schema(GenerateJsonSchema):
    """As YAML is read: nothing is null, and what our own functions take."""

    def function_before_schema(self, schema: Any) -> Json:
        function, inner = schema["function"]["function"], schema["schema"]
        return BEFORE[function](self.generate_inner(inner) if function is wording.dead_letter else {})

    def function_after_schema(self, schema: Any) -> Json:
        return {**self.generate_inner(schema["schema"]), **AFTER[schema["function"]["function"]]}

    def dict_schema(self, schema: Any) -> Json:
        value = schema.get("values_schema", {})
        whole = WHOLE.get(value.get("function", {}).get("function"))
        return whole() if whole else super().dict_schema(schema)

    def nullable_schema(self, schema: Any) -> Json:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> Json:
        made, default = self.generate_inner(schema["schema"]), schema.get("default")
        shown = str(default) if isinstance(default, Duration) else default
        return {**made, "default": shown} if isinstance(shown, str | int) and made.keys().isdisjoint(SEVERAL) else made

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: Any) -> Json:
        made, model = super().model_schema(schema), schema["cls"]
        made.pop("title", None)
        for name, field in made.get("properties", {}).items():
            field["description"] = _described(model, name)
        return made


def _described(model: type[BaseModel], name: str) -> str:
    return next(DOCSTRINGS[base.__name__][name] for base in model.__mro__ if name in DOCSTRINGS.get(base.__name__, {}))


def _filed(model: type[BaseModel], **fields: Any) -> type[BaseModel]:
    """The top of a file, with what its entries are."""
    made = {name: (kind, Field(default_factory=dict)) for name, kind in fields.items()}
    return create_model(model.__name__, __base__=model, __doc__=model.__doc__, **made)


def topics() -> Json:
    entries = {"topics": TopicDeclaration, "consumers": ConsumerDeclaration, **wiring.sections()}
    return _made(_filed(TopicsFile, **{word: list[entry] for word, entry in entries.items()})) | {"minProperties": 1}  # type: ignore[valid-type]


def team() -> Json:
    return _made(TeamDeclaration) | {"type": ["object", "null"]}


def clusters() -> Json:
    made = _made(_filed(ClustersFile, clusters=dict[str, ClusterDeclaration])) | {"minProperties": 1}
    for model in (SeveritiesDeclaration, RepositoryDeclaration):
        made["properties"] |= _made(model)["properties"]
    made["properties"]["clusters"]["propertyNames"] = NAME
    return made


def _made(model: type[BaseModel]) -> Json:
    shared = {"Config": _config(), "Allow": _allow(), "Duration": SPAN, "Lag": LAG}
    made = _referring(model.model_json_schema(schema_generator=Schema), shared)
    used = {name: each for name, each in shared.items() if f'"#/$defs/{name}"' in json.dumps(made)}
    return made | {"$defs": {**made.get("$defs", {}), **used}}


def _referring(node: Any, shared: Json) -> Any:
    """With a reference in place of each schema that is shared."""
    if isinstance(node, list):
        return [_referring(each, shared) for each in node]
    if not isinstance(node, dict):
        return node
    plain = {word: value for word, value in node.items() if word != "description" and word != "default"}
    name = next((name for name, each in shared.items() if plain == each), None)
    if name is None:
        return {word: _referring(value, shared) for word, value in node.items()}
    return {word: node[word] for word in ("description", "default") if word in node} | {"$ref": f"#/$defs/{name}"}


SCHEMAS: Mapping[str, Callable[[], Json]] = {"topics": topics, "team": team, "clusters": clusters}
TITLES = {
    "topics": "A team's topics and consumers",
    "team": "A team: team.yaml",
    "clusters": "The clusters: clusters.yaml",
}


def text(name: str) -> str:
    """The file of one schema."""
    made = {"$schema": DIALECT, "title": TITLES[name], **SCHEMAS[name]()}
    return json.dumps(made, indent=2) + "\n"
