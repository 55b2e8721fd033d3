"""A topic: partitions, replication factor and config overrides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from provisioner.catalog import model as catalog
from provisioner.catalog import topic_config
from provisioner.catalog.destinations import Brokers, Destination
from provisioner.kinds import extra_configs, topic_hazards, topic_words
from provisioner.kinds.kind import Context, Kind
from provisioner.kinds.topic_spec import MIN_INSYNC, NO_FACTS, NO_POLICY, TopicFacts, TopicPolicy, TopicSpec, resolved
from provisioner.line import Line
from provisioner.reconcile.change import Change
from provisioner.reconcile.entry import Applied
from provisioner.reconcile.kind import Pruning, Recall
from provisioner.reconcile.model import Consent, Hazard, Observed, Wanted, fields_changed
from provisioner.reconcile.on_demand import Each

CONFIG, REPLICAS = topic_words.CONFIG, topic_words.REPLICAS
INHERITED = topic_hazards.INHERITED
MESSAGE = "message"
"""Of what is asked for, the one field that no broker knows."""


class _Topics(Kind[TopicSpec]):
    """A topic goes on request only."""

    name = "topic"
    lane = "topics"
    nouns = ("topic", "topics")
    pruning = Pruning.NEVER
    derived = False
    of_topics = True
    slow = frozenset({REPLICAS})

    def destinations(self, cluster: catalog.Cluster) -> Iterable[Destination]:
        """The brokers themselves."""
        return (Brokers(),)

    def wanted(self, declared: catalog.Catalog, context: Context) -> Mapping[str, Wanted[TopicSpec]]:
        """Every declared topic by name."""
        return Each(declared.topics, lambda name: _wanted(declared.topics[name], declared.cluster))

    def asked(self, want: Wanted[TopicSpec]) -> dict[str, str]:
        """What is set of it, what is to be inherited, and `message`."""
        spec, policy = want.resource, _policy(want)
        if spec is None or policy.external:
            return {}
        message = {MESSAGE: policy.message} if policy.message else {}
        return {**spec.fields(), **{CONFIG + key: INHERITED for key in policy.inherited}, **message}

    def defaults(self, want: Wanted[TopicSpec]) -> frozenset[str]:
        """Configs by their fields."""
        counts = {"partitions", REPLICAS}
        return frozenset(name if name in counts else CONFIG + name for name in _policy(want).defaults)

    def live(self, seen: Observed[TopicSpec]) -> dict[str, str]:
        """Overrides, and of what matters also what is inherited."""
        inherited = {CONFIG + key: value for key, value in _facts(seen).inherited.items()}
        return {**inherited, **seen.resource.fields()}

    def unconfirmed(self, seen: Observed[TopicSpec]) -> frozenset[str]:
        """Replicas count when every partition has them in sync; no more are asked to be in sync before that."""
        facts = _facts(seen)
        if facts.growing:
            return frozenset({REPLICAS, CONFIG + MIN_INSYNC})
        return frozenset() if facts.in_sync and not seen.resource.is_uneven else frozenset({REPLICAS})

    def added(self, want: Wanted[TopicSpec], seen: Observed[TopicSpec]) -> dict[str, str]:
        """Overrides of keys that we know; throttles are their owner's."""
        policy = _policy(want)
        if want.resource is None or policy.external:
            return {}
        asked = want.resource.config.keys() | policy.inherited | topic_config.THROTTLES
        config = seen.resource.config
        return {CONFIG + key: config[key] for key in config.keys() - asked if topic_config.is_known(key)}

    def is_kept(self, want: Wanted[TopicSpec]) -> bool:
        """Not what is somebody else's."""
        return want.resource is not None and not _policy(want).external

    def informed(
        self,
        want: Wanted[TopicSpec],
        seen: Observed[TopicSpec] | None,
        recall: Recall,
        base: Wanted[TopicSpec] | None,
    ) -> Wanted[TopicSpec]:
        """With the overrides that the files dropped, and the danger of another message."""
        policy = _policy(want)
        if want.resource is None or seen is None or policy.external:
            return want
        undeclared = seen.resource.config.keys() - want.resource.config.keys()
        if not undeclared and policy.message is None:
            return want
        then = _before(recall(), base)
        named = {key.removeprefix(CONFIG) for key in then} & undeclared
        dangers = tuple(topic_hazards.of_messages(then.get(MESSAGE), policy.message))
        return replace(want, policy=replace(policy, dropped=policy.dropped | named), hazards=dangers)

    def resolved(self, asked: TopicSpec, want: Wanted[TopicSpec], seen: Observed[TopicSpec] | None) -> TopicSpec:
        """As the function of that name."""
        return resolved(asked, _policy(want), seen.resource if seen else None, _facts(seen))

    def changed_since(self, base: Wanted[TopicSpec], want: Wanted[TopicSpec]) -> frozenset[str] | None:
        """The fields declared otherwise than at the base; None if it became or ceased to be somebody else's topic."""
        then, now, mine = _policy(base), _policy(want), want.resource
        if now.external != then.external or base.resource is None or mine is None:
            return None
        if now.external:
            return frozenset()
        return frozenset(each.field for each in fields_changed(self.asked(base), self.asked(want)))

    def hazards(
        self, seen: Observed[TopicSpec] | None, want: Wanted[TopicSpec], after: TopicSpec | None
    ) -> Iterable[Hazard]:
        """Every danger of going from what is there to `after`."""
        if seen is None:
            return topic_hazards.of_missing(_policy(want).external) if after else ()
        if after is None:
            return topic_hazards.of_deleting(_facts(seen).topic_id)
        return _of_changing(seen, want, after)

    def noticed(self, same: Mapping[str, Wanted[TopicSpec]], found: Mapping[str, Observed[TopicSpec]]) -> Iterable[str]:
        """Overrides of topics that do not change, which no file names and of which nothing is known."""
        return _unknown_overrides(same, found)

    def words(self, change: Change[TopicSpec], whole: bool) -> Iterator[Line]:
        return topic_words.words(change)

    def label(self, field: str) -> str:
        return topic_words.label(field)

    def shown(self, field: str, value: str) -> str:
        return topic_words.shown(field, value)

    def removal(self, name: str, identity: str, cluster: str) -> str:
        """A tombstone."""
        consent = f'{{{topic_hazards.DELETE_TOPIC}: "{identity}"}}'
        return f"- {{name: {name}, clusters: [{cluster}], state: absent, allow: {consent}}}"

    def consent(self, change: Change[TopicSpec], missing: Sequence[Hazard]) -> str:
        return topic_words.consent(change, missing)


