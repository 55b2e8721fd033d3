"""Plan and apply over stores in memory: convergence, doubt, refusals and what depends on what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from provisioner.commands import exits
from provisioner.errors import InputError, UnreachableError
from provisioner.kinds import TOPICS
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.problem import Problem, Span
from provisioner.reconcile import engine
from provisioner.reconcile.change import Change
from provisioner.reconcile.kind import Pruning
from provisioner.reconcile.lanes import Lane
from provisioner.reconcile.model import Consent, Key, Observed, Reading, Wanted
from provisioner.reconcile.on_demand import Deferred
from provisioner.reconcile.outcome import Outcome, State
from provisioner.reconcile.plan import Plan
from provisioner.report import summary
from tests.memory import MemoryStore
from tests.plain_kind import PlainKind
from tests.topics import live

HERE = Span("topics/pay/orders.yaml")


@dataclass(frozen=True)
class Text:
    """A resource as plain as can be."""

    body: str

    def fields(self) -> Mapping[str, str]:
        return {"body": self.body}

    def exact(self) -> Mapping[str, str]:
        return self.fields()

    def restricted_to(self, fields: frozenset[str], observed: Text) -> Text:
        return self

    def without(self, members: frozenset[str]) -> Text | None:
        return None if members else self


@dataclass
class Quiet:
    """A watch that writes down what it is told, and stops when asked to."""

    told: list[Outcome] = field(default_factory=list)
    stop_after: int = 10**9
    batches: int = 0

    def before(self, batch: Sequence[Change[Any]]) -> str | None:
        self.batches += 1
        return "stopped by SIGTERM" if self.batches > self.stop_after else None

    def after(self, outcome: Outcome) -> None:
        self.told.append(outcome)


@dataclass
class House:
    """Three lanes over memory."""

    topics: MemoryStore[TopicSpec] = field(default_factory=MemoryStore)
    alerts: MemoryStore[Text] = field(default_factory=MemoryStore)
    dashboards: MemoryStore[Text] = field(default_factory=MemoryStore)

    def lanes(self, catalog: Mapping[str, TopicSpec | None], consents: tuple[Consent, ...] = ()) -> list[Lane[Any]]:
        topics = {name: Wanted(made, HERE, "pay", consents) for name, made in catalog.items()}
        return [
            Lane(TOPICS, topics, self.topics, max_deletions=5),
            *(
                Lane(PlainKind(kind, Pruning.MARKED, derived=True), _texts(kind, catalog), store)
                for kind, store in self._beside()
            ),
        ]

    def _beside(self) -> list[tuple[str, MemoryStore[Text]]]:
        return [("alerts", self.alerts), ("dashboard", self.dashboards)]

    def plan(self, catalog: Mapping[str, TopicSpec | None], *consents: Consent) -> Plan:
        return engine.plan("prod", self.lanes(catalog, consents))

    def run(
        self, catalog: Mapping[str, TopicSpec | None], *consents: Consent, watch: Quiet | None = None
    ) -> dict[Key, State]:
        plan = self.plan(catalog, *consents)
        outcomes = list(engine.apply(plan, self.lanes(catalog, consents), watch or Quiet()))
        assert len(outcomes) == len(plan.changes), "one outcome for each change"
        return {outcome.key: outcome.state for outcome in outcomes}


def _texts(kind: str, catalog: Mapping[str, TopicSpec | None]) -> dict[str, Wanted[Text]]:
    return {
        name: Wanted(
            None if made is None else Text(f"{kind} {made.partitions}"), HERE, members={name: Key("topic", name)}
        )
        for name, made in catalog.items()
    }


FLEET: dict[str, TopicSpec | None] = {name: TopicSpec(3, 3, {"retention.ms": "1000"}) for name in "abcd"}


def test_applying_a_plan_leaves_nothing_to_do() -> None:
    """And everything was done once."""
    house = House()
    assert set(house.run(FLEET).values()) == {State.DONE}
    assert house.plan(FLEET).changes == ()
    assert house.plan(FLEET).unchanged == {"topic": 4, "alerts": 4, "dashboard": 4}


def test_what_has_started_holds_up_nothing() -> None:
    """The alerts and the dashboard of a topic whose change takes hours are kept in step with the files at once."""
    house = House()
    house.topics.starts = {"b"}
    others = {key: state for key, state in house.run(FLEET).items() if state is not State.DONE}
    assert others == {Key("topic", "b"): State.STARTED}
    assert {"b"} <= house.alerts.state.keys() & house.dashboards.state.keys()


def test_a_failed_topic_skips_its_own_alerts_and_dashboard_and_nothing_else() -> None:
    """The next run then holds exactly these three."""
    house = House()
    house.topics.fails = {"b"}
    states = house.run(FLEET)
    assert {key for key, state in states.items() if state is State.SKIPPED} == {
        Key("alerts", "b"),
        Key("dashboard", "b"),
    }
    assert sum(state is State.DONE for state in states.values()) == 9
    house.topics.fails = set()
    assert {key.name for key in house.run(FLEET)} == {"b"}


def test_what_depends_on_a_topic_that_is_there_goes_on_whatever_is_refused_of_it() -> None:
    """Alerts are kept in step with the files; one of a topic that will not be made is not promised."""
    house = House()
    house.run(FLEET)
    plan = house.plan({**FLEET, "a": TopicSpec(1, 3)})
    assert {(c.key.kind, tuple(why.by for why in c.refusals)) for c in plan.changes} == {
        ("topic", ("impossible", "consent")),
        ("alerts", ()),
        ("dashboard", ()),
    }
    states = {outcome.key.kind: outcome.state for outcome in engine.apply(plan, house.lanes(FLEET), Quiet())}
    assert states == {"topic": State.REFUSED, "alerts": State.DONE, "dashboard": State.DONE}


def test_what_depends_on_a_topic_whose_change_fails_goes_on_where_it_is_there() -> None:
    house = House()
    house.run(FLEET)
    house.topics.fails = {"a"}
    states = house.run({**FLEET, "a": TopicSpec(9, 3, FLEET["a"].config)}, Consent("more-partitions", "9"))
    assert states[Key("topic", "a")] is State.FAILED
    assert states[Key("alerts", "a")] is State.DONE


def test_a_hazard_needs_consent_for_this_very_value() -> None:
    """Another value's consent is none."""
    house = House()
    house.run(FLEET)
    more = {**FLEET, "a": TopicSpec(9, 3, {"retention.ms": "1000"})}
    assert house.plan(more, Consent("more-partitions", "6")).counts["topic", "refused"] == 1
    assert house.plan(more, Consent("more-partitions", "9")).counts["topic", "refused"] == 0


