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
from tests.promtool.scenario import slug
from tests.promtool.timelines import Exported

GROUP = {"kafka_exporter": "consumergroup", "kminion": "group_id"}
Shown = Mapping[str, float]
"""Group -> value."""


@dataclass(frozen=True)
class Board:
    """`shown`: minute -> what the panel shows then, to a tenth; `step`: seconds between two scrapes."""

    name: str
    panel: str
    exported: Sequence[Exported]
    shown: Mapping[int, Shown]
    consumers: Any = field(default_factory=lambda: declared.BILLING)
    step: int = 60

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
            samples = [{"labels": f'{{{GROUP[profile]}="{group}"}}', "value": value} for group, value in shown.items()]
            yield {"expr": expression, "eval_time": f"{minute}m", "exp_samples": samples}

    def _expression(self, profile: str) -> str:
        metrics = {"profile": profile, "matchers": {"cluster": "prod"}}
        catalog = declared.catalog(declared.ORDERS, self.consumers, metrics=metrics)
        resource = DASHBOARDS.wanted(catalog, Context(declared.shipped()))["orders.v1"].resource
        assert resource
        panel = next(each for each in json.loads(resource.text)["panels"] if each["title"] == self.panel)
        text: str = panel["targets"][0]["expr"]
        return text.replace("$__rate_interval", "5m").replace("$group", ".*")
