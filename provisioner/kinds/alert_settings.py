"""What people set of alerts: which level says it for whom, what a template makes of it, and what is switched off.

Cluster < team < topic < consumer; the team is whom the alert calls, the topic's owner or who runs the consumer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.catalog.model import AlertSettings, Cluster, Consumer, Topic
from provisioner.catalog.watching import merged
from provisioner.templates import Template
from provisioner.templates.parameters import Parameter

ENABLED, SEVERITY = "enabled", "severity"
"""What may be set of every alert, besides the parameters in its header."""


def of_cluster(cluster: Cluster) -> AlertSettings:
    """Those of the alerts of the cluster itself."""
    return merged(cluster.alert_settings, cluster.team.alert_settings if cluster.team else {})


def of_topic(cluster: Cluster, topic: Topic) -> AlertSettings:
    """Those of the alerts that call the topic's owner."""
    return merged(cluster.alert_settings, topic.team.alert_settings, topic.alert_settings)


def of_consumer(cluster: Cluster, topic: Topic, consumer: Consumer) -> AlertSettings:
    """Those of the alerts that call who runs the consumer."""
    levels = (cluster.alert_settings, consumer.team.alert_settings, topic.alert_settings, consumer.alert_settings)
    return merged(*levels)


def is_on(template: Template, settings: AlertSettings) -> bool:
    """False where somebody switched the alert off."""
    return settings.get(template.name, {}).get(ENABLED) is not False


def severity(template: Template, settings: AlertSettings) -> str | None:
    """The word that somebody set for the alert."""
    word = settings.get(template.name, {}).get(SEVERITY)
    return word if isinstance(word, str) and word else None


def parameters(template: Template, settings: AlertSettings) -> Mapping[str, Parameter]:
    """What replaces defaults of the template; what does not fit is a problem elsewhere, and nothing here."""
    written: Mapping[str, Any] = settings.get(template.name, {})
    settable = ((name, taken) for name, taken in template.takes.items() if name not in template.fields)
    found = {name: taken.fitting(written[name]) for name, taken in settable if name in written}
    return {name: value for name, value in found.items() if value is not None}
