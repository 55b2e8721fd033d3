"""Who reads a topic, as its dashboard asks: the groups that share a limit, and the groups that one team is called for.

Groups that share an answer share a piece of PromQL: a topic with fifty consumers asks no more than one with three.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from provisioner.catalog import model
from provisioner.catalog.units import Duration
from provisioner.profiles.groups import Groups
from provisioner.profiles.limits import Limit

WIDEST_WINDOW = Duration(300)
MOST_LIMITS = 24
"""Each is a piece of PromQL in several questions; nobody tells twenty-five red lines apart."""
MOST_SIGNS = 20_000
"""Of the names of a topic's groups: each stands in a question twice, and a sign may take four where it is quoted."""


@dataclass(frozen=True, slots=True)
class Call:
    """The groups that one team is called for. `words`: whom and where; not `declared`: those that nobody declared."""

    words: str
    declared: bool
    groups: Groups


def window(lag: Duration | None) -> Duration:
    """While an exporter is silent the old offsets move on: a window above half of the lag would page for that."""
    return min(WIDEST_WINDOW, Duration(max(1, lag.seconds // 2))) if lag else WIDEST_WINDOW


def limits(topic: model.Topic) -> tuple[Limit, ...]:
    """By lag, those of declared groups first; none where no alert is on, or where there are too many to draw."""
    found = tuple(_limits(topic))
    signs = sum(len(one.group) for one in topic.consumers)
    return found if len(found) <= MOST_LIMITS and signs <= MOST_SIGNS else ()


def _limits(topic: model.Topic) -> Iterator[Limit]:
    for lag, slack in sorted({(one.lag, one.slack) for one in topic.consumers if one.lag}):
        alike = (one.group for one in topic.consumers if (one.lag, one.slack) == (lag, slack))
        yield Limit(lag, slack, window(lag), Groups(tuple(alike)))
    if topic.lag:
        yield Limit(topic.lag, 0, window(topic.lag), Groups(_names(topic.consumers), others=True))


def calls(topic: model.Topic) -> tuple[Call, ...]:
    """By team, in the order of the topic's consumers; whoever is not declared is the topic's owner's to find out."""
    teams = {one.team.name: one.team for one in topic.consumers}
    declared = [
        Call(_called(team), True, Groups(_names(one for one in topic.consumers if one.team.name == name)))
        for name, team in teams.items()
    ]
    others = Groups(_names(topic.consumers), others=True)
    return (*declared, Call(f"undeclared: {topic.team.name}", False, others))


def _called(team: model.Team) -> str:
    return f"{team.name} {team.chat}" if team.chat else team.name


def _names(consumers: Iterable[model.Consumer]) -> tuple[str, ...]:
    return tuple(one.group for one in consumers)
