"""What ten thousand topics with a consumer each cost: rules and boards in folders, as ratios to `validate` in one run.

Each command is a process of its own, so that its memory is its own. promtool's share of the time stands apart.

    bench_rendering.py [TOPICS]        default: 10000
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

CHILD = """
import contextlib, io, json, resource, sys
from provisioner import cli
out = io.StringIO()
with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
    code = cli.main(sys.argv[1:])
mine, promtool = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
spent = [each.ru_utime + each.ru_stime for each in (mine, promtool)]
unit = 1024 * 1024 if sys.platform == "darwin" else 1024
print(json.dumps([code, *spent, mine.ru_maxrss / unit, out.getvalue()[-2000:]]))
"""


class Cost(NamedTuple):
    """Seconds of CPU, its own and promtool's; resident memory at its highest, in MiB."""

    cpu: float
    promtool: float
    memory: float


def declared(folder: Path, count: int, per_file: int = 100) -> None:
    """A fleet in files of a hundred topics, twenty teams, one consumer each."""
    topics = folder / "topics"
    topics.mkdir()
    (topics / "clusters.yaml").write_text(
        "clusters:\n  prod:\n    bootstrap: kafka:9092\n    record: none\n    cluster_id: any\n"
        "    defaults: {partitions: 1, replication_factor: 3, config: {min.insync.replicas: 2}}\n"
        f"    alerts: {{type: files, folder: {folder / 'rules'}, create: true}}\n"
        f'    dashboards: {{type: files, folder: {folder / "boards"}, create: true, url: "https://grafana.example.com"}}\n'
    )
    for at in range(0, count, per_file):
        team = topics / f"team{at // per_file % 20:02}"
        team.mkdir(exist_ok=True)
        (team / "team.yaml").write_text('chat: "#team"\n')
        numbers = range(at, min(count, at + per_file))
        entries = [
            f"  - name: bench.{number:05}.v1\n    description: One message per order, keyed by customer\n"
            f"    message: bench.v1.Order{number}\n"
            "    config: {retention.ms: 3d, cleanup.policy: delete}\n    lag: 10m\n"
            for number in numbers
        ]
        consumers = [f"  - {{topic: bench.{number:05}.v1, group: billing, lag: 5m}}\n" for number in numbers]
        (team / f"topics{at:05}.yaml").write_text(f"topics:\n{''.join(entries)}consumers:\n{''.join(consumers)}")


def cost(folder: Path, *arguments: str) -> Cost:
    """Of one command in that folder. Ends the run if it fails."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    code, cpu, promtool, memory, printed = json.loads(done.stdout)
    if code:
        raise SystemExit(f"{' '.join(arguments)} ended with {code}:\n{printed}")
    return Cost(cpu, promtool, memory)


def together(*costs: Cost) -> Cost:
    """One after the other."""
    return Cost(sum(c.cpu for c in costs), sum(c.promtool for c in costs), max(c.memory for c in costs))


def lanes(folder: Path, *arguments: str) -> Cost:
    """Both rendered lanes, neither of which needs a broker."""
    return together(
        *(cost(folder, *arguments, "--cluster", "prod", "--lane", lane) for lane in ("alerts", "dashboards"))
    )


def row(what: str, spent: Cost, base: Cost, count: int, aim: str = "") -> None:
    print(
        f"{what:<46} {spent.cpu:7.2f} s cpu {spent.memory:5.0f} MiB {spent.cpu / count * 1000:6.2f} ms a topic   "
        f"ratio to validate {spent.cpu / base.cpu:5.1f}   promtool {spent.promtool:6.2f} s   {aim}",
        flush=True,
    )


def another_version(folder: Path) -> None:
    """One line of one alert template and one word of the dashboard are other ones."""
    shipped = Path(__file__).parents[1]
    for name, old, new in (
        ("alert_templates/consumer_lag.yaml", "> << metric.log_start or", ">= << metric.log_start or"),
        ("dashboards/topic.json", '"cps"', '"ops"'),
    ):
        (folder / name).parent.mkdir()
        (folder / name).write_text((shipped / name).read_text("utf-8").replace(old, new), "utf-8")


def size(folder: Path) -> str:
    """Of the dashboards below it."""
    found = [path.stat().st_size for path in folder.rglob("dashboards/**/[!.]*.json")]
    return f"{len(found)} dashboards, {sum(found) / 1024**2:.1f} MiB, the largest {max(found) / 1024:.0f} KiB"


LAYOUTS = {
    "of each topic and each team": "teams: true",
    "of all topics": "layout: shared",
    "of all topics and of each team": "layout: shared, teams: true",
}
"""Other dashboards of the same fleet, by what the cluster says of them."""


@contextmanager
def in_layout(folder: Path, words: str) -> Iterator[None]:
    """The same fleet with other dashboards, while this lasts."""
    clusters = folder / "topics" / "clusters.yaml"
    before = clusters.read_text()
    clusters.write_text(before.replace("dashboards: {type: files, ", f"dashboards: {{type: files, {words}, "))
    yield
    clusters.write_text(before)


def layouts(folder: Path, base: Cost, count: int) -> None:
    """What rendering costs in each; rules are the same in all of them."""
    for at, (what, words) in enumerate(LAYOUTS.items()):
        with in_layout(folder, words):
            row(f"render, boards {what}", cost(folder, "render", "--out", f"layout{at}"), base, count)
        print(f"  {size(folder / f'layout{at}')}", flush=True)


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        declared(folder, count)
        base = cost(folder, "validate")
        row(f"validate {count}, consumers too", base, base, count)
        row("render, all new", cost(folder, "render", "--out", "out"), base, count, "aim 30, 450 MiB")
        print(f"  {size(folder / 'out')}", flush=True)
        row("render again, nothing new", cost(folder, "render", "--out", "out"), base, count)
        layouts(folder, base, count)
        row("compare, nothing differs", cost(folder, "compare", "out", "out"), base, count)
        another_version(folder)
        cost(folder, "render", "--out", "next")
        row("compare, all differ", cost(folder, "compare", "out", "next"), base, count, "aim 30 s, 500 MiB")
        for name in ("alert_templates", "dashboards"):
            shutil.rmtree(folder / name)
        row("apply of both lanes, all new", lanes(folder, "apply", "--yes"), base, count)
        row("plan of both lanes, no change", lanes(folder, "plan"), base, count, "aim 4")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
