"""Entries and a team's defaults -> YAML as a person would write it, in human units where they are exact."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from provisioner.catalog.documents import parse
from provisioner.catalog.model import Presence
from provisioner.catalog.reserved_names import INTERNAL, RESERVED_NAMES
from provisioner.catalog.topic_config import CONFIG_KEYS, ConfigValueError, Unit, normal
from provisioner.catalog.units import written, written_size
from provisioner.importing.entry import TopicEntry
from provisioner.importing.team_defaults import TeamDefaults

WIDEST = 110
"""A map that does not fit in so many columns gets a line for each key."""

_HUMAN: Mapping[Unit, tuple[Callable[[int], str], int]] = {Unit.MS: (written, 1000), Unit.BYTES: (written_size, 1024)}
"""How a unit's values are written, and of what they must be multiples for that to be shorter."""


def topics(entries: Sequence[TopicEntry]) -> str:
    """A file of entries."""
    return "topics:\n" + items(entries, "  ")


def external(entries: Sequence[TopicEntry], protected: Sequence[str]) -> str:
    """A file of topics that others keep, with the reasons for taking them as such."""
    rows = [(pattern, "protected on this cluster (clusters.yaml)") for pattern in protected]
    rows += [(row.pattern, row.why) for row in RESERVED_NAMES if row.pattern != INTERNAL]
    table = "".join(f"#   {pattern:24} {why}\n" for pattern, why in rows)
    head = "# Other programs make these topics and keep them. They are watched, never changed. Known by their names:\n"
    return f"{head}{table}{topics(entries)}"


def items(entries: Iterable[TopicEntry], indent: str) -> str:
    """The entries alone, for the end of a `topics:` list whose dashes stand behind `indent`."""
    return "".join(f"{indent}{line}\n" for entry in entries for line in _entry(entry))


def team(defaults: TeamDefaults) -> str:
    """A new team.yaml: valid as it is, and saying what belongs there."""
    lines = [
        "# The team whose folder this is. Its alerts find nobody before these say where:",
        '#   chat: "#room"',
        "#   runbook: https://wiki.example.com/kafka",
        "severity: warning                   # a word of your Alertmanager; who is to be woken writes page",
    ]
    lines += ["defaults:  # what most of its topics have"] if defaults else []
    return "\n".join([*lines, *(f"  {line}" for line in _defaults(defaults))]) + "\n"


def _defaults(defaults: TeamDefaults) -> Iterator[str]:
    yield from _counts(defaults.partitions, defaults.replication_factor)
    yield from _map("config", {key: setting(key, value) for key, value in defaults.config.items()})


def _counts(partitions: int | None, replicas: int | None) -> list[str]:
    counts = {"partitions": partitions, "replication_factor": replicas}
    return [f"{name}: {value}" for name, value in counts.items() if value is not None]


def _entry(entry: TopicEntry) -> Iterator[str]:
    yield from (f"# {comment}" for comment in entry.comments)
    yield f"- name: {scalar(entry.name, as_text=True)}"
    yield from (f"  {line}" for line in _fields(entry))


def _fields(entry: TopicEntry) -> Iterator[str]:
    if entry.state is not Presence.PRESENT:
        yield f"state: {entry.state}"
    if entry.clusters:
        yield f"clusters: [{', '.join(scalar(name, as_text=True) for name in entry.clusters)}]"
    yield from _counts(entry.partitions, entry.replication_factor)
    yield from _map("config", {key: setting(key, value) for key, value in entry.config.items()})
    if entry.lag is not None:
        yield f"lag: {entry.lag}"
    consents = {slug: scalar(value, as_text=not value.isdigit()) for slug, value in entry.allow.items()}
    yield from _map("allow", consents)


def _map(name: str, values: Mapping[str, str]) -> list[str]:
    if not values:
        return []
    line = f"{name}: {{{', '.join(f'{key}: {value}' for key, value in values.items())}}}"
    if len(line) <= WIDEST:
        return [line]
    return [f"{name}:", *(f"  {key}: {value}" for key, value in values.items())]


@lru_cache(maxsize=10_000)
def setting(key: str, value: str) -> str:
    """A config's value as YAML: `7d` for 604800000 milliseconds, `512MiB` for bytes, in quotes where it must be."""
    unit = CONFIG_KEYS[key].unit if key in CONFIG_KEYS else Unit.WORD
    human, step = _HUMAN.get(unit, (str, 1))
    if value.isdigit() and int(value) and int(value) % step == 0 and _reads(key, human(int(value)), value):
        return scalar(human(int(value)))
    return scalar(value)


def _reads(key: str, text: str, value: str) -> bool:
    try:
        return normal(key, text) == value
    except ConfigValueError:
        return False


@lru_cache(maxsize=10_000)
def scalar(text: str, as_text: bool = False) -> str:
    """The text as YAML, in quotes unless our reader makes the same of it without them."""
    document, problems = parse("", f"a: [{text}]\nb: {text}\n".encode())
    data = document.data
    plain = not problems and isinstance(data, dict) and data.get("a") == [data.get("b")]
    same = plain and (data["b"] == text if as_text else _spelled(data["b"]) == text)
    return text if same else '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _spelled(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
