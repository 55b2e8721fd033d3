"""`provisioner note`: what plan files would do, in Markdown, for whoever has to agree to a merge request."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from provisioner import wiring
from provisioner.catalog.schema import did_you_mean
from provisioner.commands import base, exits, fleet, inherited, posting
from provisioner.commands.console import Console
from provisioner.commands.fleet import Fleet
from provisioner.errors import InputError, UsageError
from provisioner.files import FileFault, located
from provisioner.options import Note as Options
from provisioner.problem import Problem
from provisioner.report import comparison_file, note, plan_digests, planfile
from provisioner.report.comparison_file import NewVersion
from provisioner.report.note_input import Consumer, People, Plans, Unplanned
from provisioner.report.planfile import PlanDocument
from provisioner.report.results import Note
from provisioner.settings import Settings

NO_PLAN = Unplanned("its job left no plan")


def run(options: Options, _settings: Settings, console: Console) -> Note:
    """The note, whatever the plans say; with --post it stands on the merge request, too, or a line says why not."""
    text = composed(options.plan or (), options.expect, options.folder, options.base, options.compared)
    if options.post:
        _post(text, console)
    return Note(text, exits.DONE)


def _post(text: str, console: Console) -> None:
    number = console.environment.get("CI_MERGE_REQUEST_IID", "")
    if number.isascii() and number.isdigit():
        posting.post(console, int(number), plan_digests.MARKER, text)
    else:
        console.say("hint: the note is not posted: CI_MERGE_REQUEST_IID is not set, so this is no merge request's job")


def composed(
    paths: Sequence[Path],
    expected: Sequence[str] | None,
    folder: Path,
    ref: str | None = None,
    compared: Path | None = None,
) -> str:
    """The note of these plan files. `expected`: clusters that have to have one, all of the folder's where it is None.
    `ref`: a commit: errors that it has are no matter of this note. `compared`: what a new version changes.

    What cannot be read is not planned, and what is wrong in the folder keeps no note from being made. Raises UsageError
    for clusters that the folder does not have, and for two plans of one.
    """
    found = fleet.read(folder)
    known = list(dict.fromkeys([*found.declarations.clusters, *sorted(found.declarations.broken_clusters)]))
    names = list(dict.fromkeys(expected or known))
    _known(names, known, found)
    planned: dict[str, PlanDocument | Unplanned] = dict.fromkeys(names, NO_PLAN)
    unread: dict[str, str] = {}
    digests: list[str] = []
    for path in paths:
        cluster, plan, digest = _read(path)
        if cluster is None or (cluster not in known and isinstance(plan, Unplanned)):
            unread[str(path)] = plan.why if isinstance(plan, Unplanned) else ""
            continue
        _known([cluster], known, found, f"{path} is a plan of it")
        if planned.get(cluster, NO_PLAN) is not NO_PLAN:
            raise UsageError(f"{path} is another plan of cluster {cluster!r}", "name one plan file a cluster")
        planned[cluster] = plan
        digests += [digest] if isinstance(plan, PlanDocument) else []
    new, old = _errors(found, ref, folder)
    plans = Plans(planned, wiring.kinds(), _people(found), unread, new, old, _version(compared) if compared else None)
    return note.text(plans, [plan_digests.line(digests)])


def _errors(found: Fleet, ref: str | None, folder: Path) -> tuple[tuple[Problem, ...], frozenset[tuple[str, str]]]:
    """The new ones, and the check and message of the others. Raises UsageError for a base unknown to git."""
    faults = inherited.faults(found, base.past(ref, folder) if ref else None)
    new, old = ({(each.check, each.message) for each in errors} for errors in (faults.errors, faults.old))
    return tuple(faults.errors), frozenset(old - new)


def _known(names: Collection[str], known: Collection[str], found: Fleet, why: str = "") -> None:
    """Raises UsageError for a cluster of which the folder knows nothing; where nobody could read which, all pass."""
    if not known and found.errors:
        return
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or f"declared: {', '.join(sorted(known)) or 'none'}"
            raise UsageError(f"there is no cluster {name!r}" + (f": {why}" if why else ""), hint)


def _read(path: Path) -> tuple[str | None, PlanDocument | Unplanned, str]:
    """The cluster, as far as one can tell, its plan, or why it is none, and the file's digest."""
    root, name = located(path)
    try:
        raw = root.read(name, planfile.MAX_BYTES)
    except FileFault as fault:
        return None, Unplanned(f"it cannot be read: {fault.reason}"), ""
    digest = plan_digests.digest(raw)
    try:
        plan = planfile.of_any_cluster(raw, str(path))
    except InputError as error:
        return _cluster_of(raw), Unplanned(f"its plan file cannot be used: {error.problems[0].message}"), digest
    kinds = {kind.name for kind in wiring.kinds()}
    if strange := {change.kind for change in plan.changes} - kinds:
        return plan.cluster, Unplanned(f"its plan file has changes of a kind that is not known: {min(strange)}"), digest
    return plan.cluster, plan, digest


def _version(path: Path) -> NewVersion:
    root, name = located(path)
    try:
        return comparison_file.parsed(root.read(name, comparison_file.MAX_BYTES))
    except FileFault as fault:
        return NewVersion(f"{path} cannot be read: {fault.reason}")


def _cluster_of(raw: bytes) -> str | None:
    try:
        document: Any = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    cluster = document.get("cluster") if isinstance(document, dict) else None
    return cluster if isinstance(cluster, str) else None


def _people(found: Fleet) -> People:
    mentions = {team: entry.value.mention or () for team, entry in found.declarations.teams.items()}
    consumers = {
        name: {key: [Consumer(*each) for each in several] for key, several in wiring.consumers(catalog).items()}
        for name, catalog in found.catalogs.items()
    }
    return People(mentions, consumers)
