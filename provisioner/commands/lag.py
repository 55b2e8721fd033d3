"""`provisioner lag`: how old the oldest unread message of each consumer group is, worst first. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from provisioner import opening, templates
from provisioner.catalog.model import Catalog, Consumer, Presence, Topic
from provisioner.catalog.schema import did_you_mean
from provisioner.commands import base, exits, fleet, inherited, planning
from provisioner.commands.base import Base
from provisioner.commands.console import Console
from provisioner.errors import RefusedError, UnreachableError, UsageError
from provisioner.lag.judgement import Row, judged, unplaced
from provisioner.lag.threshold import Threshold, Watched
from provisioner.options import Lag
from provisioner.report.lag import Look
from provisioner.report.results import Lags
from provisioner.settings import Settings

SHORTEST, LONGEST = 5, 3600
"""Seconds of --timeout: a process of its own begins, and its client has to find the brokers."""


@dataclass(frozen=True, slots=True)
class Part:
    """What was asked for; None: everything. `topic` and `group` are names or globs."""

    topic: str | None
    group: str | None
    team: str | None

    def has_topic(self, name: str) -> bool:
        """True for a topic that is asked for."""
        return _fits(name, self.topic)

    def has_group(self, name: str) -> bool:
        """True for a group that is asked for."""
        return _fits(name, self.group)

    def has(self, row: Row) -> bool:
        """True for what calls the team that is asked for."""
        return self.team in (None, row.threshold.team)


def _fits(name: str, glob: str | None) -> bool:
    """A group may be called like a glob."""
    return glob is None or name == glob or fnmatchcase(name, glob)


def run(options: Lag, settings: Settings, console: Console) -> Lags:
    """Read what groups have not read, judge it by their thresholds; with --detailed-exitcode 2 where one is late."""
    if not SHORTEST <= options.timeout <= LONGEST:
        raise UsageError(f"--timeout {options.timeout}: from {SHORTEST} to {LONGEST} seconds", "60 is the default")
    target = planning.Target(
        options.folder, options.cluster, options.name if options.sandbox else None, base=options.base
    )
    known = fleet.load(target.folder, console)
    catalogs = planning.chosen(known, target, settings)
    part = Part(options.topic, options.group, options.team)
    _check(part, known, catalogs)
    then = base.named(target.base, target.folder, settings, console)
    looks = [_look(catalog, part, target, then, options.timeout, console) for catalog in catalogs]
    faults = inherited.faults(known, None)
    codes = [code for look, code in looks if look] + [exits.of_faults(faults)]
    found = [look for look, _ in looks if look]
    late = [exits.PENDING] * (options.detailed_exitcode and any(look.is_late for look in found))
    return Lags(found, exits.worst([*codes, *late]), options.verbose, faults)


def _check(part: Part, known: fleet.Fleet, catalogs: Sequence[Catalog]) -> None:
    """Raises UsageError for a topic or a team that no file knows: a slip must not look like "nobody is late"."""
    declared = [name for catalog in catalogs for name in catalog.topics]
    if not any(map(part.has_topic, declared)) and part.topic is not None:
        hint = did_you_mean(part.topic, declared) or "name a topic of the files, or several by a glob in quotes"
        raise UsageError(f"{part.topic}: no declared topic is called so", hint)
    teams = known.declarations.teams
    if part.team is not None and part.team not in teams:
        raise UsageError(f"--team {part.team}: there is no such folder", did_you_mean(part.team, teams))


def _look(
    catalog: Catalog, part: Part, target: planning.Target, then: Base | None, seconds: float, console: Console
) -> tuple[Look | None, int]:
    """One cluster, and its exit code; None: there is nothing to look at."""
    name = catalog.cluster.name
    reached, notes = planning.reached(catalog, target, then)
    for note in notes:
        console.say(f"note: {note}")
    if reached is None or reached.cluster.is_retired:
        return None, exits.DONE
    context = opening.RunContext(templates.Templates({}, {}), console.environment, console.say, target.is_vouched)
    watched = dict(_watched(catalog, part))
    groups = {group for each in watched.values() for group in each.groups}
    try:
        reading = opening.unread_messages(reached, context, seconds).read(list(watched), groups, part.has_group)
    except (RefusedError, UnreachableError) as error:
        return Look(name, stopped=". ".join(filter(None, (error.message, error.hint)))), error.exit_code
    rows = [row for row in judged(watched, reading) if part.has(row)]
    is_one = part.topic in catalog.topics
    look = Look(name, reading.cluster_id, rows, unplaced(watched, reading), reading.gaps, is_one)
    return look, exits.UNREACHABLE if look.is_unclear else exits.DONE


def _watched(catalog: Catalog, part: Part) -> Iterator[tuple[str, Watched]]:
    """Each topic that is asked for, with the groups that are."""
    for name, topic in catalog.topics.items():
        if topic.state is not Presence.ABSENT and part.has_topic(name) and _calls(topic, part.team):
            consumers = [each for each in topic.consumers if part.has_group(each.group)]
            yield name, Watched(_of_others(topic), {each.group: _of(each) for each in consumers})


def _calls(topic: Topic, team: str | None) -> bool:
    return team is None or team in (topic.team.name, *(consumer.team.name for consumer in topic.consumers))


def _of(consumer: Consumer) -> Threshold:
    lag = consumer.lag.seconds if consumer.lag else None
    return Threshold(lag, consumer.team.name, consumer.team.chat)


def _of_others(topic: Topic) -> Threshold:
    return Threshold(topic.lag.seconds if topic.lag else None, topic.team.name, topic.team.chat)
