"""What a template can name: the catalog as plain values without methods, and the metrics selected for it.

| name | in | what |
|---|---|---|
| cluster, team, metric, label | all | `team` is who is told; `label.group` the profile's word |
| topic, dashboard_url | all but scope cluster | |
| consumer | scope consumer | the declared group |
| lag, and every parameter with a `field` | where it is declared | the consumer's, or the topic's |
| uid, lag, rungs | dashboards | `lag` is none where every alert is switched off |
| chosen, every | dashboards | as `metric`, without the topic's label; of the groups that the reader chooses, of all |
| limits, calls | dashboards | the groups that share a limit, and those that one team is called for (`readers`) |
| links | dashboards | addresses: `declaration`, `dead_letter`, `served` |
| min_insync_replicas | dashboards | as declared, or none |
| shared, fleet | dashboards | true where `topic.name` is what the reader chooses; as `metric`, of all topics |
| any other parameter of the header | all | what alert_settings say, or its default |
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from provisioner.catalog import model
from provisioner.catalog.units import Duration
from provisioner.kinds import alert_settings, compact_names, dashboard_links, readers
from provisioner.kinds.template_values import Consumer, Links, Topic, cluster_of, links_of, team_of, topic_of
from provisioner.profiles import Metrics, Profile
from provisioner.profiles.metric import GROUP, Form, Matcher, over
from provisioner.profiles.promql import Fragment, quoted_in_grafana

LONGEST_AGE = Duration(21_600)
"""An age beyond it, and beyond twice the longest limit, is not looked for."""

RUNGS = (60, 300, 900, 3600, 21600)


@dataclass(frozen=True, slots=True)
class TemplateContext:
    """One topic of one cluster, with what every template of it can name."""

    cluster: model.Cluster
    profile: Profile
    declared: model.Topic
    topic: Topic
    settings: model.AlertSettings = field(default_factory=dict)
    of_groups: Mapping[str, model.AlertSettings] = field(default_factory=dict)

    @property
    def ingredients(self) -> object:
        """Everything of the topic that its alerts are made of."""
        said = any(self.of_groups.values()) or self.settings
        return (self.topic, self.settings, self.of_groups) if said else self.topic

    @property
    def links(self) -> Links:
        """Where its dashboard leads."""
        return links_of(self.cluster, self.declared)

    @property
    def min_insync_replicas(self) -> int | None:
        """As declared; None where the broker decides."""
        setting = self.declared.config.get("min.insync.replicas")
        return int(setting.value) if setting else None

    @property
    def of_dashboard(self) -> tuple[object, ...]:
        """What its dashboard is made of beside what all dashboards of the cluster are."""
        return self.topic, self.links, self.min_insync_replicas, cluster_of(self.cluster)

    def settings_of(self, consumer: Consumer | None) -> model.AlertSettings:
        """The settings of alerts about a group, or about the topic."""
        return self.of_groups[consumer.group] if consumer else self.settings

    def for_topic(self, thresholds: Mapping[str, Any]) -> dict[str, Any]:
        """Every group of the topic; the window is half of the shortest threshold, five minutes at most."""
        metric = self._metrics(_shortest(thresholds))
        return {**self._of_alert(), "team": self.topic.team, "metric": metric, **thresholds}

    def for_consumer(self, consumer: Consumer, thresholds: Mapping[str, Any]) -> dict[str, Any]:
        """One declared group."""
        return {
            **self._of_alert(consumer.group),
            "team": consumer.team,
            "consumer": consumer,
            "metric": self._metrics(_shortest(thresholds), self.profile.group(consumer.group)),
            **thresholds,
        }

    def compact(self, consumer: Consumer | None, thresholds: Mapping[str, Any]) -> dict[str, Any]:
        """All topics at once: nothing of one topic, but for what its class is made of.

        `metric`: of all topics and groups; `one`: of those that stand behind a query in `printf`; `slack` of the
        consumer; `topics`, `groups`, `dead_letters`: those that are looked after.
        """
        window = window_of(_shortest(thresholds))
        return {
            "cluster": cluster_of(self.cluster),
            "label": labels_of(self.profile),
            "metric": Metrics(self.profile, self.profile.everything(self.cluster.metrics.matchers), window),
            "one": Metrics(self.profile, compact_names.asked(self.profile, self.cluster), window),
            "slack": consumer.slack if consumer else 0,
            **compact_names.targets(self.cluster.name),
            **thresholds,
        }

    def for_dashboard(self) -> dict[str, Any]:
        """The groups that the reader of the dashboard chooses, with the window of the most eager alert."""
        lags = [lag for lag in (self.topic.lag, *(one.lag for one in self.topic.consumers)) if lag]
        selection = self.profile.selection(self.topic.name, self.cluster.metrics.matchers, quoted_in_grafana)
        chosen = selection.narrowed(GROUP, self.profile.groups(Fragment("$group")))
        window = window_of(min(lags, default=None))
        return {
            **self._common(),
            "team": self.topic.team,
            "metric": Metrics(self.profile, chosen, window),
            "chosen": Metrics(self.profile, replace(chosen, without_topic=True), window),
            "every": Metrics(self.profile, replace(selection, without_topic=True), window),
            "limits": readers.limits(self.declared),
            "calls": readers.calls(self.declared),
            "links": self.links,
            "min_insync_replicas": self.min_insync_replicas,
            "dashboard_url": dashboard_links.dashboard_url(self.cluster, self.topic.name),
            "uid": dashboard_links.uid(self.cluster.name, self.topic.name),
            "lag": self.topic.lag or min(lags, default=None),
            **reach(lags),
            **of_fleet(self.profile, self.cluster, window, shared=False),
        }

    def _of_alert(self, group: str | None = None) -> dict[str, Any]:
        return {**self._common(), "dashboard_url": self.dashboard_url(group)}

    def dashboard_url(self, group: str | None = None) -> Fragment | None:
        """Where an alert about the topic, or a group, leads."""
        url = dashboard_links.dashboard_url(self.cluster, self.topic.name, group, dashboard_links.WINDOW_OF_ALERT)
        return Fragment(url) if url else None

    def _common(self) -> dict[str, Any]:
        return {
            "cluster": cluster_of(self.cluster),
            "topic": self.topic,
            "label": labels_of(self.profile),
        }

    def _metrics(self, lag: Duration | None, *group: Matcher) -> Metrics:
        selection = self.profile.selection(self.topic.name, self.cluster.metrics.matchers)
        return Metrics(self.profile, selection.narrowed(GROUP, *group), window_of(lag))


def topic_context(catalog: model.Catalog, profile: Profile, topic: model.Topic) -> TemplateContext:
    """The topic, ready to be named by templates."""
    cluster = catalog.cluster
    of_groups = {one.group: alert_settings.of_consumer(cluster, topic, one) for one in topic.consumers}
    return TemplateContext(cluster, profile, topic, topic_of(topic), alert_settings.of_topic(cluster, topic), of_groups)


def of_cluster(cluster: model.Cluster, team: model.Team, profile: Profile, teams: int) -> dict[str, Any]:
    """The cluster itself: its metrics are those of all topics."""
    return {
        "cluster": cluster_of(cluster, teams),
        "team": team_of(team),
        "label": labels_of(profile),
        "metric": Metrics(profile, profile.everything(cluster.metrics.matchers), window_of(None)),
    }


def window_of(lag: Duration | None) -> Form:
    """How far back the holes of scrapes are bridged where an alert waits so long."""
    return over(str(readers.window(lag)))


def _shortest(thresholds: Mapping[str, Any]) -> Duration | None:
    return min((value for value in thresholds.values() if isinstance(value, Duration)), default=None)


def labels_of(profile: Profile) -> dict[str, Fragment]:
    """The profile's words by meaning."""
    return {meaning: Fragment(label) for meaning, label in profile.labels.items()}


def reach(lags: Collection[Duration]) -> dict[str, Any]:
    """How far back a dashboard looks where alerts wait so long, and at which ages it is exact."""
    return {
        "longest": max([LONGEST_AGE, *(Duration(2 * lag.seconds) for lag in lags)]),
        "rungs": tuple(dict.fromkeys([*RUNGS, *(lag.seconds for lag in lags)])),
    }


def of_fleet(profile: Profile, cluster: model.Cluster, window: Form, *, shared: bool) -> dict[str, Any]:
    """The metrics of all topics."""
    everything = profile.everything(cluster.metrics.matchers, quoted_in_grafana)
    return {"shared": shared, "fleet": Metrics(profile, everything, window)}