TOPICS = _Topics()


def _before(applied: Applied | None, base: Wanted[TopicSpec] | None) -> Mapping[str, str]:
    """What was asked for before, by the record or at the base."""
    if applied is not None:
        return applied.asked
    return TOPICS.asked(base) if base is not None else {}


def _wanted(topic: catalog.Topic, cluster: catalog.Cluster) -> Wanted[TopicSpec]:
    gone = topic.state is catalog.Presence.ABSENT
    resource = None if gone else _spec(topic)
    policy = _policy_of(topic, cluster)
    places = {CONFIG + key: setting.span for key, setting in topic.config.items() if setting.origin.is_default}
    consents = tuple(_consents(topic))
    return Wanted(resource, topic.span, topic.team.name, consents, places=places, policy=policy)


def _policy(want: Wanted[TopicSpec]) -> TopicPolicy:
    return want.policy or NO_POLICY


def _facts(seen: Observed[TopicSpec] | None) -> TopicFacts:
    return (seen.facts if seen else None) or NO_FACTS


def _spec(topic: catalog.Topic) -> TopicSpec:
    config = {key: setting.value for key, setting in topic.config.items()}
    return TopicSpec(topic.partitions.value, topic.replication_factor.value, config)


def _policy_of(topic: catalog.Topic, cluster: catalog.Cluster) -> TopicPolicy:
    origins = {key: setting.origin for key, setting in topic.config.items()}
    origins |= {"partitions": topic.partitions.origin, REPLICAS: topic.replication_factor.origin}
    return TopicPolicy(
        defaults=frozenset(name for name, origin in origins.items() if origin.is_default),
        external=topic.state is catalog.Presence.EXTERNAL,
        keep_undeclared=cluster.keep_undeclared,
        inherited=frozenset(_inherited(topic, cluster)),
        extra=cluster.extra_configs,
        message=topic.message,
    )


