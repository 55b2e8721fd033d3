"""What somebody is sent: the alert of the recording, as Prometheus' own code gives it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recorded import message
from tests.recorded.clock import END
from tests.recorded.rendered import CASES

pytestmark = [pytest.mark.promtool]


def test_the_alert_says_who_is_late_whom_it_calls_and_where_to_look(recording: Path) -> None:
    alert = message.alerts(CASES[0].rules(recording))[0]
    assert (alert.labels["consumer_group"], alert.labels["team"]) == ("shipping-planner", "logistics")
    assert alert.annotations["summary"] == "shipping-planner is more than 15m behind on orders.v1"
    assert alert.annotations["diagnosis"].startswith("members: 1, committing 190/s, producing 7")
    span = f"from={(END - 3 * 3600) * 1000}&to={(END + 3600) * 1000}"
    assert alert.annotations["dashboard_url"].endswith(f"?{span}&var-group=shipping-planner")
