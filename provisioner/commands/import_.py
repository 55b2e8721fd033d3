"""`provisioner import`: what lives on a cluster, declared; the plan is empty afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from provisioner import opening, templates, wiring
from provisioner.catalog import naming
from provisioner.catalog.catalog import bare, homes
from provisioner.catalog.folder import TEAM_FILE
from provisioner.catalog.model import Catalog
from provisioner.catalog.reserved_names import is_internal
from provisioner.catalog.topic_config import CONFIG_KEYS
from provisioner.commands import base, exits, fleet, planning
from provisioner.commands.console import Console
from provisioner.errors import RefusedError, UsageError
from provisioner.importing import files
from provisioner.importing.context import ImportContext
from provisioner.importing.existing_topic import ExistingTopic
from provisioner.importing.plan import ImportPlan, plan
from provisioner.options import Import
from provisioner.problem import Severity
from provisioner.reconcile.model import Observed, Reading
from provisioner.report import imported as report
from provisioner.report import problems, terminal
from provisioner.report.results import Imported
from provisioner.settings import Settings
from provisioner.stores.declaration_folder import DeclarationFolder


@dataclass(frozen=True, slots=True)
class _Live:
    """What was read of the cluster: how many topics the glob names, how many of them are declared here, and the rest.

    `elsewhere`: name -> why it is not imported; `most_replicas` by name.
    """

    matching: int
    declared: int
    elsewhere: Mapping[str, str]
    reading: Reading[Any]
    most_replicas: Mapping[str, int]


def run(options: Import, settings: Settings, console: Console) -> Imported:
    """Read, plan, write, and read again what was written."""
    if why := naming.refusal(options.team):
        raise UsageError(f"--team {options.team!r} {why}", naming.HINT)
    sandbox = options.name if options.sandbox else None
    target = planning.Target(options.folder, options.cluster, sandbox, base=options.base)
    before = fleet.load_valid(target.folder, console)
    (catalog,) = planning.chosen(before, target, settings)
    reached = _reached(catalog, target, settings, console)
    live = _live(before, reached, options.match, target.is_vouched, console)
    folder = DeclarationFolder(target.folder / options.team)
    planned = _planned(before, catalog, options.team, live, new_team=folder.content(TEAM_FILE) is None)
    done = replace(_report(catalog, live, planned), folder=str(folder.path))
    done = replace(done, files=_written(folder, planned, options.group_by, catalog))
    return _checked(done, fleet.read(target.folder), live, console)


def _written(folder: DeclarationFolder, planned: ImportPlan, grouping: str, catalog: Catalog) -> dict[str, bool]:
    """Each path and whether the file is new."""
    additions = files.additions(planned, folder, grouping, catalog.cluster.protected)
    if additions:
        folder.add(additions)
    return {str(folder.path / name): addition.before is None for name, addition in additions.items()}


def _report(catalog: Catalog, live: _Live, planned: ImportPlan) -> report.Import:
    """What is declared now, and what is not."""
    return report.Import(
        cluster=catalog.cluster.name,
        matching=live.matching,
        declared=live.declared,
        imported={name: str(entry.state) for name, entry in planned.entries.items()},
        left_out=planned.left_out,
        external=planned.external,
        rendered=catalog.cluster.alerts is not None or catalog.cluster.dashboards is not None,
    )


def _checked(done: report.Import, after: fleet.Fleet, live: _Live, console: Console) -> Imported:
    """With what the files say now that they are written."""
    errors = [problem for problem in after.problems if problem.severity is Severity.ERROR]
    if errors:
        console.say(terminal.text(problems.lines(errors, after.sources)))
        console.say(
            "error: what was written does not pass the checks\n  = correct the files, they were left as they are"
        )
    pending = wiring.still_pending(after.catalogs[done.cluster], done.imported, live.reading.found)
    code = exits.worst([exits.FAILED] * bool(errors) + [exits.REFUSED] * bool(done.left_out))
    return Imported(replace(done, pending=pending, errors=len(errors)), code)


def _reached(catalog: Catalog, target: planning.Target, settings: Settings, console: Console) -> Catalog:
    """The cluster at the addresses of the base, where one is named."""
    reached, notes = planning.reached(catalog, target, base.named(target.base, target.folder, settings, console))
    if reached is None:
        raise RefusedError(". ".join(notes), "import once it is merged, without --base")
    for note in notes:
        console.say(f"note: {note}")
    return reached


def _live(before: fleet.Fleet, catalog: Catalog, match: str, vouched: bool, console: Console) -> _Live:
    context = opening.RunContext(templates.Templates({}, {}), console.environment, console.say, vouched)
    store = opening.kafka_topics(catalog, context, frozenset(CONFIG_KEYS) | catalog.cluster.extra_configs)
    listed = {n: most for n, most in sorted(store.listed().items()) if fnmatchcase(n, match) and not is_internal(n)}
    new = [name for name in listed if name not in catalog.topics]
    reasons = _elsewhere(before, catalog.cluster.name)
    asked = [name for name in new if name not in reasons]
    console.say(f"topics that match: {len(listed)}, in no file yet: {len(asked)}")
    elsewhere = {name: reasons[name] for name in new if name in reasons}
    return _Live(len(listed), len(listed) - len(new), elsewhere, store.read(asked), listed)


def _elsewhere(before: fleet.Fleet, cluster: str) -> dict[str, str]:
    """Names that are declared for other clusters only: one declaration says it for all."""
    home = homes(before.declarations)
    return {
        entry.value.name: f"declared for other clusters: write clusters: [{', '.join((*where, cluster))}] at "
        f"{entry.span('name')}, and what differs here in overrides: {{{cluster}: ...}}"
        for entry in before.declarations.topics
        if cluster not in (where := entry.value.clusters if entry.value.clusters is not None else home)
    }


def _planned(before: fleet.Fleet, catalog: Catalog, team: str, live: _Live, new_team: bool) -> ImportPlan:
    name = catalog.cluster.name
    defaults = bare(before.declarations, name, team)
    context = ImportContext(catalog.cluster, defaults, name in homes(before.declarations), catalog.topics)
    topics = [_existing(name, each, live.most_replicas) for name, each in sorted(live.reading.found.items())]
    planned = plan(topics, context, new_team)
    unsure = {name: why for name, why in live.reading.unsure.items() if name in live.most_replicas}
    return replace(planned, left_out={**planned.left_out, **unsure, **live.elsewhere})


def _existing(name: str, observed: Observed[Any], most: Mapping[str, int]) -> ExistingTopic:
    topic = observed.resource
    copies = topic.replication_factor
    return ExistingTopic(name, topic.partitions, copies, most[name], topic.config, observed.facts.inherited)
