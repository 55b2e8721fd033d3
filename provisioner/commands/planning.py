"""Catalogs -> lanes: shared by every command that looks at a live cluster."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any

from provisioner import opening, templates, wiring
from provisioner.catalog import relocation
from provisioner.catalog.model import Catalog
from provisioner.catalog.schema import did_you_mean
from provisioner.commands import fleet
from provisioner.commands.base import Base
from provisioner.commands.console import Console
from provisioner.errors import SandboxError, UsageError
from provisioner.options import Live
from provisioner.past import BaseState, Past
from provisioner.reconcile.lanes import Lane, Scope
from provisioner.reconcile.record import Record
from provisioner.settings import Settings
from provisioner.templates import Templates

NOTHING, FILES = Record(), Scope()


@dataclass(frozen=True, slots=True)
class Target:
    """What to look at: the folder, one cluster or all, the sandbox in its place, one lane or all; the base.

    `everything`: also what stands; `topics`: globs of names, none for all of them.
    """

    folder: Path
    cluster: str | None = None
    sandbox: str | None = None
    lane: str | None = None
    base: str | None = None
    everything: bool = False
    topics: tuple[str, ...] = ()

    @property
    def is_vouched(self) -> bool:
        """True where the addresses are not the files' own: a base that somebody named has them, or the sandbox."""
        return self.sandbox is not None or self.base is not None

    def selects(self, name: str) -> bool:
        """True for a topic that the run is about."""
        return not self.topics or any(fnmatchcase(name, glob) for glob in self.topics)

    @property
    def named(self) -> frozenset[str]:
        """Topics that were named to the letter, to be brought back to what the files say."""
        return frozenset(self.topics) if self.everything else frozenset()


def target(options: Live, cluster: str | None) -> Target:
    """What the options of a command name. Raises UsageError for those that contradict each other."""
    everything = getattr(options, "scope", "files") == "all"
    if options.base == "none":
        raise UsageError("--base none is gone: what was applied is on record", "write --scope all for everything")
    if everything and (options.base or getattr(options, "plan", None)):
        raise UsageError("--scope all is everything, --base and --plan are a part", "leave one of them away")
    sandbox = options.name if options.sandbox else None
    topics = tuple(options.topic or ())
    return Target(options.folder, cluster, sandbox, options.lane, options.base, everything, topics)


def catalogs(target: Target, settings: Settings, console: Console) -> list[Catalog]:
    """The catalogs asked for, played in the sandbox where that is asked for. Raises UsageError for unknown topics."""
    return selected(fleet.load_valid(target.folder, console, templates_of(settings)), target, settings)


def templates_of(settings: Settings) -> Callable[[], Templates]:
    """The templates of the folders that are set, read when somebody asks for them."""
    return partial(templates.read, *settings.templates)


def loaded(target: Target, settings: Settings, console: Console) -> tuple[fleet.Fleet, list[Catalog]]:
    """As `catalogs`, with what errors of the files do not hold back. Raises InputError where nothing is left."""
    found = fleet.load(target.folder, console, templates_of(settings))
    return found, selected(found, target, settings)


def selected(whole: fleet.Fleet, target: Target, settings: Settings) -> list[Catalog]:
    """The same of a fleet that is read already."""
    found = chosen(whole, target, settings)
    declared = [name for catalog in found for name in catalog.topics]
    for glob in target.topics:
        if not any(fnmatchcase(name, glob) for name in declared):
            hint = did_you_mean(glob, declared) or "name a topic of the files, or several by a glob in quotes"
            raise UsageError(f"--topic {glob}: no declared topic is called so", hint)
    return found


def chosen(found: fleet.Fleet, target: Target, settings: Settings) -> list[Catalog]:
    """Those of a fleet that is read already."""
    made = fleet.chosen(found, target.cluster)
    return made if target.sandbox is None else [_played(catalog, target.sandbox, settings) for catalog in made]


def _played(catalog: Catalog, name: str, settings: Settings) -> Catalog:
    from provisioner import sandbox

    running = sandbox.status(name)
    if running is None:
        raise SandboxError(f"there is no sandbox {name!r} that runs", f"start it: provisioner sandbox up --name {name}")
    return relocation.with_sandbox(
        catalog, running.bootstrap, running.cluster_id, settings.played(catalog.cluster.name)
    )


def run_context(target: Target, settings: Settings, console: Console, whole: bool = False) -> opening.RunContext:
    """What all clusters of a run share, the clock of rendering too. `whole`: raises InputError for a wrong template."""
    loaded = (templates.load if whole else templates.read)(*settings.templates)
    return opening.RunContext(
        loaded,
        console.environment,
        console.say,
        vouched=target.is_vouched,
        tick=console.tick,
        now=lambda: datetime.fromisoformat(console.clock()),
    )


def lanes(
    catalog: Catalog,
    target: Target,
    settings: Settings,
    context: opening.RunContext,
    base: Base | None = None,
    record: Record = NOTHING,
    scope: Scope = FILES,
) -> list[Lane[Any]]:
    """The lanes of one cluster, told of what was applied; of `scope` what the options do not say."""
    part = replace(scope, everything=target.everything, named=target.named, is_whole=not target.topics)
    past = Past(record, _past(catalog, target, settings, base), part, target.topics)
    return wiring.lanes(catalog, context, target.lane, past)


def _past(catalog: Catalog, target: Target, settings: Settings, base: Base | None) -> BaseState | None:
    if base is None:
        return None
    return BaseState(before(catalog, target, settings, base), base.templates)


def before(catalog: Catalog, target: Target, settings: Settings, base: Base) -> Catalog | None:
    """The cluster's catalog at the base, played in the sandbox as this one is; None: there was no such cluster."""
    then = base.catalogs.get(catalog.cluster.name)
    return _played(then, target.sandbox, settings) if then and target.sandbox is not None else then


def reached(catalog: Catalog, target: Target, base: Base | None) -> tuple[Catalog | None, tuple[str, ...]]:
    """The catalog at the addresses that the base names, and what there is to say about that.

    Only a base that somebody named counts: the commit before a push knows nothing of what was pushed.
    None for a cluster that the base does not know: nobody has agreed to its address yet, and nothing is sent there.
    """
    if base is None or target.sandbox is not None or not target.is_vouched:
        return catalog, ()
    name = catalog.cluster.name
    before = base.catalogs.get(name)
    if before is None:
        return None, (f"cluster {name} is new since the base: nothing is sent there, it is planned after the merge",)
    kept, changed = relocation.with_addresses_of(catalog, before)
    note = f"{', '.join(changed)} of cluster {name} changed; planned with the base's, used after the merge"
    return kept, (note,) if changed else ()
