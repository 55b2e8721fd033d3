"""A story about a topic and its groups, with the alerts there must be in each minute; as a unit test of promtool."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from provisioner.catalog.model import Catalog
from provisioner.kinds import rule_files
from provisioner.kinds.alert_set import AlertSet, Rule
from tests import declared
from tests.promtool.timelines import Exported

PENDING, FIRING = "pending", "firing"


class Alert(NamedTuple):
    """An alert as people tell it from others."""

    name: str
    group: str = ""
    topic: str = "orders.v1"


Alerts = Mapping[Alert, str]
"""What there is at a time -> pending or firing."""
Phases = Mapping[int, Alerts | None]
"""From this minute on, until the next phase, exactly these alerts; None: not looked at."""


@dataclass(frozen=True)
class Scenario:
    """`end` is the last minute looked at; `step`: minutes between two scrapes, and two evaluations.

    `says`: the annotations at a minute; `team` and `settings` (of the cluster), `topics`, `consumers`: as people
    declare them.
    """

    name: str
    exported: Sequence[Exported]
    phases: Phases
    end: int
    topics: Any = field(default_factory=lambda: declared.ORDERS)
    consumers: Any = field(default_factory=lambda: declared.BILLING)
    step: int = 1
    team: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    says: Mapping[int, tuple[Alert, Mapping[str, str]]] = field(default_factory=dict)

    def catalog(self, profile: str, layout: str = "readable") -> Catalog:
        """What is declared."""
        metrics = {"profile": profile, "matchers": {"cluster": "prod"}}
        return declared.catalog(
            self.topics,
            self.consumers,
            metrics=metrics,
            team=self.team,
            alert_settings=self.settings,
            alerts={"type": "files", "folder": "/rules", "layout": layout},
        )

    def write(self, profile: str, place: Path, layout: str = "readable") -> Path:
        """The rules as they are shipped, and the test of them. JSON is YAML."""
        made = declared.sets(self.catalog(profile, layout))
        packed = rule_files.pack("prod", made.values())
        names = [f"{slug(self.name)}-{name}" for name in packed]
        for name, text in zip(names, packed.values(), strict=True):
            (place / name).write_text(text)
        path = place / f"{slug(self.name)}.test.json"
        # What is looked after is there before it is asked for; else the order of groups is left to chance.
        order = sorted((group["name"] for text in packed.values() for group in rule_files.groups(text)), reverse=True)
        order.sort(key=lambda group: group.startswith("kafka-compact"))
        path.write_text(json.dumps({**self._test(profile, made), "rule_files": names, "group_eval_order": order}))
        return path

    def _test(self, profile: str, made: Mapping[str, AlertSet]) -> dict[str, Any]:
        rules = [rule for alerts in made.values() for rule in alerts.rules]
        one = {
            "interval": f"{self.step}m",
            "input_series": [line for exported in self.exported for line in exported.series(profile)],
            "promql_expr_test": list(self._states(rules)),
            "alert_rule_test": list(self._texts(rules)),
        }
        return {"evaluation_interval": f"{self.step}m", "tests": [one]}

    def _states(self, rules: Sequence[Rule]) -> Iterator[dict[str, Any]]:
        begins = sorted(self.phases)
        for minute in range(begins[0], self.end + 1, self.step):
            alerts = self.phases[max(begin for begin in begins if begin <= minute)]
            if alerts is None:
                continue
            samples = [{"labels": _sample(rules, alert, state), "value": 1} for alert, state in alerts.items()]
            yield {"expr": "ALERTS", "eval_time": f"{minute}m", "exp_samples": samples}

    def _texts(self, rules: Sequence[Rule]) -> Iterator[dict[str, Any]]:
        has_board = any("dashboard_url" in rule["annotations"] for rule in rules)
        for minute, (alert, texts) in self.says.items():
            shown = {name: text for name, text in texts.items() if has_board or name != "dashboard_url"}
            expected = {"exp_labels": labels(rules, alert), "exp_annotations": shown}
            yield {"eval_time": f"{minute}m", "alertname": alert.name, "exp_alerts": [expected]}


def labels(rules: Sequence[Rule], alert: Alert) -> dict[str, str]:
    """The labels as Alertmanager sees them; a group that the rule does not name comes from the series."""
    named = ((rule["labels"], (rule["alert"], rule["labels"].get("topic", ""))) for rule in rules)
    found = [known for known, whose in named if whose == (alert.name, alert.topic)]
    of_group = [known for known in found if known.get("consumer_group", "") == alert.group]
    others = [known for known in found if "consumer_group" not in known]
    return {**(of_group or others)[0], **({"consumer_group": alert.group} if alert.group else {})}


def _sample(rules: Sequence[Rule], alert: Alert, state: str) -> str:
    known = {**labels(rules, alert), "alertname": alert.name, "alertstate": state}
    return "ALERTS{" + ", ".join(f"{name}={json.dumps(value)}" for name, value in known.items()) + "}"


def slug(name: str) -> str:
    """The name as a part of a file's."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower())


def run(tests: Sequence[Path]) -> tuple[int, dict[str, str]]:
    """promtool over all files at once: its exit code, and what it says of each file."""
    command = ["promtool", "test", "rules", *(str(path) for path in tests)]
    # A quarter of its time is the collector's; with this it takes 115 MB in place of 63.
    less = {**os.environ, "GOGC": "400"}
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900, check=False, env=less
    )
    pieces = re.split(r"^Unit Testing: +(\S+)\n", done.stdout, flags=re.MULTILINE)
    return done.returncode, {
        Path(name).name: said.strip() for name, said in zip(pieces[1::2], pieces[2::2], strict=True)
    }
