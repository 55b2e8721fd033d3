"""What is asked for when a compact alert fires, and what is computed."""

from __future__ import annotations

import re

import pytest

from provisioner.kinds import alert_pieces, alert_targets, dashboard_links
from provisioner.kinds.compact_names import TARGET
from tests import declared

COMPACT = {"type": "files", "folder": "/rules", "layout": "compact"}
BOARDS = {"type": "files", "folder": "/boards", "url": "https://grafana.example.com/a"}
LABELS = {"kafka_cluster": "prod", "topic": "orders.v1", "consumer_group": "a b"}


def address(topic: str) -> str:
    return f"https://x/d/{dashboard_links.uid('prod', topic)}/{dashboard_links.slug(topic)}?from="


@pytest.mark.parametrize("topic", ["orders.v1", "Orders__V1.", "_a", "a" * 249])
def test_of_the_address_of_a_dashboard_only_the_hash_is_a_label(topic: str) -> None:
    """All else is computed, or the same for all topics."""
    labels, url = {**LABELS, "topic": topic}, address(topic)
    text = f"{url}{{{{ query }}}}&var-group=a%20b"
    cut, pieces = alert_pieces.cut("A", "dashboard_url", text, labels)
    assert list(pieces) == ["annotation_dashboard"]
    assert re.fullmatch("[0-9a-f]{24}", pieces["annotation_dashboard"])
    assert topic not in cut
    assert alert_pieces.whole(cut, {**labels, **pieces}) == text


@pytest.mark.parametrize("topic", ["...", "__"])
def test_what_cannot_be_computed_is_a_label(topic: str) -> None:
    """Of a name without letters Grafana's word is another one."""
    text = f"{address(topic)}{{{{ query }}}}"
    cut, pieces = alert_pieces.cut("A", "dashboard_url", text, {**LABELS, "topic": topic})
    assert pieces == {"annotation_dashboard_url": address(topic)}
    assert alert_pieces.whole(cut, pieces) == text


@pytest.mark.parametrize("layout", ["each", "shared"])
def test_no_address_is_written_out_for_each_topic(layout: str) -> None:
    """Whether each topic has a dashboard of its own, or all of them one."""
    boards = {**BOARDS, **({"layout": "shared"} if layout == "shared" else {})}
    made = declared.rules(declared.catalog(consumers=declared.BILLING, alerts=COMPACT, dashboards=boards))
    lines, policies = alert_targets.written(made, "payments")
    assert {line["record"] for line in lines} == {TARGET}
    assert "https://grafana" not in str([lines, policies])
    assert ("annotation_dashboard" in str(lines)) == (layout == "each")
