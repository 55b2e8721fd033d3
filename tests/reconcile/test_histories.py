"""Random histories of merges, hand fixes and applies: no hand fix is undone where the files ask what they asked before.

Real planning, applying and recording, on stores in memory. Time is a line of commits.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from provisioner.reconcile import record
from tests.memory import MemoryLog
from tests.reconcile.world import DAY, RETENTION, SEGMENT, Commit, KilledError, World

TOPICS_OF_A_WORLD = ("a", "b", "c")
DAYS = st.integers(1, 4)
NAMES = st.sampled_from(TOPICS_OF_A_WORLD)
FIELDS = st.sampled_from((RETENTION, SEGMENT))


class Histories(RuleBasedStateMachine):
    """`hand`: fields changed by hand since they were as asked; `done`: what was asked when they last were so."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World([Commit({name: {RETENTION: 2, SEGMENT: 1} for name in TOPICS_OF_A_WORLD}, {})])
        self.hand: set[tuple[str, str]] = set()
        self.done: dict[tuple[str, str], int] = {}
        self.newest = -1
        self.lost = False

    @rule(name=NAMES, of=FIELDS, days=DAYS, consented=st.booleans(), stays=st.booleans())
    def merge(self, name: str, of: str, days: int, consented: bool, stays: bool) -> None:
        """The files ask for another value, or name a field no more."""
        last = self.world.commits[-1]
        fields = {**last.tree[name], of: days} if stays else {k: v for k, v in last.tree[name].items() if k != of}
        consents = {**last.consents, name: days} if consented and of == RETENTION else last.consents
        self.world.commits.append(Commit({**last.tree, name: fields}, consents))

    @rule(name=NAMES, of=FIELDS, days=DAYS)
    def fix_by_hand(self, name: str, of: str, days: int) -> None:
        """Somebody sets a value on the cluster."""
        seen = self.world.store.state.get(name)
        if seen is None or self.world.live(name, of) == days:
            return
        self.world.fixed(name, of, days)
        self.hand.add((name, of))

    @rule(name=NAMES, days=DAYS)
    def make_again_by_hand(self, name: str, days: int) -> None:
        """Another topic of the same name."""
        if name in self.world.store.state:
            self.world.made_again(name, days)
            self.hand |= {(name, RETENTION), (name, SEGMENT)}

    @rule(with_base=st.booleans(), fails=st.sets(NAMES, max_size=1), doubts=st.sets(NAMES, max_size=1))
    def apply(self, with_base: bool, fails: set[str], doubts: set[str]) -> None:
        """The newest commit; some changes fail, of some nobody knows."""
        at = len(self.world.commits) - 1
        self.world.store.fails, self.world.store.doubts = fails, doubts
        self._applied(at, at - 1 if at and with_base else None)

    @rule(with_base=st.booleans())
    def apply_and_die(self, with_base: bool) -> None:
        """The tool dies between a write and its entry."""
        at = len(self.world.commits) - 1
        self.world.store.fails, self.world.store.doubts = set(), set()
        self._applied(at, at - 1 if at and with_base else None, dies=True)

    @rule(back=st.integers(1, 5))
    def retry_an_old_job(self, back: int) -> None:
        """It changes nothing where something newer was applied."""
        at = len(self.world.commits) - 1 - back
        if at < 0:
            return
        before = dict(self.world.store.state)
        self.world.store.fails, self.world.store.doubts = set(), set()
        self._applied(at, at - 1 if at else None)
        assert at >= self.newest or self.world.store.state == before

    @rule()
    def lose_the_record(self) -> None:
        """Somebody deletes the topic."""
        self.world.log = MemoryLog(exists=False)
        self.newest, self.lost = -1, True

    def _applied(self, at: int, base: int | None, dies: bool = False) -> None:
        live = {(n, f): self.world.live(n, f) for n in TOPICS_OF_A_WORLD for f in (RETENTION, SEGMENT)}
        there = set(self.world.store.state)
        died = False
        try:
            done = self.world.apply(at, base, dies=dies) is not None
        except KilledError:
            done, died = True, True
        if not done:
            return
        self.newest = max(self.newest, at)
        for (name, of), before in live.items():
            self._judged(name, of, before, self.world.commits[at].tree[name].get(of), name in there, died)

    def _judged(self, name: str, of: str, before: int | None, asked: int | None, was_there: bool, died: bool) -> None:
        now, at = self.world.live(name, of), (name, of)
        if was_there and now != before and at in self.hand and asked is not None:
            safe = of != RETENTION or before is None or asked > before
            excused = self.lost and safe
            assert asked != self.done.get(at) or excused, f"hand fix of {at} undone: {before} -> {asked}"
        if asked is not None and now == asked and not died:
            self.hand.discard(at)
            self.done[at] = asked
        elif asked is None and now is None:
            self.hand.discard(at)
            self.done.pop(at, None)

    @invariant()
    def nothing_is_recorded_that_was_not_seen(self) -> None:
        """I9: an entry's value was asked and seen, at some time."""
        known = record.read(self.world.log.name, self.world.log.read(), "topics")
        for key in known.texts:
            applied = known.applied(key)
            for of, value in applied.asked.items() if applied else ():
                if of in (RETENTION, SEGMENT):
                    assert self.done.get((key.name, of)) in (None, int(value) // DAY) or self.lost

    def teardown(self) -> None:
        """With nothing in the way, a second apply changes nothing."""
        at = len(self.world.commits) - 1
        self.world.store.fails, self.world.store.doubts = set(), set()
        self.world.apply(at, None)
        before = dict(self.world.store.state), len(self.world.log.log)
        self.world.apply(at, None)
        assert before == (dict(self.world.store.state), len(self.world.log.log))


Histories.TestCase.settings = settings(
    max_examples=100, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestHistories = Histories.TestCase
