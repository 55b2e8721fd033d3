"""`provisioner import`: what lives on a cluster, declared; the plan is empty afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from provisioner import templates, wiring
from provisioner.catalog import adopted, naming
from provisioner.catalog.adopted import Adopted
from provisioner.catalog.adoption import Ground
from provisioner.catalog.catalog import bare, homes
from provisioner.catalog.factoring import Found
from provisioner.catalog.folder import TEAM_FILE
from provisioner.catalog.foreign import INTERNAL
from provisioner.catalog.model import Catalog
from provisioner.catalog.topic_config import CONFIG_KEYS
from provisioner.commands import base, exits, filing, fleet, planning
from provisioner.commands.console import Console
from provisioner.errors import RefusedError, UsageError
from provisioner.options import Import
from provisioner.problem import Severity
from provisioner.reconcile.model import Observed, Reading
from provisioner.report import adoption as report
from provisioner.report import problems, terminal
from provisioner.report.results import Imported
from provisioner.settings import Settings
from provisioner.stores.declaration_folder import DeclarationFolder


@dataclass(frozen=True, slots=True)
class _Seen:
    """The cluster's topics that the glob names, the part of them that is new here, and what was read of that."""

    matching: int
    declared: int
    elsewhere: Mapping[str, str]
    reading: Reading[Any]
    most_replicas: Mapping[str, int]


def run(options: Import, settings: Settings, console: Console) -> Imported:
    """Read, draft, write, and read again what was written."""
    if why := naming.refusal(options.team):
        raise UsageError(f"--team {options.team!r} {why}", naming.HINT)
    sandbox = options.name if options.sandbox else None
    target = planning.Target(options.folder, options.cluster, sandbox, base=options.base)
    before = fleet.sound(target.folder, console)
    (catalog,) = planning.chosen(before, target, settings)
    reached = _reached(catalog, target, settings, console)
    seen = _seen(before, reached, options.match, target.is_vouched, console)
    folder = DeclarationFolder(target.folder / options.team)
    new_team = folder.content(TEAM_FILE) is None
    drafted = _drafted(before, catalog, options.team, seen, new_team)
    files = filing.written(folder, drafted, options.group_by, catalog.cluster.protected, new_team)
    done = replace(_drawn(catalog, seen, drafted), folder=str(folder.path), files=files)
    return _checked(done, fleet.read(target.folder), seen, console)


def _drawn(catalog: Catalog, seen: _Seen, drafted: Adopted) -> report.Import:
    """What is declared now, and what is not."""
    return report.Import(
        cluster=catalog.cluster.name,
        matching=seen.matching,
        declared=seen.declared,
        imported={name: str(draft.state) for name, draft in drafted.drafts.items()},
        left_out=drafted.left_out,
        external=drafted.external,
        rendered=catalog.cluster.alerts is not None or catalog.cluster.dashboards is not None,
    )


def _checked(done: report.Import, after: fleet.Fleet, seen: _Seen, console: Console) -> Imported:
    """With what the files say now that they are written."""
    errors = [problem for problem in after.problems if problem.severity is Severity.ERROR]
    if errors:
        console.say(terminal.text(problems.lines(errors, after.sources)))
        console.say(
            "error: what was written does not pass the checks\n  = correct the files, they were left as they are"
        )
    pending = wiring.still_pending(after.catalogs[done.cluster], done.imported, seen.reading.found)
    code = exits.worst([exits.FAILED] * bool(errors) + [exits.REFUSED] * bool(done.left_out))
    return Imported(replace(done, pending=pending, errors=len(errors)), code)


def _reached(catalog: Catalog, target: planning.Target, settings: Settings, console: Console) -> Catalog:
    """The cluster at the addresses of the base, where one is named."""
    reached, notes = planning.reached(catalog, target, base.of_plan(target.base, target.folder, settings, console))
    if reached is None:
        raise RefusedError(". ".join(notes), "import once it is merged, without --base")
    for note in notes:
        console.say(f"note: {note}")
    return reached


def _seen(before: fleet.Fleet, catalog: Catalog, match: str, vouched: bool, console: Console) -> _Seen:
    bench = wiring.Bench(templates.Templates({}, {}), console.environment, console.say, vouched)
    store = wiring.kafka_topics(catalog, bench, frozenset(CONFIG_KEYS) | catalog.cluster.extra_configs)
    listed = {n: most for n, most in sorted(store.listed().items()) if fnmatchcase(n, match) and not _internal(n)}
    new = [name for name in listed if name not in catalog.topics]
    elsewhere = _elsewhere(before, catalog.cluster.name)
    asked = [name for name in new if name not in elsewhere]
    console.say(f"topics that match: {len(listed)}, in no file yet: {len(asked)}")
    told = {name: elsewhere[name] for name in new if name in elsewhere}
    return _Seen(len(listed), len(listed) - len(new), told, store.read(asked), listed)


def _internal(name: str) -> bool:
    return fnmatchcase(name, INTERNAL)


def _elsewhere(before: fleet.Fleet, cluster: str) -> dict[str, str]:
    """Names that are declared for other clusters only: one declaration says it for all."""
    home = homes(before.declarations)
    return {
        entry.value.name: f"declared for other clusters: write clusters: [{', '.join((*where, cluster))}] at "
        f"{entry.span('name')}, and what differs here in overrides: {{{cluster}: ...}}"
        for entry in before.declarations.topics
        if cluster not in (where := entry.value.clusters if entry.value.clusters is not None else home)
    }


def _drafted(before: fleet.Fleet, catalog: Catalog, team: str, seen: _Seen, new_team: bool) -> Adopted:
    name = catalog.cluster.name
    ground = Ground(catalog.cluster, bare(before.declarations, name, team), name in homes(before.declarations))
    found = [_found(name, each, seen.most_replicas) for name, each in sorted(seen.reading.found.items())]
    made = adopted.adopted(found, ground, catalog.topics, new_team)
    unsure = {name: why for name, why in seen.reading.unsure.items() if name in seen.most_replicas}
    return Adopted(made.drafts, {**made.left_out, **unsure, **seen.elsewhere}, made.shared)


def _found(name: str, seen: Observed[Any], most: Mapping[str, int]) -> Found:
    there = seen.resource
    return Found(name, there.partitions, there.replication_factor, most[name], there.config, seen.facts.inherited)
