"""A plan with a base looks at what the files changed, and comes to the same as one that looks at everything."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from provisioner import opening, wiring
from provisioner.catalog import beside, catalog, folder
from provisioner.catalog.known import Known
from provisioner.catalog.model import Catalog
from provisioner.kinds import KINDS, TOPICS
from provisioner.kinds.kind import Context
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.past import BaseState, Past
from provisioner.problem import Severity
from provisioner.reconcile import engine
from provisioner.reconcile.entry import Applied
from provisioner.reconcile.lanes import Lane, Scope
from provisioner.reconcile.model import Key, Observed
from provisioner.reconcile.plan import Plan
from provisioner.reconcile.record import Record, Standing
from provisioner.report import machine
from provisioner.templates import Templates, load
from tests.contracts.contract import Quiet
from tests.fleets import NAMES, Fleet, pairs, write
from tests.memory import MemoryStore

Stores = Mapping[str, MemoryStore[Any]]
TEMPLATES = load()
WHOLE = Scope(since_base=True)
CHANGED = replace(WHOLE, only_changed=True)
by_hand = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["gone", "1", "9"]), max_size=3)


def lanes_of(now: Catalog, past: Past, templates: Templates, stores: Stores) -> list[Lane[Any]]:
    """The program's own, with stores in memory in place of the real ones."""
    context = opening.RunContext(templates, {}, print)
    made = wiring.lanes(now, context, None, past)
    return [replace(lane, store=stores[lane.kind.name]) for lane in made]


def applied(then: Catalog, fixes: Mapping[str, str]) -> Stores:
    """A cluster as the base asks for it, but for what somebody did by hand."""
    stores: Stores = {kind.name: MemoryStore[Any]() for kind in KINDS.values()}
    lanes = lanes_of(then, Past(), TEMPLATES, stores)
    list(engine.apply(engine.plan("prod", lanes), lanes, Quiet()))
    topics = stores["topic"].state
    for name in topics.keys() & fixes.keys():
        seen = topics[name]
        fixed = {**seen.resource.config, "retention.ms": fixes[name]}
        spec = TopicSpec(seen.resource.partitions, seen.resource.replication_factor, fixed)
        topics[name] = Observed(spec, seen.identity, facts=seen.facts)
        if fixes[name] == "gone":
            del topics[name]
    return stores


def recorded(then: Catalog) -> Record:
    """What an apply of those files noted of their topics."""
    wanted = TOPICS.wanted(then, Context())
    texts = {Key(TOPICS.name, name): Applied(TOPICS.asked(want)).text() for name, want in wanted.items()}
    return Record(Standing.KEPT, "_record", texts)


@settings(max_examples=60, deadline=None)
@given(pairs(), by_hand, st.booleans(), st.booleans(), st.sampled_from(["prod", "staging"]))
def test_what_is_looked_at_alone_is_planned_as_by_looking_at_everything(
    both: tuple[Fleet, Fleet], fixes: Mapping[str, str], has_other_templates: bool, is_recorded: bool, cluster: str
) -> None:
    """Changes, fingerprints, digest, and what stays behind: whatever the two versions and whatever hands did."""
    with tempfile.TemporaryDirectory() as scratch:
        now = folder.read(write(Path(scratch) / "now", both[1]), lenient=True)
        path = write(Path(scratch) / "then", both[0])
        shared, alone = (folder.read(path, called="base:topics", known=known) for known in (Known(now), None))
    today, unfit = catalog.catalogs(now)
    assume(not any(problem.severity is Severity.ERROR for problem in (*now.problems, *unfit)))
    quick, slow = beside.catalogs(shared, now, today)[0][cluster], catalog.catalogs(alone)[0][cluster]
    stores = applied(slow, fixes)
    old = replace(TEMPLATES, alerts=dict(list(TEMPLATES.alerts.items())[:1])) if has_other_templates else TEMPLATES
    record = recorded(slow) if is_recorded else Record()
    pasts = (
        Past(record, BaseState(slow, old), WHOLE),
        Past(record, BaseState(quick, old), CHANGED),
    )
    lanes = [lanes_of(today[cluster], past, TEMPLATES, stores) for past in pasts]
    plans = [engine.plan(cluster, each, may_shrink=True) for each in lanes]
    whole, part = plans
    event(f"not looked at: {bool(part.not_looked_at)}, changes: {bool(part.changes)}")
    expected, found = map(machine.plan_document, plans)
    for same in ("changes", "digest", "declared", "unmanaged", "held", "stopped"):
        assert found[same] == expected[same]
    left = [remark for remark in whole.remarks if "in no file of" in remark]
    assert [remark for remark in part.remarks if "in no file of" in remark] == left
    for kind, count in part.declared.items():
        assert part.unchanged[kind] + part.not_looked_at.get(kind, 0) <= count


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    """Three teams of two topics; the first one reads a topic of the second."""
    files: dict[str, Any] = {"clusters.yaml": {"clusters": {"prod": {"bootstrap": "kafka:9092", "cluster_id": "any"}}}}
    for team in "abc":
        files[f"{team}/team.yaml"] = {"chat": f"#{team}"}
        files[f"{team}/t.yaml"] = {"topics": [{"name": f"{team}-1"}, {"name": f"{team}-2"}]}
    return files


def asked(now: Fleet, then: Fleet, tmp_path: Path, store: MemoryStore[TopicSpec]) -> Plan:
    """A plan of today's files with the others as base."""
    return planned(now, then, tmp_path, {"topic": store})


