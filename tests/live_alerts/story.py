"""What there is, what happens to it, which alerts there must be: one table for every profile and layout."""

from __future__ import annotations

from tests.live_alerts import events, fleet, rows
from tests.live_alerts.model import Story
from tests.live_alerts.pace import Pace


def story(pace: Pace) -> Story:
    """The whole table at that pace."""
    topics, groups = list(fleet.topics(pace)), list(fleet.groups(pace))
    order = sorted(events.events(pace), key=lambda event: event.at)
    return Story(topics, groups, order, list(rows.rows(pace, topics, groups)))
