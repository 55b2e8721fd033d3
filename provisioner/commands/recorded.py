"""The record of a cluster, as a command meets it: read, and compared with the commit that is checked out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from provisioner import opening
from provisioner.catalog.model import Catalog
from provisioner.errors import RefusedError, UnreachableError
from provisioner.reconcile import record
from provisioner.reconcile.entry import Stamp
from provisioner.reconcile.plan import Plan
from provisioner.reconcile.record import Record
from provisioner.reconcile.record_log import RecordLog
from provisioner.stores import git


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was applied of a cluster, and where that is noted; `log` None: nowhere."""

    log: RecordLog | None
    record: Record


def read(catalog: Catalog, context: opening.RunContext) -> Recorded:
    """The cluster's record. One that cannot be read is a value too. Raises RefusedError for another cluster."""
    log = opening.record_log(catalog, context)
    if log is None:
        return Recorded(None, Record())
    try:
        return Recorded(log, record.read(log.name, log.read(), catalog.cluster.repository))
    except UnreachableError as error:
        why = error.message + (f"; {error.hint}" if error.hint else "")
        return Recorded(log, record.unreadable(log.name, why))


def required_age(known: Record, folder: Path) -> tuple[str, ...]:
    """What there is to say of this checkout's age. Raises RefusedError where something newer was applied."""
    head, newest = git.head(folder), known.run.stamp.commit if known.run else None
    if head is None or newest in (None, head):
        return ()
    if record.overtaken(known, head, lambda old, new: git.is_ancestor(folder, old, new)):
        raise RefusedError(
            f"{newest[:12]} was applied since, newer than this checkout {head[:12]}: apply does nothing then",
            "to go back, revert in git and apply that; an old job is not run again",
        )
    if git.is_ancestor(folder, head, newest) is None:
        return (
            f"the newest applied commit {newest[:12]} is not in this clone: whether this one is older is not known",
        )
    return ()


_RUN = {
    "pipeline": "CI_PIPELINE_URL",
    "job": "CI_JOB_URL",
    "user": "GITLAB_USER_LOGIN",
    "merge_request": "CI_MERGE_REQUEST_IID",
}


def run_of(folder: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Which run this is, as far as its surroundings say."""
    found = {name: environment[variable] for name, variable in _RUN.items() if environment.get(variable)}
    if "user" not in found:
        found["user"] = git.email(folder) or environment.get("USER", "unknown")
    return found


def stamp(plan: Plan, folder: Path, environment: Mapping[str, str], at: str) -> Stamp:
    """What every entry of this run says of it."""
    head, run = git.head(folder), run_of(folder, environment)
    # Whoever looks the commit up would find other files there.
    dirty = {"files": "not as committed"} if head is not None and not git.is_committed(folder) else {}
    return Stamp(plan.cluster_id, head, at, {**run, **dirty}, plan.digest)


def remarks(known: Record) -> Iterator[str]:
    """What there is to say of the record itself."""
    if known.strays:
        counted = "1 key that is" if known.strays == 1 else f"{known.strays} keys that are"
        yield f"the record {known.name} has {counted} none of ours; left alone"


def age_remark(known: Record, folder: Path) -> tuple[str, ...]:
    """As `required_age`, for whoever changes nothing."""
    try:
        return required_age(known, folder)
    except RefusedError as error:
        return (error.message,)
