"""What topics inherit from their brokers: several are asked, since in a rolling upgrade they differ.

An answer is that of the broker that gave it: the values of the others are not in it (measured on 4.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from provisioner.catalog.topic_config import shown
from provisioner.errors import UnreachableError
from provisioner.stores.kafka import reading
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.reading import Configs

BROKERS = 3
"""So many are asked: of a few brokers all, so that a plan does not depend on which one answers."""

LOOKS = 12
"""A listing names any broker as the next to be asked: so many of them for three different ones."""

MOST_SAMPLES = 5
ANOTHER = "another broker"
UNLISTED = "does not list it"

Seen = dict[str | None, str]
"""Value -> the first broker that has it; None: the broker does not list the key at all."""


@dataclass(frozen=True, slots=True)
class Inherited:
    """Key -> what topics without an override get, where brokers agree; where they do not, what each has, in words."""

    values: Mapping[str, str]
    unsettled: Mapping[str, str]


def inherited(connection: Connection, known: Mapping[str, Configs], keys: frozenset[str]) -> Inherited:
    """By the topics that were read already, and by a few of them read again from other brokers."""
    seen: dict[str, Seen] = {key: {} for key in keys}
    samples = _samples(known, keys)
    for broker, configs in _answers(connection, samples, keys):
        _add(seen, broker, configs.values())
    _add(seen, ANOTHER, (known[name] for name in samples))
    for config in known.values():
        for key, value in config.inherited.items():
            seen[key].setdefault(value, ANOTHER)
    agreed = {key: value for key, each in seen.items() if len(each) == 1 for value in each if value is not None}
    return Inherited(agreed, {key: _worded(key, each) for key, each in sorted(seen.items()) if len(each) > 1})


def remarks(found: Inherited) -> tuple[str, ...]:
    """One for each key on which the brokers do not agree."""
    return tuple(
        f"the brokers do not agree on {key} ({each}), as in a rolling upgrade: a default sets nothing there, "
        "and what a topic inherits counts as not known; plan again when they agree"
        for key, each in found.unsettled.items()
    )


def _samples(known: Mapping[str, Configs], keys: frozenset[str]) -> list[str]:
    """A few topics, so that each key is inherited by one of them."""
    samples, left = list[str](), keys
    for name, config in known.items():
        if left - config.overrides.keys() and len(samples) < MOST_SAMPLES:
            samples.append(name)
            left &= config.overrides.keys()
    return samples


def _answers(
    connection: Connection, samples: Sequence[str], keys: frozenset[str]
) -> Iterator[tuple[str, Mapping[str, Configs]]]:
    """A second look is worth no failed plan: where a broker dies meanwhile, those before it count."""
    asked = set[int]()
    try:
        for _ in range(LOOKS if samples else 0):
            view = reading.listing(connection, samples[0])
            if view.controller not in asked:
                asked.add(view.controller)
                answers = reading.configs(connection, samples, keys, tries=1)
                yield f"broker {view.controller}", {name: got for name, got in answers if isinstance(got, Configs)}
            if len(asked) >= min(BROKERS, len(view.brokers)):
                return
    except UnreachableError:
        return


def _add(seen: dict[str, Seen], broker: str, configs: Iterable[Configs]) -> None:
    for config in configs:
        for key in seen.keys() - config.overrides.keys():
            seen[key].setdefault(config.inherited.get(key), broker)


def _worded(key: str, seen: Seen) -> str:
    """`broker 1: 3600000 (1h), broker 2: does not list it`."""
    rows = sorted((broker, UNLISTED if value is None else shown(key, value)) for value, broker in seen.items())
    return ", ".join(f"{broker}: {value}" for broker, value in rows)
