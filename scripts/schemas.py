"""JSON Schemas of what people write, for editors: made from the models and their docstrings (docs.py writes them)."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, Field, create_model
from pydantic.json_schema import GenerateJsonSchema
from schema_values import AFTER, BEFORE, LAG, NAME, SPAN, WHOLE, Json, allow, config

from provisioner import wiring
from provisioner.catalog import (
    cluster_declarations,
    team_declarations,
    topic_declarations,
    wording,
)
from provisioner.catalog.cluster_declarations import (
    ClusterDeclaration,
    ClustersFile,
    RepositoryDeclaration,
    SeveritiesDeclaration,
)
from provisioner.catalog.team_declarations import TeamDeclaration
from provisioner.catalog.topic_declarations import ConsumerDeclaration, TopicDeclaration, TopicsFile
from provisioner.catalog.units import Duration

DIALECT = "http://json-schema.org/draft-07/schema#"
"""What editors and check-jsonschema all know."""

SEVERAL = ("$ref", "anyOf")
"""Of a value that is written otherwise than the model keeps it: its default says nothing to who writes."""


def docstrings() -> dict[str, dict[str, str]]:
    """Model -> field -> the text below it."""
    found: dict[str, dict[str, str]] = {}
    sources = map(inspect.getsource, (topic_declarations, team_declarations, cluster_declarations))
    for node in ast.parse("\n".join(sources)).body:
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
    shared = {"Config": config(), "Allow": allow(), "Duration": SPAN, "Lag": LAG}
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