def planned(now: Fleet, then: Fleet, tmp_path: Path, stores: Stores, old: Templates = TEMPLATES) -> Plan:
    """The same of several kinds, after an apply of the base; `old`: the templates of that time."""
    today = folder.read(write(tmp_path / "now", now), lenient=True)
    base = folder.read(write(tmp_path / "then", then), called="base:topics", known=Known(today))
    catalogs, _ = catalog.catalogs(today)
    before = beside.catalogs(base, today, catalogs)[0]["prod"]
    past = Past(recorded(before), BaseState(before, old), CHANGED)
    return engine.plan("prod", lanes_of(catalogs["prod"], past, TEMPLATES, stores))


def everything(fleet: Fleet) -> MemoryStore[TopicSpec]:
    names = [topic["name"] for held in fleet.values() for topic in held.get("topics", ())]
    return MemoryStore({name: Observed(TopicSpec(1, 3)) for name in (*names, "unmanaged")})


def test_one_topic_that_changed_is_the_only_one_read(fleet: Fleet, tmp_path: Path) -> None:
    """All others are counted, and never as unchanged."""
    store = everything(fleet)
    now = {**fleet, "a/t.yaml": {"topics": [{"name": "a-1", "partitions": 6}, {"name": "a-2"}]}}
    plan = asked(now, fleet, tmp_path, store)
    assert store.asked == {"a-1"}
    assert (plan.declared, plan.unchanged, plan.not_looked_at) == ({"topic": 6}, {"topic": 0}, {"topic": 5})
    assert plan.unmanaged == 1


def test_a_changed_team_file_reads_exactly_that_team(fleet: Fleet, tmp_path: Path) -> None:
    """What it changes are its topics' defaults."""
    store = everything(fleet)
    asked({**fleet, "b/team.yaml": {"chat": "#b", "defaults": {"partitions": 6}}}, fleet, tmp_path, store)
    assert store.asked == {"b-1", "b-2"}


def test_a_changed_default_of_the_cluster_reads_everything(fleet: Fleet, tmp_path: Path) -> None:
    """It is everybody's."""
    store = everything(fleet)
    prod = {"bootstrap": "kafka:9092", "cluster_id": "any", "defaults": {"partitions": 6}}
    plan = asked({**fleet, "clusters.yaml": {"clusters": {"prod": prod}}}, fleet, tmp_path, store)
    assert (len(store.asked), plan.not_looked_at) == (6, {})


def test_a_consent_that_is_written_is_a_change(fleet: Fleet, tmp_path: Path) -> None:
    """Though the topic is to be as it was."""
    store = everything(fleet)
    now = {**fleet, "c/t.yaml": {"topics": [{"name": "c-1", "allow": {"more-partitions": 6}}, {"name": "c-2"}]}}
    asked(now, fleet, tmp_path, store)
    assert store.asked == {"c-1"}


def test_a_topic_that_left_the_files_is_named(fleet: Fleet, tmp_path: Path) -> None:
    """With the place that it had at the base."""
    store = everything(fleet)
    plan = asked({**fleet, "a/t.yaml": {"topics": [{"name": "a-1"}]}}, fleet, tmp_path, store)
    assert store.asked == set()
    assert any("a-2 (a, base:topics/a/t.yaml:1)" in remark for remark in plan.remarks), plan.remarks


def test_what_a_change_depends_on_is_looked_at(fleet: Fleet, tmp_path: Path) -> None:
    """Nobody makes alerts for a topic that somebody deleted, though its entry asks for it as before."""
    prod = {"bootstrap": "kafka:9092", "alerts": {"type": "files", "folder": "/nowhere/rules"}}
    then = {**fleet, "clusters.yaml": {"clusters": {"prod": prod}}}
    stores = {"topic": everything(then), "alerts": MemoryStore[Any]()}
    del stores["topic"].state["a-1"]
    now = {**then, "a/t.yaml": {"topics": [{"name": "a-1", "lag": "1m"}, {"name": "a-2", "lag": "1m"}]}}
    plan = planned(now, then, tmp_path, stores)
    assert stores["topic"].asked == {"a-1", "a-2"}
    assert [change.key[:2] for change in plan.changes] == [("alerts", "a-2")]
    assert plan.not_looked_at == {"topic": 4, "alerts": 4}


def test_another_template_looks_at_all_that_it_makes(fleet: Fleet, tmp_path: Path) -> None:
    """And at what that is made for."""
    prod = {"bootstrap": "kafka:9092", "alerts": {"type": "files", "folder": "/nowhere/rules"}}
    files = {**fleet, "clusters.yaml": {"clusters": {"prod": prod}}}
    stores = {"topic": everything(files), "alerts": MemoryStore[Any]()}
    old = replace(TEMPLATES, alerts=dict(list(TEMPLATES.alerts.items())[:1]))
    plan = planned(files, files, tmp_path, stores, old)
    assert (len(stores["topic"].asked), plan.not_looked_at) == (6, {})


def test_without_the_scope_everything_is_read(fleet: Fleet, tmp_path: Path) -> None:
    """An apply that has a base looks at all that it notes."""
    today = folder.read(write(tmp_path / "now", fleet), lenient=True)
    (now,) = catalog.catalogs(today)[0].values()
    store = everything(fleet)
    past = Past(base=BaseState(now, TEMPLATES), scope=WHOLE)
    plan = engine.plan("prod", lanes_of(now, past, TEMPLATES, {"topic": store}))
    assert (len(store.asked), plan.not_looked_at) == (6, {})
