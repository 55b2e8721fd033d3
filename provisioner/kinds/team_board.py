"""A team's dashboard: the topics that it owns and the groups that it runs, the worst first, with a way down to each.

Exporters know no teams: its topics and groups are named in the questions, as far as that is a bearable length.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.catalog import model
from provisioner.kinds import dashboard_links
from provisioner.kinds.template_context import labels_of, of_fleet, window_of
from provisioner.kinds.template_values import cluster_of, team_of
from provisioner.profiles import Metrics, Profile
from provisioner.profiles.metric import GROUP, TOPIC, Matcher
from provisioner.profiles.promql import Fragment, any_of, quoted_in_grafana

MOST_NAMED = 300
"""Topics, and groups; a team with more sees what fires, and no tables of all."""

MOST_SIGNS = 50_000
"""Of all names, quoted: a question has them up to six times over, and is a text of 400,000."""

MOST_LINKED = 150
"""Topics with dashboards of their own: each is a line in many questions. Beyond, Grafana's search leads there."""

TIME = "${__url_time_range}"


@dataclass(slots=True)
class Charge:
    """What a team answers for. `read`: the topics of its groups."""

    team: model.Team
    topics: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)


def charges(topics: Iterable[model.Topic]) -> dict[str, Charge]:
    """By team, each in the order of names."""
    found: dict[str, Charge] = {}
    for topic in sorted(topics, key=lambda topic: topic.name):
        if topic.state is not model.Presence.ABSENT:
            found.setdefault(topic.team.name, Charge(topic.team)).topics.append(topic.name)
            for one in topic.consumers:
                charge = found.setdefault(one.team.name, Charge(one.team))
                charge.groups.append(one.group)
                charge.read.append(topic.name)
    return found


def names(cluster: model.Cluster, profile: Profile, charge: Charge) -> dict[str, Any]:
    """What its template can name.

    `owned`: the metrics of its topics, `run`: of its groups; none where there are none, too many or too long ones.
    `link`: to the dashboard of a row's topic; `joined`: PromQL that gives each row what the link needs.
    """
    linked = tuple(dict.fromkeys([*charge.topics, *charge.read]))
    return {
        "cluster": cluster_of(cluster),
        "team": team_of(charge.team),
        "label": labels_of(profile),
        "uid": dashboard_links.uid_of_team(cluster.name, charge.team.name),
        "owned": _metrics(profile, cluster, {TOPIC: charge.topics}),
        "run": _metrics(profile, cluster, {TOPIC: charge.read, GROUP: charge.groups}),
        "link": Fragment(_link(cluster, linked)),
        "joined": Fragment(_joined(cluster, profile, linked)),
        "counts": {"topics": len(charge.topics), "groups": len(set(charge.groups))},
        **of_fleet(profile, cluster, window_of(None), shared=_is_shared(cluster)),
    }


def ingredients(cluster: model.Cluster, charge: Charge) -> object:
    """What it is made of beside what all dashboards of the cluster are."""
    uid = dashboard_links.uid_of_team(cluster.name, charge.team.name)
    return "team", uid, team_of(charge.team), charge.topics, charge.groups, charge.read, cluster_of(cluster)


def _metrics(profile: Profile, cluster: model.Cluster, named: Mapping[str, list[str]]) -> Metrics | None:
    if any(not texts or len(set(texts)) > MOST_NAMED for texts in named.values()):
        return None
    patterns = {label: any_of(sorted(set(texts))) for label, texts in named.items()}
    if sum(len(quoted_in_grafana(pattern)) for pattern in patterns.values()) > MOST_SIGNS:
        return None
    selection = profile.everything(cluster.metrics.matchers, quoted_in_grafana)
    for label, pattern in patterns.items():
        selection = selection.narrowed(label, Matcher(profile.labels[label], "=~", pattern))
    return Metrics(profile, selection, window_of(None))


def _is_shared(cluster: model.Cluster) -> bool:
    return cluster.dashboards is not None and cluster.dashboards.shared


def _link(cluster: model.Cluster, linked: tuple[str, ...]) -> str:
    topic = "${__data.fields.topic:percentencode}"
    if _is_shared(cluster):
        return f"/d/{dashboard_links.uid(cluster.name, dashboard_links.SHARED)}?var-topic={topic}&{TIME}"
    if len(linked) > MOST_LINKED:
        return f"/dashboards?tag=kafka&tag={cluster.name}&query={topic}"
    return f"/d/${{__data.fields.board}}?{TIME}"


def _joined(cluster: model.Cluster, profile: Profile, linked: tuple[str, ...]) -> str:
    if _is_shared(cluster) or not linked or len(linked) > MOST_LINKED:
        return ""
    label = profile.labels[TOPIC]
    boards = (_board(label, topic, dashboard_links.uid(cluster.name, topic)) for topic in linked)
    # An alert of the cluster itself has no topic, and would have no row without the last of them.
    return f" * on ({label}) group_left (board) ({' or '.join([*boards, 'vector(1)'])})"


def _board(label: str, topic: str, uid: str) -> str:
    """Kafka's names of topics have no sign that means something in there."""
    return f'label_replace(label_replace(vector(1), "{label}", "{topic}", "", ""), "board", "{uid}", "", "")'
