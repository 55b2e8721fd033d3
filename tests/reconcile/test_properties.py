"""Whatever the catalog and whatever is there: plans converge, and nothing is lost without consent."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from provisioner.kinds import TOPICS, topic_hazards
from provisioner.kinds.topic_spec import TopicPolicy, TopicSpec
from provisioner.problem import Span
from provisioner.reconcile import engine
from provisioner.reconcile.change import Action
from provisioner.reconcile.lanes import Lane, Scope
from provisioner.reconcile.model import Consent, Observed, Wanted
from provisioner.reconcile.outcome import State
from tests.contracts.contract import Quiet
from tests.memory import MemoryStore
from tests.topics import live

NAMES = st.sampled_from([f"topic-{index}" for index in range(6)])
CONFIGS = st.dictionaries(
    st.sampled_from(["retention.ms", "retention.bytes", "segment.ms"]),
    st.sampled_from(["-1", "1000", "60000", "604800000"]),
)
SPECS = st.builds(TopicSpec, partitions=st.integers(1, 9), replication_factor=st.integers(1, 4), config=CONFIGS)
POLICIES = st.builds(
    TopicPolicy,
    defaults=st.frozensets(st.sampled_from(["retention.ms", "segment.ms"])),
    external=st.booleans(),
    keep_undeclared=st.booleans(),
)
SEEN = st.builds(
    lambda partitions, replicas, config, inherited: live(
        partitions,
        replicas,
        config,
        "id",
        inherited={key: value for key, value in inherited.items() if key not in config},  # a key is set, or inherited
    ),
    st.integers(1, 9),
    st.integers(1, 4),
    CONFIGS,
    CONFIGS,
)
CONSENTS = st.lists(
    st.builds(
        Consent,
        st.sampled_from([*topic_hazards.SLUGS]),
        st.sampled_from(["id", "3", "6", "1s", "1m", "7d", "inherited"]),
    )
)
CATALOGS = st.dictionaries(NAMES, st.tuples(st.one_of(st.none(), SPECS), POLICIES))
CLUSTERS = st.dictionaries(NAMES, SEEN)

Clusters = dict[str, Observed[TopicSpec]]


Catalog = dict[str, tuple[TopicSpec | None, TopicPolicy]]


def lane(
    catalog: Catalog, store: MemoryStore[TopicSpec], consents: list[Consent], base: Catalog | None = None
) -> Lane[TopicSpec]:
    then = None if base is None else wanted(base, [])
    return Lane(TOPICS, wanted(catalog, consents), store, max_deletions=3, base=then)


def wanted(catalog: Catalog, consents: list[Consent]) -> dict[str, Wanted[TopicSpec]]:
    return {
        name: Wanted(made, Span("x.yaml"), "pay", tuple(consents), policy=policy)
        for name, (made, policy) in catalog.items()
    }


def cluster(seen: Clusters) -> MemoryStore[TopicSpec]:
    return MemoryStore(dict(seen))


@given(CATALOGS, CLUSTERS, st.lists(st.builds(Consent, st.just("x"), st.just("y")), max_size=0) | CONSENTS)
def test_applying_a_plan_leaves_only_what_was_refused(
    catalog: Catalog, seen: Clusters, consents: list[Consent]
) -> None:
    """Planning again gives nothing to do but the refusals, word by word."""
    store = cluster(seen)
    lanes = [lane(catalog, store, consents)]
    plan = engine.plan("prod", lanes)
    outcomes = list(engine.apply(plan, lanes, Quiet()))
    assert {outcome.state for outcome in outcomes} <= {State.DONE, State.REFUSED}
    again = engine.plan("prod", lanes)
    assert {change.key for change in again.changes} == {change.key for change in plan.changes if change.refusals}


@given(CATALOGS, CLUSTERS)
def test_without_consent_nothing_is_ever_lost(catalog: Catalog, seen: Clusters) -> None:
    """No partition, no replica, no topic, no day of retention."""
    store = cluster(seen)
    lanes = [lane(catalog, store, [])]
    list(engine.apply(engine.plan("prod", lanes), lanes, Quiet()))
    for name, observed in seen.items():
        before = observed.resource
        after = store.state[name].resource
        assert after.partitions == before.partitions
        assert after.replication_factor >= before.replication_factor
        for key in ("retention.ms", "retention.bytes"):
            assert _kept(after.config.get(key)) >= _kept(before.config.get(key)) or key not in before.config


def _kept(value: str | None) -> float:
    return float("inf") if value == "-1" else float(value or 0)


@given(CATALOGS, CLUSTERS)
def test_what_no_file_names_is_never_changed(catalog: Catalog, seen: Clusters) -> None:
    """Absence is not a request."""
    plan = engine.plan("prod", [lane(catalog, cluster(seen), [])])
    assert {change.key.name for change in plan.changes} <= catalog.keys()


@given(CATALOGS, CLUSTERS, CONSENTS)
def test_equal_input_gives_an_equal_plan(catalog: Catalog, seen: Clusters, consents: list[Consent]) -> None:
    """To the last byte of its digest."""
    first, second = (engine.plan("prod", [lane(catalog, cluster(seen), consents)]) for _ in range(2))
    assert first == second
    assert first.digest == second.digest


@given(CLUSTERS, CONSENTS)
def test_a_deletion_needs_the_topics_own_id(seen: Clusters, consents: list[Consent]) -> None:
    """And no more of them are done than the cluster allows."""
    plan = engine.plan("prod", [lane(dict.fromkeys(seen, (None, TopicPolicy())), cluster(seen), consents)])
    done = [change for change in plan.changes if change.action is Action.DELETE and not change.refusals]
    assert len(done) <= 3
    assert not done or Consent("delete-topic", "id") in consents


@given(CATALOGS, CATALOGS, CLUSTERS, CONSENTS)
def test_with_a_base_the_rest_converges_and_what_stands_is_left(
    catalog: Catalog, base: Catalog, seen: Clusters, consents: list[Consent]
) -> None:
    """Whatever the base was: a second plan has only refusals, and no field that stands was touched."""
    store = cluster(seen)
    lanes = [lane(catalog, store, consents, base)]
    plan = engine.plan("prod", lanes, may_shrink=True)
    outcomes = list(engine.apply(plan, lanes, Quiet()))
    assert {outcome.state for outcome in outcomes} <= {State.DONE, State.REFUSED}
    again = engine.plan("prod", lanes, may_shrink=True)
    assert {change.key for change in again.changes} <= {change.key for change in plan.changes if change.refusals}
    for change in plan.standing:
        before = seen.get(change.key.name)
        after = store.state.get(change.key.name)
        for field in change.fields:
            was = before.resource.fields().get(field.field) if before else None
            assert (after.resource.fields().get(field.field) if after else None) == was


@given(CATALOGS, CATALOGS, CLUSTERS, CONSENTS)
def test_ours_and_standing_together_are_every_difference(
    catalog: Catalog, base: Catalog, seen: Clusters, consents: list[Consent]
) -> None:
    """Nothing gets lost between the two, and nothing is in both."""
    split = engine.plan("prod", [lane(catalog, cluster(seen), consents, base)], may_shrink=True)
    # What a file named at the base and names no more is a difference that only the base shows.
    everything = replace(lane(catalog, cluster(seen), consents, base), scope=Scope(everything=True))
    whole = engine.plan("prod", [everything], may_shrink=True)
    ours = {(change.key, field.field) for change in split.changes for field in change.fields}
    standing = {(change.key, field.field) for change in split.standing for field in change.fields}
    assert not ours & standing
    assert ours | standing == {(change.key, field.field) for change in whole.changes for field in change.fields}
