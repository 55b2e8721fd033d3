"""A story about a topic and its groups, with what a panel of its dashboard shows at some minutes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provisioner.kinds import DASHBOARDS
from provisioner.kinds.kind import Context
from tests import declared
from tests.kinds.boards import written_back
from tests.promtool.scenario import slug
from tests.promtool.stories import DLQ
from tests.promtool.timelines import Exported

LABELS = {
    "kafka_exporter": {"group": "consumergroup", "partition": "partition", "limit": "limit"},
    "kminion": {"group": "group_id", "partition": "partition_id", "limit": "limit"},
    "otel_kafkametrics": {"group": "group", "partition": "partition", "limit": "limit"},
}
Shown = Mapping[str, float]
"""Group (or partition, or nothing: see `by`) -> value."""


@dataclass(frozen=True)
class Board:
    """`shown`: minute -> what the panel shows then, to a tenth; `step`: seconds between two scrapes.

    `reference`: which of the panel's questions; `by`: the meaning of the label that tells its answers apart, if any.
    """

    name: str
    panel: str
    exported: Sequence[Exported]
    shown: Mapping[int, Shown]
    consumers: Any = field(default_factory=lambda: declared.BILLING)
    step: int = 60
    reference: str = "A"
    by: str = "group"
    topic: str = "orders.v1"

    def write(self, profile: str, place: Path) -> Path:
        """The test of the panel's first query, with Grafana's variables filled in. JSON is YAML."""
        one = {
            "interval": f"{self.step}s",
            "input_series": [line for exported in self.exported for line in exported.series(profile)],
            "promql_expr_test": list(self._asked(profile)),
        }
        path = place / f"{slug(self.name)}.test.json"
        path.write_text(json.dumps({"evaluation_interval": "1m", "tests": [one]}))
        return path

    def _asked(self, profile: str) -> Iterator[dict[str, Any]]:
        expression = f"round({self._expression(profile)}, 0.1)"
        for minute, shown in self.shown.items():
            samples = [{"labels": self._labels(profile, one), "value": value} for one, value in shown.items()]
            yield {"expr": expression, "eval_time": f"{minute}m", "exp_samples": samples}

    def _labels(self, profile: str, value: str) -> str:
        return f'{{{LABELS[profile][self.by]}="{value}"}}' if self.by else "{}"

    def _expression(self, profile: str) -> str:
        metrics = {"profile": profile, "matchers": {"cluster": "prod"}}
        orders = {**declared.ORDERS, "dead_letter": DLQ}
        catalog = declared.catalog(orders, self.consumers, metrics=metrics)
        resource = DASHBOARDS.wanted(catalog, Context(declared.shipped()))[self.topic].resource
        assert resource
        panel = next(each for each in written_back(json.loads(resource.text))["panels"] if each["title"] == self.panel)
        text: str = next(each["expr"] for each in panel["targets"] if each["refId"] == self.reference)
        return text.replace("$__rate_interval", "5m").replace("$group", ".*")
