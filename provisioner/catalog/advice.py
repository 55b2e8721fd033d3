"""A field that may not stand where it does: what its writer means, where that belongs, and how it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from provisioner.catalog import synonyms
from provisioner.catalog.cluster_declarations import ClusterDeclaration, ClustersFile
from provisioner.catalog.team_declarations import TeamDeclaration
from provisioner.catalog.topic_config import ConfigValueError, example, normal
from provisioner.catalog.topic_declarations import ConsumerDeclaration, TopicDeclaration, TopicFields, TopicsFile

Model = type[BaseModel]

HOMES: Mapping[Model, str] = {
    TopicDeclaration: "in a topic's entry, beside its `name:`",
    ConsumerDeclaration: "in a consumer's entry, below `consumers:`",
    TeamDeclaration: "in team.yaml",
    ClusterDeclaration: "in a cluster's entry in clusters.yaml",
    TopicsFile: "at the beginning of a line in topics/<team>/<any>.yaml",
    ClustersFile: "at the beginning of a line in clusters.yaml",
}
"""What has fields, and where it stands."""

_FOLDER = "the folder is the owner: move the entry to the folder of its team"
_CONSUMERS = (
    "consumers have a list of their own beside `topics:`; write `consumers:` and `- {topic: NAME, group: GROUP}`"
)
_SAYINGS: tuple[tuple[Model, str, str], ...] = (
    (TopicFields, "owner owners owned_by team", _FOLDER),
    (ConsumerDeclaration, "owner owners owned_by team", _FOLDER),
    (TeamDeclaration, "owner team name", "the folder is the name of the team: remove the line"),
    (ClusterDeclaration, "name", "the key above is the name of the cluster: remove the line"),
    (TopicFields, "consumers consumer groups group consumer_group consumer_groups readers", _CONSUMERS),
    (
        ClusterDeclaration,
        "password user username sasl_username sasl_password sasl_mechanism security_protocol",
        "it belongs in client:, by librdkafka's own name; a secret as {env: NAME} or {file: PATH}",
    ),
    (TopicFields, "compact compacted compaction", "write config: {cleanup.policy: compact}"),
    (TopicFields, "delete deleted remove absent", "write state: absent"),
    (TopicFields, "external", "write state: external"),
)
"""Where, words, and what to say to who wrote one of them there."""

_QUIET = frozenset({"bootstrap", "client", "cluster_id"})
"""Fields of a connection: what stands there may be a secret, and is not repeated."""

_LISTS = frozenset({"clusters", "protected"})
_REPEATED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,40}")


def advice(place: Model | None, name: str, value: Any) -> str:
    """What to write in place of an unknown field; empty where it is only a word. `place`: what it was written in."""
    if place is None:
        return ""
    makers = (_saying, _synonym, _config, _inside, _elsewhere)
    return next(filter(None, (maker(place, name, value) for maker in makers)), "")


def in_config(key: str) -> str:
    """As `advice`, for a key of `config:` that is no topic config."""
    meant = synonyms.field(key, TopicDeclaration.model_fields)
    if meant and meant != "config" and not synonyms.config(key):
        return f"write {meant}: beside `config:`, not in it"
    return f"did you mean {config!r}?" if (config := synonyms.config(key)) else ""


def _saying(place: Model, name: str, _: Any) -> str:
    word = synonyms.plain(name)
    return next((say for model, words, say in _SAYINGS if issubclass(place, model) and word in words.split()), "")


def _synonym(place: Model, name: str, value: Any) -> str:
    meant = synonyms.field(name, place.model_fields)
    shown = "" if meant in _QUIET else _repeated(value)
    return f"write {meant}:{f' [{shown.strip()}]' if shown and meant in _LISTS else shown}" if meant else ""


def _config(place: Model, name: str, value: Any) -> str:
    key = synonyms.config(name)
    if not key or place is ClustersFile:
        return ""
    written = f"config: {{{key}: {_setting(key, value)}}}"
    if "config" in place.model_fields:
        return f"write {written}"
    if "defaults" in place.model_fields:
        return f"write defaults: {{{written}}}"
    return f"in a topic's entry, write {written}" if place in HOMES else ""


def _setting(key: str, value: Any) -> str:
    """The value where the config takes it, else an example."""
    parts = value if isinstance(value, list) else [value]
    text = ",".join(str(part).lower() if isinstance(part, bool) else str(part) for part in parts[:20])
    try:
        normal(key, text)
    except ConfigValueError:
        return example(key, value).split(" or ")[0]
    return f'"{text}"' if "," in text else text


def _inside(place: Model, name: str, value: Any) -> str:
    """A field of a map that may stand here: `partitions` in team.yaml is a field of its `defaults:`."""
    outer = [field for field, model in maps_of(place) if name in model.model_fields]
    return f"write {outer[0]}: {{{name}:{_repeated(value) or ' ...'}}}" if len(outer) == 1 else ""


def _elsewhere(place: Model, name: str, value: Any) -> str:
    homes = [home for model, home in HOMES.items() if model is not place and name in model.model_fields]
    if name == "clusters":
        homes = [HOMES[ClustersFile if isinstance(value, dict) else TopicDeclaration]]
    return f"{name}: belongs {', or '.join(homes)}" if homes and place in _WRITTEN else ""


def _repeated(value: Any) -> str:
    """A plain value behind the colon of what to write; nothing for others."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f" {text}" if not isinstance(value, (dict, list)) and _REPEATED.fullmatch(text) else ""


def model_at(model: Model, loc: tuple[str | int, ...]) -> Model | None:
    """The model of what stands at `loc` below a model's data; None for a plain map."""
    current: Model | None = model
    for step in loc:
        if current and step in current.model_fields:
            current = _model_in(current, str(step))
    return current


@cache
def maps_of(model: Model) -> tuple[tuple[str, Model], ...]:
    """The fields of a model that are models themselves."""
    return tuple((field, inner) for field in model.model_fields if (inner := _model_in(model, field)))


@cache
def _model_in(model: Model, field: str) -> Model | None:
    return next(_models(model.model_fields[field].annotation), None)


def _models(annotation: Any) -> Iterator[Model]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


_WRITTEN = frozenset({*HOMES, TopicFields, *(inner for home in HOMES for _, inner in maps_of(home))})
"""What people write in declarations; a template's or a profile's header is none of it."""
