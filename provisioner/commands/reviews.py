"""What was agreed to before an apply: in plan files, in merge requests, in an earlier run; and what is left open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from provisioner import wiring
from provisioner.commands import base
from provisioner.commands.planning import Target
from provisioner.errors import RefusedError, UnreachableError, UsageError
from provisioner.files import FileFault, located
from provisioner.options import Apply
from provisioner.reconcile import approval
from provisioner.reconcile.model import Key
from provisioner.reconcile.plan import Plan
from provisioner.reconcile.record import Record
from provisioner.reconcile.review import Agreement, Reviewed
from provisioner.report import planfile
from provisioner.report.planfile import PlanDocument

AGAIN = "press `plan again` of this cluster in the pipeline, read what it shows, then press `apply again`"


@dataclass(frozen=True, slots=True)
class Reviews:
    """What was agreed to. `agreement` None: no plan was asked for, and people look at what is done.

    `documents`: the plans; `base`: the commit since which the changes are this run's own, None: whatever the files ask
    anew; `is_first`: that, too, and the base only tells what stands where nothing is recorded; `is_of_record`: only
    what the record has as approved is this run's; `remarks`: what there is to say of them; `run`: whose changes they
    are, for the record; `merge_requests`: the numbers of those that this run is about.
    """

    agreement: Agreement | None = None
    documents: Sequence[PlanDocument] = ()
    base: str | None = None
    is_first: bool = False
    is_of_record: bool = False
    remarks: tuple[str, ...] = ()
    run: Mapping[str, str] = field(default_factory=dict)
    merge_requests: tuple[int, ...] = ()

    @property
    def reviewed(self) -> Mapping[Key, Reviewed]:
        """The changes that were agreed to, by resource."""
        return self.agreement.reviewed if self.agreement else {}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line wants to be done: exactly one of these, or whatever the files ask anew.

    `slow`: of what is approved only what takes long.
    """

    plans: Sequence[Path] = ()
    merged: bool = False
    approved: bool = False
    slow: bool = False

    @classmethod
    def of(cls, options: Apply) -> Asked:
        """As the options have it. Raises UsageError for two at once."""
        asked = cls(options.plan or (), options.merged, options.approved)
        given = [word for word in ("plan", "merged", "approved") if getattr(options, word)]
        if len(given) > 1:
            words = " and ".join(f"--{word}" for word in given)
            raise UsageError(f"{words} say different things of what was agreed to", "leave all but one away")
        if (options.merged or options.approved) and (options.scope == "all" or options.base):
            word = "--scope all" if options.scope == "all" else "--base"
            raise UsageError(f"--{given[0]} says by itself which changes it is about, {word} too", "leave one away")
        return asked


def of_files(paths: Sequence[Path], cluster: str, target: Target) -> Reviews:
    """Exactly what these plan files say. Raises UsageError for an unreadable one, and as `planfile.parsed` does."""
    documents = [_read(path, cluster) for path in paths]
    bases = [document.base for document in documents if document.base]
    since = base.oldest(bases, target.folder) if bases and len(bases) == len(documents) else None
    return Reviews(Agreement(together(documents)), documents, since)


def together(documents: Sequence[PlanDocument]) -> dict[Key, Reviewed]:
    """The changes of several plans; of two plans of one resource the later one counts."""
    return {key: one for document in documents for key, one in planfile.reviewed(document).items()}


def _read(path: Path, cluster: str) -> PlanDocument:
    root, name = located(path)
    try:
        return planfile.parsed(root.read(name, planfile.MAX_BYTES), str(path), cluster)
    except FileFault as fault:
        hint = "name the file that `plan --out` wrote"
        raise UsageError(f"--plan {path} cannot be read: {fault.reason}", hint) from None


def slow(approved: Mapping[Key, Reviewed]) -> Mapping[Key, Reviewed]:
    """Those of which something takes long."""
    fields = {kind.name: kind.slow for kind in wiring.kinds()}
    return {
        key: one
        for key, one in approved.items()
        if not fields.get(key.kind, frozenset()).isdisjoint(each.field for each in one.fields)
    }


def of_record(known: Record, *, only_slow: bool = False) -> Reviews:
    """What earlier runs set out to do and did not get done. Raises UnreachableError where that is not known."""
    if not known.is_readable:
        raise UnreachableError(f"the record {known.name} cannot be read: {known.why}", "try again when it can be read")
    if not known.is_kept:
        raise RefusedError(
            "the cluster keeps no record: nobody knows what was approved", "see record: in clusters.yaml"
        )
    left: Mapping[Key, Reviewed] = approval.approvals(known)
    unclear = len(known.approved) - len(left)
    remarks = (f"{unclear} approvals of the record are not understood, and permit nothing",) if unclear else ()
    left = slow(left) if only_slow else left
    return Reviews(Agreement(left, hint=AGAIN), is_of_record=True, remarks=remarks)


def same_cluster(reviews: Reviews, plan: Plan) -> None:
    """Raises RefusedError where the brokers are not those that a plan was made of."""
    for document in reviews.documents:
        planfile.same_cluster(document, plan)
