"""The catalogs before and after: the adopted fields ask for what is live, and nothing else is asked for otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.catalog.model import Catalog, Topic

Asked = dict[str, Any]

CONFIG = "config."


def asked(topic: Topic) -> Asked:
    """Everything that a topic's declaration comes to, without the places that it stands at."""
    counts = {"partitions": str(topic.partitions.value), "replication_factor": str(topic.replication_factor.value)}
    config = {CONFIG + key: setting.value for key, setting in topic.config.items()}
    consumers = [
        (one.group, one.team.name, one.lag, one.severity, one.slack, one.expect_progress_within, one.alert_settings)
        for one in topic.consumers
    ]
    expected = (topic.expect_traffic_within, topic.throughput_drop, topic.throughput_rise, topic.skew)
    consents = [(one.slug, one.value, one.origin) for one in topic.consents]
    words = (topic.team.name, topic.state, topic.description, topic.message, topic.lag)
    return {
        **counts,
        **config,
        "": (words, topic.dead_letter, topic.dead_letter_of, consumers, consents, expected, topic.alert_settings),
    }


def disagreeing(
    before: Mapping[str, Catalog],
    after: Mapping[str, Catalog],
    cluster: str,
    adopted: Mapping[str, Mapping[str, str | None]],
) -> Mapping[str, str]:
    """Topic -> why its wishes must not be written. `adopted`: topic -> field -> what is live on `cluster`, None: unset.

    A topic that nobody wished anything of and that would be asked for otherwise is among them. A cluster that was held
    back before is no matter of this: nothing is known of what it asked for.
    """
    wrong: dict[str, str] = {}
    for name in before:
        then, now = before[name].topics, after[name].topics if name in after else {}
        for topic in then.keys() | now.keys():
            wishes = adopted.get(topic, {}) if name == cluster else {}
            old, new = (asked(each[topic]) if topic in each else {} for each in (then, now))
            if (why := next(_faults(old, new, wishes), None)) is not None:
                wrong.setdefault(topic, f"on cluster {name} {why}")
    return wrong


def _faults(old: Asked, new: Asked, wishes: Mapping[str, str | None]) -> Iterator[str]:
    for field in sorted(old.keys() | new.keys() | wishes.keys()):
        live = wishes.get(field)
        if live is not None and new.get(field) != live:
            yield f"{field} would still be {new.get(field)}"
        elif field not in wishes and old.get(field) != new.get(field):
            yield f"{field or 'its entry'} would be asked for otherwise"