def _inherited(topic: catalog.Topic, cluster: catalog.Cluster) -> set[str]:
    """The extra configs whose own entry says that they are to be inherited."""
    inherited = {extra_configs.inherited(given.value) for given in _of_entry(topic, extra_configs.SLUG)}
    return {*(inherited & cluster.extra_configs)} - topic.config.keys()


def _of_entry(topic: catalog.Topic, slug: str) -> Iterable[catalog.Consent]:
    return (given for given in topic.consents if given.slug == slug and not given.origin.is_default)


def _consents(topic: catalog.Topic) -> Iterable[Consent]:
    for given in topic.consents:
        by = "entry" if given.slug in topic_hazards.SLUGS and given.slug not in topic_hazards.LASTING else "check"
        if given.origin.is_default:
            if not _reaches(topic, given):
                continue
            by = "defaults"
        yield Consent(given.slug, topic_hazards.canonical(given.slug, given.value), by)


def _reaches(topic: catalog.Topic, given: catalog.Consent) -> bool:
    """A consent among defaults covers a value that comes from those very defaults, and nothing else."""
    extra = given.slug == extra_configs.SLUG
    fields = extra_configs.fields(given.value) if extra else topic_hazards.OF_FIELD.get(given.slug, ())
    return any(setting.origin is given.origin for field in fields if (setting := _setting(topic, field)))


def _setting(topic: catalog.Topic, field: str) -> catalog.Setting[int] | catalog.Setting[str] | None:
    counts = {"partitions": topic.partitions, REPLICAS: topic.replication_factor}
    return counts.get(field) or topic.config.get(field.removeprefix(CONFIG))


def _unknown_overrides(
    wanted: Mapping[str, Wanted[TopicSpec]], found: Mapping[str, Observed[TopicSpec]]
) -> Iterable[str]:
    topics: dict[str, list[str]] = {}
    extra: frozenset[str] = frozenset()
    for name, want in wanted.items():
        policy = _policy(want)
        if want.resource is None or policy.external or name not in found:
            continue
        extra = policy.extra
        for key in found[name].resource.config.keys() - want.resource.config.keys():
            if not topic_config.is_known(key):
                topics.setdefault(key, []).append(name)
    return [extra_configs.remark(key, topics[key], key in extra) for key in sorted(topics)]


def _of_changing(seen: Observed[TopicSpec], want: Wanted[TopicSpec], after: TopicSpec) -> Iterable[Hazard]:
    """A new override is judged against what was inherited, a removed one against what it falls back to."""
    before, facts, asked = seen.resource, _facts(seen), want.resource
    added, removed = after.config.keys() - before.config.keys(), before.config.keys() - after.config.keys()
    old = {CONFIG + key: facts.inherited[key] for key in added if key in facts.inherited}
    new = {CONFIG + key: facts.fallback[key] for key in removed if key in facts.fallback}
    # What is inherited before and after is no change, and still tells what kind of topic this is.
    both = {CONFIG + key: value for key, value in facts.inherited.items() if key not in added}
    gone = frozenset(CONFIG + key for key in removed)
    yield from topic_hazards.of_changing({**both, **old, **before.fields()}, {**both, **new, **after.fields()}, gone)
    yield from extra_configs.of_changing(before.config, after.config)
    kept = after.config.keys() - asked.config.keys() if asked else frozenset()
    yield from extra_configs.of_kept(kept, _policy(want).extra)
