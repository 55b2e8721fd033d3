"""`provisioner drift --since`: what was applied lately, by the record alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from provisioner import printable
from provisioner.catalog.model import Catalog
from provisioner.catalog.units import duration
from provisioner.commands import base, exits, planning, recorded
from provisioner.commands.console import Console
from provisioner.errors import RefusedError, UsageError
from provisioner.opening import RunContext
from provisioner.options import Drift
from provisioner.past import Past
from provisioner.reconcile.model import Key
from provisioner.report import since as report
from provisioner.report.results import Sinces
from provisioner.settings import Settings


def run(options: Drift, text: str, settings: Settings, console: Console) -> Sinces:
    """Newest first; 4 if a record cannot be read, or has an entry that is not understood."""
    moment = started(text, console.clock())
    target = planning.target(options, options.cluster)
    catalogs = planning.catalogs(target, settings, console)
    context = planning.run_context(target, settings, console)
    known = [each for catalog in catalogs if (each := _known(catalog, moment, target, settings, context, console))]
    codes = [exits.UNREACHABLE for each in known if each.unclear or not each.record.is_readable]
    return Sinces(known, exits.worst([*codes, *[exits.REFUSED] * (len(known) < len(catalogs))]))


def started(text: str, now: str) -> str:
    """`24h` before `now`, or an ISO date or time, as the record writes times: in UTC, with milliseconds."""
    try:
        span = duration(text)
        return _written(_given(text) if span is None else datetime.fromisoformat(now) - timedelta(seconds=span.seconds))
    except (ValueError, OverflowError):
        hint = "write a duration such as 24h or 7d, or a day such as 2026-11-28"
        raise UsageError(f"--since {printable.cut(text)}: this is no time", hint) from None


def _given(text: str) -> datetime:
    given = datetime.fromisoformat(text)
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _known(
    catalog: Catalog,
    moment: str,
    target: planning.Target,
    settings: Settings,
    context: RunContext,
    console: Console,
) -> report.Since | None:
    then = base.named(target.base, target.folder, settings, console)
    try:
        reached, notes = planning.reached(catalog, target, then)
        for note in notes:
            console.say(f"note: {note}")
        if reached is None:
            return None
        known = recorded.read(reached, context).record
    except RefusedError as error:
        if target.cluster:
            raise
        console.say(printable.block(f"cluster {catalog.cluster.name}: {error.message}. {error.hint}"))
        return None
    owners = {name: topic.team.name for name, topic in catalog.topics.items()}
    part, lanes = Past(topics=target.topics), planning.lanes(reached, target, settings, context, then, known)

    def selects(key: Key) -> bool:
        return part.selects(key.name) and (target.lane is None or any(lane.has(key) for lane in lanes))

    kinds = list(dict.fromkeys(lane.kind for lane in lanes))
    return report.since(catalog.cluster.name, known, moment, owners, selects, kinds)