def test_a_topic_that_no_file_names_is_left_alone_and_counted() -> None:
    """Absence is not a request."""
    house = House()
    house.run(FLEET)
    plan = house.plan({name: made for name, made in FLEET.items() if name != "a"})
    assert plan.unmanaged >= 1
    assert not [change for change in plan.changes if change.key.kind == "topic"]


def test_orphaned_alerts_and_dashboards_go() -> None:
    """Those are ours: we wrote them."""
    house = House()
    house.run(FLEET)
    plan = house.plan({name: made for name, made in FLEET.items() if name != "a"})
    assert {(str(change.action), change.key.kind) for change in plan.changes} == {
        ("delete", "alerts"),
        ("delete", "dashboard"),
    }


def test_a_deletion_takes_its_alerts_and_dashboard_first() -> None:
    """So that nothing pages for a topic that is meant to be gone."""
    house, watch = House(), Quiet()
    house.topics.state["a"] = live(3, 3, topic_id="id-a")
    house.alerts.state["a"] = house.dashboards.state["a"] = Observed(Text("x"))
    house.run({"a": None}, Consent("delete-topic", "id-a"), watch=watch)
    assert [outcome.key.kind for outcome in watch.told] == ["dashboard", "alerts", "topic"]


def test_a_topic_stays_while_its_alerts_could_not_be_removed() -> None:
    """A deletion waits for what depends on it."""
    house = House()
    house.topics.state["a"] = live(3, 3, topic_id="id-a")
    house.alerts.state["a"] = Observed(Text("x"))
    house.alerts.fails = {"a"}
    states = house.run({"a": None}, Consent("delete-topic", "id-a"))
    assert states[Key("topic", "a")] is State.SKIPPED
    assert "a" in house.topics.state


def test_more_deletions_than_the_limit_are_all_refused() -> None:
    """Nobody chose which of them."""
    house = House()
    names = [f"t{index}" for index in range(6)]
    house.topics.state = {name: live(3, 3, topic_id="same") for name in names}
    plan = house.plan(dict.fromkeys(names), Consent("delete-topic", "same"))
    assert {change.refusals[0].by for change in plan.changes} == {"limit"}


def test_what_a_store_does_not_answer_is_in_doubt_not_done() -> None:
    """Neither is what it said after it died."""
    house = House()
    house.topics.dies_after = 3
    states = house.run(FLEET)
    assert states[Key("topic", "d")] is State.DOUBT
    assert states[Key("alerts", "d")] is State.SKIPPED
    assert states[Key("alerts", "a")] is State.DONE


def test_an_unsure_name_is_refused_with_its_reason() -> None:
    """Never guessed; its dependants are as little known, and nothing of them is promised."""
    house = House()
    house.topics.unsure = {"a": "hidden"}
    plan = house.plan(FLEET)
    refused = {change.key: change.refusals[0] for change in plan.changes if change.refusals}
    assert refused[Key("topic", "a")].by == "unsure"
    assert set(refused) == {Key("topic", "a")}
    assert set(plan.unknown) == {Key("topic", "a"), Key("alerts", "a"), Key("dashboard", "a")}
    assert exits.of_plan(plan, detailed=False) == exits.UNREACHABLE


