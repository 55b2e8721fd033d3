"""Catalogs at the edge of what may be declared: odd signs everywhere, as long and as many as there may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from provisioner.catalog import model
from provisioner.catalog.destinations import DashboardFolder
from provisioner.catalog.units import Duration
from provisioner.templates.characters import strange
from tests import declared

MAX_CONSUMERS, MAX_GROUP, MAX_DESCRIPTION, MAX_NAME, MAX_TOPIC = 250, 255, 4_000, 63, 249
LONGEST = Duration(5200 * 7 * 86_400)
SIGNS = ("\\", '"', "'", "{", "}", "{{", "}}", "{{ $value }}", "$", "${__user.login}", "[[x]]", ".*", "(", "|", "<b>")
SIGNS += ("`", "#", "%", "%s", "<<", ">>", "<< topic >>", "日本", "🎉", " ", "javascript:", "-", "*_~[](x)", "&amp;")


def filled(sign: str, length: int) -> str:
    """As much of a sign as there may be."""
    return (sign * (length // len(sign) + 1))[:length]


def groups(sign: str, count: int = MAX_CONSUMERS) -> list[str]:
    """As many groups as a topic may have, each as long as it may be, all of one sign but for a number."""
    return [f"{filled(sign, MAX_GROUP - 3)}{at:03}" for at in range(count)]


def catalog(
    text: str,
    read_by: Sequence[str],
    profile: str,
    lag: Duration | None = LONGEST,
    state: model.Presence = model.Presence.PRESENT,
) -> model.Catalog:
    """A cluster with a topic, its dead letter topic, and this text wherever people may write one."""
    written = declared.catalog({**declared.ORDERS, "dead_letter": "orders.v1.dlq"})
    place = written.topics["orders.v1"].span
    team = model.Team("t" * MAX_NAME, text, text.replace("\n", " ") or "x", f"https://{text}", place)
    consumers = tuple(model.Consumer(group, team, lag, text or "x", bool(lag), place) for group in read_by)
    topics = [
        replace(topic, team=team, description=filled(text, MAX_DESCRIPTION) if text else None, consumers=consumers)
        for topic in written.topics.values()
    ]
    names = {"orders.v1": filled("orders.", MAX_TOPIC - 1) + "v", "orders.v1.dlq": filled("orders-", MAX_TOPIC)}
    renamed = [
        replace(
            topic,
            name=names[topic.name],
            lag=lag,
            state=state,
            message=text or None,
            dead_letter=names.get(str(topic.dead_letter)),
            dead_letter_of=names.get(str(topic.dead_letter_of)),
        )
        for topic in topics
    ]
    dashboards = DashboardFolder("/dashboards", f"https://{text}")
    metrics = model.Metrics(profile, {"site": text})
    cluster = replace(written.cluster, name="c" * MAX_NAME, dashboards=dashboards, metrics=metrics)
    return model.Catalog(cluster, {topic.name: topic for topic in renamed})


_LETTERS = st.sampled_from(SIGNS) | st.characters(codec="utf-8").filter(lambda letter: not strange(letter))
TEXTS = st.lists(_LETTERS, max_size=12).map("".join)
GROUPS = TEXTS.map(lambda text: text.replace("\n", "")[:MAX_GROUP]).filter(bool)
LAGS = st.none() | st.sampled_from([Duration(1), Duration(40), Duration(600), LONGEST])
