"""`provisioner drift`: declared, last applied and live, told apart. Changes nothing on the cluster."""

from __future__ import annotations

from provisioner.commands import adopt, differing, exits, since
from provisioner.commands.console import Console
from provisioner.errors import UsageError
from provisioner.options import Drift
from provisioner.report.results import Adopted, Drifts, Sinces
from provisioner.settings import Settings


def run(options: Drift, settings: Settings, console: Console) -> Drifts | Sinces | Adopted:
    """Every difference of one cluster or all, and who made it; 2 if there is any.

    Or what was applied lately; or what was changed by hand, written into the files.
    """
    _consistent(options)
    if options.since is not None:
        return since.run(options, options.since, settings, console)
    if options.adopt:
        return adopt.run(options, settings, console)
    looked = differing.looked(options, settings, console)
    return Drifts(looked.drifts, exits.worst(looked.codes), looked.faults)


def _consistent(options: Drift) -> None:
    if options.adopt and options.cluster is None:
        raise UsageError("--adopt needs --cluster: what is live differs from one to the next", "name one")
    if options.adopt and options.since is not None:
        raise UsageError("--since only looks at the record, --adopt writes files", "leave one of them away")
    if options.print and not options.adopt:
        raise UsageError("--print shows what --adopt would write", "write --adopt --print")
