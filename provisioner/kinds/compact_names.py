"""What a compact rule can name beside a template's parameters: every topic, and pieces of queries for `printf`."""

from __future__ import annotations

from provisioner.catalog.model import Cluster
from provisioner.profiles import Profile
from provisioner.profiles.metric import GROUP, Matcher, Selection
from provisioner.profiles.promql import Fragment, quoted

TARGET, POLICY = "kafka_alert_target", "kafka_alert_policy"
"""The series of what is looked after, and of how: a target has the `LINK` of its policy."""
LINK = "policy"

JOINS, BESIDES, SERVES = "joins", "besides", "serves"
"""Of a compact rule: the labels that its expression and its targets share; the declared groups, a list of JSON, where
it is about all others; of a dead letter topic whose dead letters it takes."""

SERVED = "annotation_dead_letter_of"
"""The label of a target that says it."""

_TOPIC, _GROUP = "\ue000topic\ue001", "\ue000group\ue001"
_VERBS = {_TOPIC: Fragment("%[1]q"), _GROUP: Fragment("%[2]q")}
"""Go's `printf` takes its arguments by number, as often as it needs each, and spells them as PromQL reads a string."""


def targets(cluster: str) -> dict[str, Fragment]:
    """`topics`, `groups`, `dead_letters`: PromQL for all that are looked after, of that cluster.

    `dead_letter_of`: an action of Prometheus, for annotations.
    """
    here = f"kafka_cluster={quoted(cluster)}"
    asked = f'printf "{TARGET}{{kafka_cluster=%q,topic=%q,{SERVED}!=%q}}" {quoted(cluster)} $labels.topic "" | query'
    return {
        "topics": Fragment(f"max by (topic) ({TARGET}{{{here}}})"),
        "groups": Fragment(f'max by (topic, consumer_group) ({TARGET}{{{here},consumer_group!=""}})'),
        "dead_letters": Fragment(f'max by (topic) ({TARGET}{{{here},{SERVED}!=""}})'),
        "dead_letter_of": Fragment(f'{{{{ with {asked} }}}}{{{{ . | first | label "{SERVED}" }}}}{{{{ end }}}}'),
    }


def asked(profile: Profile, cluster: Cluster) -> Selection:
    """The series of the topic and the group that an alert is about: `printf`'s first and second argument."""
    chosen = profile.selection(_TOPIC, cluster.metrics.matchers, _quoted)
    return chosen.narrowed(GROUP, Matcher(profile.labels[GROUP], "=", _GROUP))


def _quoted(text: str) -> Fragment:
    return _VERBS.get(text) or Fragment(quoted(text).replace("%", "%%"))
