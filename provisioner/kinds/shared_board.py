"""The one dashboard of all topics of a cluster: the reader chooses the topic, so it is the same for ten thousand.

It knows no declaration of the topic that is chosen: limits, teams and partitions of all would not fit. Which group is
late is asked of its own alert.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from provisioner.catalog import model
from provisioner.catalog.units import Duration
from provisioner.kinds import dashboard_links
from provisioner.kinds.readers import MOST_LIMITS
from provisioner.kinds.template_context import LONGEST_AGE, RUNGS, labels_of, of_fleet, reach, window_of
from provisioner.kinds.template_values import Links, Team, Topic, cluster_of
from provisioner.profiles import Metrics, Profile
from provisioner.profiles.metric import GROUP
from provisioner.profiles.promql import Fragment, quoted_in_grafana

CHOSEN = Fragment("$topic")
"""The name of a topic that Grafana fills in."""

_NOBODY = Team("", None, None, model.DEFAULT_SEVERITY)
ANY_TOPIC = Topic(CHOSEN, _NOBODY, None, None, True, 0, 0, None, None, "delete", None, None, None, (), ())
"""What is known of whatever is chosen: nothing, as of a topic that somebody else declares."""


def lags(topics: Mapping[str, model.Topic]) -> tuple[Duration, ...]:
    """The different limits of all groups, ascending; of more than a ladder has rungs the longest alone."""
    present = [topic for topic in topics.values() if topic.state is not model.Presence.ABSENT]
    found = {lag for topic in present for lag in (topic.lag, *(one.lag for one in topic.consumers)) if lag}
    alike = sorted(found, key=lambda lag: lag.seconds)
    return tuple(alike if len(alike) + len(RUNGS) <= MOST_LIMITS else alike[-1:])


def names(cluster: model.Cluster, profile: Profile, limits: tuple[Duration, ...]) -> dict[str, Any]:
    """What its template can name: as for one topic, without what a declaration says. `limits`: see `lags`."""
    selection = profile.selection(CHOSEN, cluster.metrics.matchers, quoted_in_grafana)
    chosen = selection.narrowed(GROUP, profile.groups(Fragment("$group")))
    window = window_of(min(limits, key=lambda lag: lag.seconds, default=None))
    url = dashboard_links.declarations_url(cluster)
    return {
        "cluster": cluster_of(cluster),
        "topic": ANY_TOPIC,
        "team": _NOBODY,
        "label": labels_of(profile),
        "metric": Metrics(profile, chosen, window),
        "chosen": Metrics(profile, replace(chosen, without_topic=True), window),
        "every": Metrics(profile, replace(selection, without_topic=True), window),
        "limits": (),
        "calls": (),
        "links": Links("", url, None, None),
        "min_insync_replicas": None,
        "dashboard_url": None,
        "uid": dashboard_links.uid(cluster.name, dashboard_links.SHARED),
        "lag": None,
        # Of the longest limit of all the steps would be minutes for everyone.
        **reach(limits),
        "longest": LONGEST_AGE,
        **of_fleet(profile, cluster, window, shared=True),
    }


def ingredients(cluster: model.Cluster, limits: tuple[Duration, ...]) -> object:
    """What it is made of beside what all dashboards of the cluster are."""
    return "shared", limits, dashboard_links.declarations_url(cluster), cluster_of(cluster)
