"""Links to dashboards: written before there is one."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.catalog.destinations import DashboardFolder
from provisioner.catalog.model import Cluster
from provisioner.kinds import dashboard_links
from provisioner.problem import Span

NAMES = st.text(st.sampled_from("{}[]\"'\\$&#+\n\r\t <>|*_") | st.characters(codec="utf-8"), min_size=1, max_size=40)


def cluster(url: str | None = "https://grafana.example.com/") -> Cluster:
    return Cluster("prod", "kafka:9092", Span("x"), dashboards=DashboardFolder("/dashboards", url))


def test_a_uid_depends_on_cluster_and_topic_only() -> None:
    """The same in every run, another one for every pair; links that were sent stay right."""
    assert dashboard_links.uid("prod", "orders.v1") == "kafka-9358bad9f8fab730bc0a7370"
    pairs = [("prod", "a"), ("prod", "b"), ("test", "a"), ("proda", ""), ("pro", "da")]
    assert len({dashboard_links.uid(*pair) for pair in pairs}) == len(pairs)


@given(name=NAMES, topic=NAMES)
@settings(max_examples=50)
def test_a_uid_is_one_that_grafana_takes(name: str, topic: str) -> None:
    """At most forty letters, digits, - and _."""
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,40}", dashboard_links.uid(name, topic))


def test_a_link_leads_to_the_topic_now() -> None:
    """And to one group if it is about one."""
    base = "https://grafana.example.com/d/kafka-9358bad9f8fab730bc0a7370/orders-v1?from=now-3h&to=now"
    assert dashboard_links.dashboard_url(cluster(), "orders.v1") == base
    assert dashboard_links.dashboard_url(cluster(), "orders.v1", "billing") == f"{base}&var-group=billing"


def test_the_link_of_an_alert_shows_the_same_whenever_it_is_opened() -> None:
    """From three hours before it to one after, in milliseconds that Prometheus computes."""
    url = dashboard_links.dashboard_url(cluster(), "orders.v1", window=dashboard_links.WINDOW_OF_ALERT)
    assert url
    assert "now" not in url
    assert 'from={{ query "time() * 1000 -10800000" |' in url
    assert 'to={{ query "time() * 1000 +3600000" |' in url


def test_where_all_topics_share_a_dashboard_a_link_chooses_the_topic() -> None:
    """One uid for all; the group and the time as with a dashboard of its own."""
    place = DashboardFolder("/dashboards", "https://grafana.example.com", shared=True)
    shared = Cluster("prod", "kafka:9092", Span("x"), dashboards=place)
    url = dashboard_links.dashboard_url(shared, "orders v1&x", "billing")
    base = f"https://grafana.example.com/d/{dashboard_links.uid('prod', dashboard_links.SHARED)}/all-topics"
    assert url == f"{base}?var-topic=orders%20v1%26x&from=now-3h&to=now&var-group=billing"


def test_there_is_no_link_where_grafana_is_unknown() -> None:
    """No dashboards, or no address."""
    assert dashboard_links.dashboard_url(Cluster("prod", "kafka:9092", Span("x")), "orders.v1") is None
    assert dashboard_links.dashboard_url(cluster(None), "orders.v1") is None
    assert dashboard_links.dashboard_url(cluster(""), "orders.v1") is None


@given(topic=NAMES, group=NAMES)
@settings(max_examples=100)
def test_no_name_breaks_out_of_its_link(topic: str, group: str) -> None:
    """The group comes back as it was; nothing in a link opens an action of Prometheus."""
    url = dashboard_links.dashboard_url(cluster(), topic, group)
    assert url
    assert parse_qs(urlsplit(url).query, keep_blank_values=True)["var-group"] == [group]
    assert re.fullmatch(r"[!-z~]+", url)


def test_an_address_keeps_its_path_and_its_brackets() -> None:
    """Grafana behind a path, or at an IPv6 address; braces are no part of an address."""
    url = dashboard_links.dashboard_url(cluster("http://[::1]:3000/grafana/{{ x }}"), "a")
    assert url
    assert url.startswith("http://[::1]:3000/grafana/%7B%7B%20x%20%7D%7D/d/")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://x", " https://x", "grafana", "//x", "data:text/html,x"])
def test_only_an_address_of_the_web_becomes_a_link(url: str) -> None:
    """Whoever reads the alert clicks on it."""
    assert dashboard_links.dashboard_url(cluster(url), "orders.v1") is None


@pytest.mark.parametrize(
    ("cluster", "team", "readable"),
    [
        ("prod", "payments", "kafka-prod_payments"),
        ("prod-eu", "order-flow-2", "kafka-prod-eu_order-flow-2"),
        ("prod", "a" * 29, "kafka-prod_" + "a" * 29),
        ("prod", "a" * 30, ""),
        ("prod", "Payments", ""),
        ("prod", "pay_ments", ""),
        ("pro_d", "payments", ""),
        ("prod", "zahlungen.eu", ""),
    ],
)
def test_the_dashboard_of_a_team_has_an_address_that_people_can_type(cluster: str, team: str, readable: str) -> None:
    """Where its names allow it: else the hash that topics have."""
    uid = dashboard_links.uid_of_team(cluster, team)
    assert uid == readable if readable else re.fullmatch("kafka-[0-9a-f]{24}", uid)


@given(st.lists(st.text(st.sampled_from("ab-_.A"), min_size=1, max_size=4), min_size=4, max_size=4))
def test_no_two_teams_share_an_address(names: list[str]) -> None:
    """Of whatever clusters; nor with a topic, nor where capitals count as small letters; Grafana takes each."""
    one, other, cluster, another = names
    uids = {
        (where, who): dashboard_links.uid_of_team(where, who) for where in (cluster, another) for who in (one, other)
    }
    assert len({uid.lower() for uid in uids.values()}) == len(uids)
    assert all(re.fullmatch("[A-Za-z0-9_-]{1,40}", uid) for uid in uids.values())
    assert not {dashboard_links.uid(cluster, one), dashboard_links.uid(another, other)} & set(uids.values())
