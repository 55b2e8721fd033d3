"""What an apply sets out to do: planned anew, and of that what was agreed to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from provisioner.catalog.model import Catalog
from provisioner.commands import base, identity, inherited, merged, planning, recorded, reviews, template_faults
from provisioner.commands.base import Base
from provisioner.commands.console import Console
from provisioner.commands.fleet import Fleet
from provisioner.commands.planning import Target
from provisioner.commands.recorded import Recorded
from provisioner.commands.reviews import Asked, Reviews
from provisioner.errors import RefusedError
from provisioner.opening import RunContext
from provisioner.options import Apply
from provisioner.reconcile import approval, engine
from provisioner.reconcile.lanes import Lane, Scope
from provisioner.reconcile.model import Key
from provisioner.reconcile.plan import Plan
from provisioner.reconcile.recording import Recorder
from provisioner.report.results import Faults
from provisioner.settings import Settings
from provisioner.stores import git

NOTHING_LEFT = "nothing that was agreed to is left to do"


@dataclass(frozen=True, slots=True)
class Todo:
    """A plan, the lanes that it is done by, and whoever notes what was done; None: nobody. `faults` of the files.

    `reviews`: what it was held against.
    """

    plan: Plan
    lanes: Sequence[Lane[Any]]
    recorder: Recorder | None
    faults: Faults
    reviews: Reviews


@dataclass(frozen=True, slots=True)
class _Ground:
    """What every plan of a run stands on. `catalog`: at the addresses that are trusted; `vouched`: the base named."""

    target: Target
    catalog: Catalog
    known: Recorded
    context: RunContext
    vouched: Base | None
    notes: tuple[str, ...]
    found: Fleet


def todo(options: Apply, settings: Settings, console: Console, *, slow: bool = False) -> Todo:
    """What the files ask anew, and of it only what was agreed to, if somebody asks for that.

    `slow`: of what is approved only what takes long.
    """
    asked, target = replace(Asked.of(options), slow=slow), planning.target(options, options.cluster)
    ground = _ground(target, settings, console)
    agreed = _reviews(asked, ground, console)
    if agreed.is_of_record:
        return _of_record(agreed, ground, settings, console)
    checked = asked.merged and bool(ground.found.errors)
    since = ground.vouched or base.named(agreed.base, target.folder, settings, console, checked)
    return _todo(agreed, ground, since, settings, console)


def _ground(target: Target, settings: Settings, console: Console) -> _Ground:
    found, (catalog,) = planning.loaded(target, settings, console)
    checked = bool(found.errors) and target.base is not None
    since = base.named(target.base, target.folder, settings, console, checked)
    reached, notes = planning.reached(catalog, target, since)
    if reached is None:
        raise RefusedError(". ".join(notes), "once it is merged, apply without --base")
    context = planning.run_context(target, settings, console)
    known = recorded.read(reached, context)
    notes = (*notes, *recorded.required_age(known.record, target.folder))
    return _Ground(target, reached, known, context, since, notes, found)


def _reviews(asked: Asked, ground: _Ground, console: Console) -> Reviews:
    if asked.plans:
        return reviews.of_files(asked.plans, ground.catalog.cluster.name, ground.target)
    if asked.merged:
        return merged.of(ground.catalog.cluster, ground.known.record, ground.target.folder, console)
    if asked.approved:
        return reviews.of_record(ground.known.record, only_slow=asked.slow)
    return Reviews(base=base.before_push(ground.target.folder, console.environment))


def _of_record(agreed: Reviews, ground: _Ground, settings: Settings, console: Console) -> Todo:
    """Only what was approved is looked at, and everything else about it waits for its own run."""
    catalog, selects = ground.catalog, ground.target.selects
    names = tuple(sorted({key.name for key in agreed.reviewed if selects(key.name)}))
    if not names:
        remarks = (*ground.notes, *agreed.remarks, NOTHING_LEFT)
        plan = Plan(catalog.cluster.name, ground.known.record.cluster_id, (), remarks=remarks)
        return Todo(plan, (), None, _faults(ground, plan, None), agreed)
    head = git.head(ground.target.folder) or ""
    today = Base(head, {catalog.cluster.name: catalog}, ground.context.templates)
    ground = replace(ground, target=replace(ground.target, topics=names))
    return _todo(agreed, ground, today, settings, console)


def _todo(agreed: Reviews, ground: _Ground, since: Base | None, settings: Settings, console: Console) -> Todo:
    record, cluster = ground.known.record, ground.catalog.cluster
    scope = _scope(agreed, ground, since)
    lanes = planning.lanes(ground.catalog, ground.target, settings, ground.context, since, record, scope)
    lanes = [replace(lane, refuse_if_absent=True) for lane in lanes]
    whole = engine.plan(cluster.name, lanes, since.commit if since else None)
    identity.required(cluster, whole)
    remarks = (*ground.notes, *agreed.remarks, *recorded.remarks(record), *whole.remarks)
    plan = _agreed(replace(whole, remarks=remarks), lanes, agreed, ground.target)
    recorder, faults = _recorder(agreed, ground, whole, plan, lanes, console), _faults(ground, whole, since)
    return Todo(plan, lanes, recorder, faults, agreed)


def _faults(ground: _Ground, plan: Plan, since: Base | None) -> Faults:
    faults = inherited.faults(ground.found, since.past if since else None)
    return template_faults.added(faults, ground.context.templates, [plan], since)


def _scope(agreed: Reviews, ground: _Ground, since: Base | None) -> Scope:
    notes, folder = ground.known.record.is_kept, ground.target.folder
    if since is None:
        return Scope(notes=notes)
    return Scope(
        since_base=agreed.agreement is not None and not agreed.is_first,
        is_in_base=lambda commit: bool(git.is_ancestor(folder, commit, since.commit)),
        notes=notes,
        approved=_fields(agreed) if agreed.is_of_record else {},
    )


def _fields(agreed: Reviews) -> dict[Key, frozenset[str]]:
    return {key: frozenset(each.field for each in one.fields) for key, one in agreed.reviewed.items()}


def _agreed(plan: Plan, lanes: Sequence[Lane[Any]], agreed: Reviews, target: Target) -> Plan:
    if agreed.agreement is None:
        return engine.without_plan(plan, target.named)
    reviews.same_cluster(agreed, plan)
    return engine.restrict(plan, lanes, agreed.agreement)


def _recorder(
    agreed: Reviews, ground: _Ground, whole: Plan, plan: Plan, lanes: Sequence[Lane[Any]], console: Console
) -> Recorder | None:
    log, record, repository = ground.known.log, ground.known.record, ground.catalog.cluster.repository
    if log is None or not record.is_kept:
        return None
    stamp = recorded.stamp(plan, ground.target.folder, console.environment, console.clock())
    stamp = replace(stamp, run={**stamp.run, **agreed.run})
    intents = approval.intended(plan, agreed.reviewed) if agreed.agreement else approval.of_slow(plan)
    settled = tuple(approval.settled(whole, lanes, approval.approvals(record)))
    is_whole = not (ground.target.topics or ground.target.lane)
    recorder = Recorder(log, record, repository, plan, lanes, stamp, intents, settled, is_whole)
    return recorder if recorder.is_needed else None