def test_nothing_is_planned_for_topics_of_which_nothing_is_known() -> None:
    """A cluster that gives no answer has neither unchanged topics nor alerts to be made for them."""
    house = House()
    house.run({"a": TopicSpec(1, 3)})

    class Mute(MemoryStore[TopicSpec]):
        def read(self, names: Sequence[str]) -> Reading[TopicSpec]:
            raise UnreachableError("it does not answer")

    house.topics = Mute()
    plan = house.plan(FLEET)
    assert plan.changes == ()
    assert {key.name for key in plan.unknown if key.kind == "topic"} == set(FLEET)
    assert "topic" not in plan.unchanged
    assert f"0 unchanged, {len(FLEET)} not known" in summary.last_line(plan)
    assert exits.of_plan(plan, detailed=False) == exits.UNREACHABLE


def test_what_cannot_be_is_not_asked_of_the_store() -> None:
    """Its answer would only be a second, worse reason."""
    house = House()
    house.run(FLEET)
    asked: list[str] = []
    house.topics.prepare = lambda changes: asked.extend(c.key.name for c in changes) or {}  # type: ignore[method-assign]
    house.plan({**FLEET, "a": TopicSpec(1, 3), "b": TopicSpec(9, 3)})
    assert asked == ["b"]


def test_a_store_that_breaks_down_leaves_doubt_and_not_a_traceback() -> None:
    """What was reached before it is reported."""
    house = House()

    class Broken(MemoryStore[TopicSpec]):
        def write(self, batch: Sequence[Change[TopicSpec]]) -> Iterator[Outcome]:
            yield from super().write(batch[:1])
            raise ValueError("no such thing")

        def await_pending(self, doubtful: Sequence[Change[TopicSpec]]) -> Iterator[Outcome]:
            raise KeyError("nor this")

    house.topics = Broken()
    states = house.run(FLEET)
    assert states[Key("topic", "a")] is State.DONE
    assert states[Key("topic", "b")] is State.DOUBT
    assert states[Key("alerts", "b")] is State.SKIPPED


def test_an_unreachable_destination_stops_only_its_lane() -> None:
    """The others are planned and done."""

    class Down(MemoryStore[Text]):
        def read(self, names: Sequence[str]) -> Reading[Text]:
            raise UnreachableError("no such folder", "mount it")

    house = House(alerts=Down())
    plan = house.plan(FLEET)
    assert plan.stopped == {"alerts": "no such folder; mount it"}
    assert {change.key.kind for change in plan.changes} == {"topic", "dashboard"}


def test_what_cannot_be_made_is_held_back_and_nothing_else_of_its_lane() -> None:
    """It is neither changed nor unchanged nor gone, and the error says how many it governs."""
    wrong = Problem("template", "no such word", Span("alert_templates/mine.yaml", 3, 1))

    def unmade() -> Text:
        raise InputError([wrong], {"alert_templates/mine.yaml": "text"})

    store = MemoryStore({name: Observed(Text("old")) for name in "abc"})
    texts: dict[str, Wanted[Text]] = {name: Wanted(Text(body), HERE) for name, body in (("a", "old"), ("d", "new"))}
    for names, words in (("bc", "2 alert sets"), ("b", "1 alert set"), ("abcd", "all alert sets")):
        wanted = {**texts, **{name: Wanted(Deferred(unmade), HERE, "pay") for name in names}}
        kind = PlainKind("alerts", Pruning.MARKED, nouns=("alert set", "alert sets"))
        plan = engine.plan("prod", [Lane(kind, wanted, store)], may_shrink=True)
        assert {key.name: hold.problem for key, hold in plan.held_back.items()} == dict.fromkeys(names, wrong)
        assert plan.wrong == {wrong: words}
        assert plan.texts == {"alert_templates/mine.yaml": "text"}
        assert plan.unchanged["alerts"] == len({"a"} - set(names))
        left = set("abcd") - set(names) - {"a"}
        assert {change.key.name for change in plan.changes} == left


def test_a_signal_stops_between_batches() -> None:
    """What was begun is finished, what was not is named."""
    states = House().run(FLEET, watch=Quiet(stop_after=1))
    assert [states[Key("topic", name)] for name in "abcd"] == [State.DONE, State.DONE, State.STOPPED, State.STOPPED]


def test_equal_plans_have_equal_digests() -> None:
    """And a plan for a topic of another id has another."""
    house = House()
    house.run(FLEET)
    more = {**FLEET, "a": TopicSpec(9, 3)}
    consents = (Consent("more-partitions", "9"), Consent("shorter-retention", "inherited"))
    assert house.plan(more, *consents).digest == house.plan(more, *consents).digest
    before = house.plan(more, *consents)
    house.topics.state["a"] = Observed(house.topics.state["a"].resource, "another")
    assert house.plan(more, *consents).digest != before.digest
