"""`python -m tests.recorded.message RULES OUT.html`: what somebody is sent at the end of the recording.

The alert is Prometheus' own: promtool evaluates the rendered rules over the last hours of the recording, and says which
labels and annotations it found. The message is Alertmanager's e-mail, by its default template.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from provisioner.profiles import named
from tests.recorded import alerting, fleet
from tests.recorded.clock import END, SCRAPE
from tests.recorded.exporters import Samples, exported

CLUSTER, TOPIC, ALERT = "prod", "orders.v1", "KafkaConsumerLagHigh"
SPAN = 3 * 3600
"""Seconds that promtool is told of: its own clock begins at 1970."""
TEMPLATES = Path("/usr/share/prometheus/alertmanager")
"""Where Debian has what Alertmanager brings along."""
_GOT = re.compile(r"Labels:\{(.*)\}\s+Annotations:\{(.*)\}")
_PAIR = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*")')
_MILLISECONDS = re.compile(r"\b(from|to)=(\d+)")


class Alert(NamedTuple):
    """As Prometheus sends it."""

    labels: Mapping[str, str]
    annotations: Mapping[str, str]


def alerts(folder: Path) -> list[Alert]:
    """Those that fire at the end, on the topic, by the rules in this folder."""
    with tempfile.TemporaryDirectory() as place:
        rules, test = Path(place) / "rules.json", Path(place) / "test.json"
        rules.write_text(json.dumps({"groups": [{"name": TOPIC, "rules": _rules(folder)}]}))
        test.write_text(json.dumps(_test(rules)))
        # It expects no alert at all, and so says which ones there are.
        command = ["promtool", "test", "rules", str(test)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    found = list(_said(done.stdout + done.stderr))
    assert found, f"promtool found no alert: {done.stdout[-1000:]} {done.stderr[-1000:]}"
    return found


def _rules(folder: Path) -> list[Mapping[str, Any]]:
    return [one for one in alerting.rules(folder) if (one["alert"], one["labels"].get("topic")) == (ALERT, TOPIC)]


def _test(rules: Path) -> Mapping[str, Any]:
    metrics = fleet.declared()[CLUSTER].cluster.metrics
    samples = exported([fleet.histories(CLUSTER)[TOPIC]], named(metrics.profile), metrics.matchers)
    one = {
        "interval": f"{SCRAPE}s",
        "input_series": list(_input(samples)),
        "alert_rule_test": [{"eval_time": f"{SPAN}s", "alertname": ALERT, "exp_alerts": []}],
    }
    return {"rule_files": [str(rules)], "evaluation_interval": f"{SCRAPE}s", "tests": [one]}


def _input(samples: Iterable[Samples]) -> Iterator[Mapping[str, str]]:
    for one in samples:
        values = dict(zip(one.times, one.values, strict=True))
        told = (str(values.get(when, "_")) for when in range(END - SPAN, END + 1, SCRAPE))
        yield {"series": one.series, "values": " ".join(told)}


def _said(text: str) -> Iterator[Alert]:
    for found in _GOT.findall(text.partition("got:")[2]):
        yield Alert(*map(_pairs, found))


def _pairs(text: str) -> Mapping[str, str]:
    return {name: _at_the_end(json.loads(value)) for name, value in _PAIR.findall(text)}


def _at_the_end(text: str) -> str:
    return _MILLISECONDS.sub(lambda found: f"{found[1]}={int(found[2]) + (END - SPAN) * 1000}", text)


def mail(found: Iterable[Alert]) -> str:
    """HTML."""
    listed = [_fired(one) for one in found]
    data = {
        "status": "firing",
        "alerts": listed,
        "groupLabels": {"alertname": ALERT},
        "commonLabels": listed[0]["labels"],
        "commonAnnotations": {},
        "externalURL": "https://alertmanager.example.com",
    }
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(data, file)
        file.flush()
        command = ["amtool", "template", "render", f"--template.glob={TEMPLATES}/*.tmpl", "--template.type=html"]
        asked = [f"--template.data={file.name}", '--template.text={{ template "email.default.html" . }}']
        return subprocess.run([*command, *asked], capture_output=True, text=True, timeout=60, check=True).stdout


def _fired(alert: Alert) -> dict[str, Any]:
    times = {"startsAt": datetime.fromtimestamp(END, UTC).isoformat(), "endsAt": "0001-01-01T00:00:00Z"}
    return {**alert._asdict(), **times, "status": "firing", "generatorURL": "https://prometheus.example.com/alerts"}


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(mail(alerts(Path(sys.argv[1]))))
