"""`provisioner replicas continue|status|pause|resume|cancel`: replication factors that are on their way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from provisioner import opening, wiring
from provisioner.catalog.model import Catalog
from provisioner.catalog.units import duration
from provisioner.commands import apply, base, exits, planning, recorded, reviews, waiting
from provisioner.commands.console import Console
from provisioner.commands.planning import Target
from provisioner.commands.signals import Signals
from provisioner.commands.waiting import Patience
from provisioner.errors import RefusedError, UnreachableError, UsageError
from provisioner.moves import words
from provisioner.moves.look import Look, Pace
from provisioner.moves.notes import Notes, Pause
from provisioner.options import Apply, Replicas
from provisioner.reconcile import approval, cancelling, record
from provisioner.reconcile.model import Key
from provisioner.reconcile.plan import Plan
from provisioner.reconcile.record import Record
from provisioner.reconcile.review import Reviewed
from provisioner.report.results import Applied, MovesState
from provisioner.settings import Settings

if TYPE_CHECKING:
    from provisioner.stores.kafka.moving.mover import Mover

NO_RECORD = "nobody knows what was begun: the cluster keeps no record"


@dataclass(frozen=True, slots=True)
class _Ground:
    """What each action stands on. `mover`: whoever moves replicas; `approved`: what may be begun, by resource."""

    target: Target
    catalog: Catalog
    known: recorded.Recorded
    mover: Mover
    approved: Mapping[Key, Reviewed]

    def factors(self) -> dict[str, int]:
        """Topic -> the factor that was agreed to, of those that the run is about."""
        wanted = {key.name: wiring.factor(one.fields) for key, one in self.approved.items()}
        return {name: factor for name, factor in wanted.items() if factor is not None and self.target.selects(name)}


def run(options: Replicas, settings: Settings, console: Console) -> MovesState | Applied:
    """Do what the action says. Raises RefusedError where the cluster keeps no record, UnreachableError."""
    if options.action != "pause" and options.span is not None:
        raise UsageError("--for says for how long waves are paused", "write it behind `replicas pause`")
    return _ACTIONS[options.action](options, settings, console)


def _ground(options: Replicas, settings: Settings, console: Console) -> _Ground:
    target = Target(
        options.folder,
        options.cluster,
        options.name if options.sandbox else None,
        base=options.base,
        topics=tuple(options.topic or ()),
    )
    (catalog,) = planning.loaded(replace(target, topics=()), settings, console)[1]
    then = base.named(target.base, target.folder, settings, console)
    reached, notes = planning.reached(catalog, target, then)
    if reached is None:
        raise RefusedError(". ".join(notes), "once it is merged, run it without --base")
    context = planning.run_context(target, settings, console)
    known = recorded.read(reached, context)
    _required(known.record)
    mover = opening.mover(reached, context)
    if mover is None:
        raise RefusedError(NO_RECORD, "see record: in clusters.yaml")
    return _Ground(target, reached, known, mover, _slow(known.record))


def _required(known: Record) -> None:
    if not known.is_readable:
        raise UnreachableError(f"the record {known.name} cannot be read: {known.why}", "try again when it can be read")
    if not known.is_kept:
        raise RefusedError(NO_RECORD, "see record: in clusters.yaml")


def _slow(known: Record) -> dict[Key, Reviewed]:
    """What is agreed to and takes long."""
    return dict(reviews.slow(approval.approvals(known)))


def _status(options: Replicas, settings: Settings, console: Console) -> MovesState:
    """What runs, what waits and why; nothing is done."""
    ground = _ground(options, settings, console)
    return _state(ground, ground.mover.look(ground.factors()))


def _continue(options: Replicas, settings: Settings, console: Console) -> MovesState | Applied:
    """Begin what is agreed to and still asked for by the files, and remove what is no longer needed."""
    began = console.now()
    ground = _ground(options, settings, console)
    signals, span = Signals(console), waiting.seconds(options.wait, console.environment)
    look = _awaited(ground, Patience(signals, console, span)) if ground.known.record.has_moves else Look()
    if signals.caught or not ground.factors():
        return _state(ground, look)
    asked = Apply(
        folder=options.folder,
        cluster=options.cluster,
        sandbox=options.sandbox,
        name=options.name,
        topic=options.topic,
        yes=True,
        approved=True,
        wait=_left(span - (console.now() - began)),
    )
    return apply.run(asked, settings, console, slow=True)


def _awaited(ground: _Ground, patience: Patience) -> Look:
    """What earlier runs began is waited for first: no wave begins meanwhile, and the plan has no change that is it."""
    pace = Pace()
    with patience.signals.listening():
        look = ground.mover.step({})
        while look.running and patience():
            ground.mover.connection.tick(words.progress(look, pace.rate(look, patience.console.now())))
            # A broker that dies meanwhile is no reason to give up: the next look may have an answer.
            with suppress(UnreachableError):
                look = ground.mover.step({})
    return look


def _left(seconds: float) -> str:
    """As --wait spells it."""
    return f"{max(0, round(seconds))}s" if seconds >= 1 else waiting.NOT_AT_ALL


def _pause(options: Replicas, settings: Settings, console: Console) -> MovesState:
    """No new wave, by whichever run, until the time is over or somebody resumes; what runs goes on."""
    ground = _ground(options, settings, console)
    now = datetime.fromisoformat(console.clock())
    by = recorded.run_of(options.folder, console.environment)["user"]
    pause = Pause(_until(options.span, now), by, now)
    return _noted(ground, pause)


def _until(span: str | None, now: datetime) -> datetime | None:
    if span is None:
        return None
    found = duration(span)
    if found is None or found.seconds > timedelta(days=365).total_seconds():
        raise UsageError(f"--for {span[:40]}: this is no time of a year at most", "write 8h, or 3d")
    return (now + timedelta(seconds=found.seconds)).astimezone(UTC)


def _resume(options: Replicas, settings: Settings, console: Console) -> MovesState:
    """Waves begin again."""
    return _noted(_ground(options, settings, console), None)


def _noted(ground: _Ground, pause: Pause | None) -> MovesState:
    ledger = ground.mover.ledger
    ledger.read()
    ledger.note_pause(pause)
    ledger.flush()
    return _state(ground, ground.mover.look(ground.factors()))


def _cancel(options: Replicas, settings: Settings, console: Console) -> MovesState:
    """Put back what runs, and begin nothing of it any more until the files change or a topic is named."""
    ground = _ground(options, settings, console)
    log, known = ground.known.log, ground.known.record
    assert log is not None
    noted = ground.mover.ledger.read().topics
    names = {name for name in {*noted, *(key.name for key in ground.approved)} if ground.target.selects(name)}
    keys = {key: one for key, one in ground.approved.items() if key.name in names}
    stamp = recorded.stamp(
        Plan(ground.catalog.cluster.name, known.cluster_id, ()), options.folder, console.environment, console.clock()
    )
    # First, or a run of the schedule would begin it anew.
    for key, value in cancelling.entries(known, keys, stamp).items():
        log.put(record.encoded(ground.catalog.cluster.repository, key), value)
    if failed := log.flush():
        why = f"it is not known whether the record {log.name} was written: {min(failed.values())}"
        raise UnreachableError(f"{why}; nothing was cancelled", "run it again when the brokers answer")
    look = ground.mover.cancel(names.__contains__)
    return _state(replace(ground, approved={}), look, tuple(sorted(names)))


def _state(ground: _Ground, look: Look, cancelled: tuple[str, ...] = ()) -> MovesState:
    notes = ground.mover.ledger.read()
    bad = [exits.FAILED] * bool(look.failed) + [exits.UNREACHABLE] * bool(look.left)
    return MovesState(ground.catalog.cluster.name, look, _now_paused(notes, ground.mover), exits.worst(bad), cancelled)


def _now_paused(notes: Notes, mover: Any) -> Pause | None:
    return notes.pause if notes.pause and notes.pause.holds(mover.now()) else None


_ACTIONS: Mapping[str, Callable[[Replicas, Settings, Console], MovesState | Applied]] = {
    "status": _status,
    "continue": _continue,
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
}
