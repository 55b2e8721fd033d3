"""What a compact rule can name beside a template's parameters: every topic, and pieces of queries for `printf`."""

from __future__ import annotations

from provisioner.catalog.model import Cluster
from provisioner.profiles import Profile
from provisioner.profiles.metric import GROUP, Matcher, Selection
from provisioner.profiles.promql import Fragment, quoted

POLICY = "kafka_alert_policy"
"""The series of what is looked after."""

JOINS, BESIDES = "joins", "besides"
"""Of a compact rule: the labels that its expression and its policies share; the declared groups, a list of JSON, where
it is about all others."""

_TOPIC, _GROUP = "\ue000topic\ue001", "\ue000group\ue001"
_VERBS = {_TOPIC: Fragment("%[1]q"), _GROUP: Fragment("%[2]q")}
"""Go's `printf` takes its arguments by number, as often as it needs each, and spells them as PromQL reads a string."""


def policies(cluster: str) -> dict[str, Fragment]:
    """`topics` and `groups`: PromQL for all that have policies, of that cluster."""
    here = f"kafka_cluster={quoted(cluster)}"
    return {
        "topics": Fragment(f"max by (topic) ({POLICY}{{{here}}})"),
        "groups": Fragment(f'max by (topic, consumer_group) ({POLICY}{{{here},consumer_group!=""}})'),
    }


def asked(profile: Profile, cluster: Cluster) -> Selection:
    """The series of the topic and the group that an alert is about: `printf`'s first and second argument."""
    chosen = profile.selection(_TOPIC, cluster.metrics.matchers, _quoted)
    return chosen.narrowed(GROUP, Matcher(profile.labels[GROUP], "=", _GROUP))


def _quoted(text: str) -> Fragment:
    return _VERBS.get(text) or Fragment(quoted(text).replace("%", "%%"))
