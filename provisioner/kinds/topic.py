"""A topic: partitions, replication factor and config overrides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from provisioner.catalog import model as catalog
from provisioner.kinds import topic_hazards
from provisioner.reconcile.model import Consent, Hazard, Wanted

NAME = "topic"


@dataclass(frozen=True, slots=True)
class Topic:
    """Wanted: what the files say. Observed: what is set on the topic itself (config source 1, DYNAMIC_TOPIC).

    Only wanted: `defaults` names the config keys that the topic's own entry does not mention, `external` is somebody
    else's topic, `keep_undeclared` leaves overrides alone that no file names.
    Only observed: `inherited` has values that come from the broker, `topic_id` is the topic's own.
    """

    partitions: int
    replication_factor: int
    config: Mapping[str, str] = field(default_factory=dict)
    defaults: frozenset[str] = field(default=frozenset(), compare=False)
    external: bool = field(default=False, compare=False)
    keep_undeclared: bool = field(default=False, compare=False)
    inherited: Mapping[str, str] = field(default_factory=dict, compare=False)
    topic_id: str | None = field(default=None, compare=False)

    def fields(self) -> Mapping[str, str]:
        """`partitions`, `replication_factor`, and `config.<key>` for each override."""
        config = {f"config.{key}": value for key, value in self.config.items()}
        return {"partitions": str(self.partitions), "replication_factor": str(self.replication_factor), **config}

    def meeting(self, observed: Topic | None) -> Topic:
        """A default that the live topic already inherits from its broker needs no override of its own."""
        if observed is None:
            return self
        if self.external:
            return observed
        config = {key: value for key, value in self.config.items() if not self._inherits(key, value, observed)}
        if self.keep_undeclared:
            config = {**observed.config, **config}
        return Topic(self.partitions, self.replication_factor, config)

    def _inherits(self, key: str, value: str, observed: Topic) -> bool:
        return key in self.defaults and key not in observed.config and observed.inherited.get(key) == value


def wanted(declared: catalog.Catalog) -> dict[str, Wanted[Topic]]:
    """Every declared topic of the catalog by name."""
    keep = declared.cluster.keep_undeclared
    return {name: _wanted(topic, keep) for name, topic in declared.topics.items()}


def _wanted(topic: catalog.Topic, keep_undeclared: bool) -> Wanted[Topic]:
    consents = tuple(Consent(c.slug, topic_hazards.canonical(c.slug, c.value)) for c in topic.consents)
    resource = None if topic.state is catalog.State.ABSENT else _resource(topic, keep_undeclared)
    return Wanted(resource, topic.span, topic.team.name, consents)


def _resource(topic: catalog.Topic, keep_undeclared: bool) -> Topic:
    return Topic(
        partitions=int(topic.partitions.value),
        replication_factor=int(topic.replication_factor.value),
        config={key: setting.value for key, setting in topic.config.items()},
        defaults=frozenset(key for key, setting in topic.config.items() if setting.origin.is_default),
        external=topic.state is catalog.State.EXTERNAL,
        keep_undeclared=keep_undeclared,
    )


def hazards(before: Topic | None, after: Topic | None) -> Iterable[Hazard]:
    """Every danger of going from `before` to `after`."""
    if before is None:
        return topic_hazards.of_missing(after.external) if after else ()
    if after is None:
        return topic_hazards.of_deleting(before.topic_id)
    effective = {f"config.{key}": value for key, value in before.inherited.items() if key in after.config}
    return topic_hazards.of_changing({**effective, **before.fields()}, after.fields())
