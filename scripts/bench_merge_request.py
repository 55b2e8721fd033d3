"""What the plan of a merge request costs in a big fleet: one of ten thousand topics is changed, beside `validate`.

A git repository of two hundred teams, applied to the sandbox's three brokers with rules and boards in folders; then a
commit that touches one topic. Each command is a process of its own: `cpu` is user and system time, git's included.

    bench_merge_request.py [TOPICS]        default: 10000
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench_rendering import Cost, cost

from provisioner import sandbox

TEAMS = 200
REPEATS = 5
HEAP = "3g"
"""Of each broker: with 1 GiB for ten thousand replicas it does nothing but collect garbage."""
RATIO, MEMORY = 2.5, 250
GIT = ("git", "-c", "user.name=bench", "-c", "user.email=bench@example.com", "-c", "init.defaultBranch=main")


def declared(folder: Path, count: int, bootstrap: str) -> None:
    """A team a folder, with its topics and a consumer of each."""
    topics = folder / "topics"
    topics.mkdir()
    (folder / ".gitignore").write_text("rules\nboards\n")
    (topics / "clusters.yaml").write_text(
        f"clusters:\n  prod:\n    bootstrap: {bootstrap}\n    cluster_id: any\n"
        "    defaults: {partitions: 1, replication_factor: 3, config: {min.insync.replicas: 2}}\n"
        f"    alerts: {{type: files, folder: {folder / 'rules'}, create: true}}\n"
        f'    dashboards: {{type: files, folder: {folder / "boards"}, create: true, url: "https://grafana.example.com"}}\n'
    )
    for number in range(TEAMS):
        team = topics / f"team{number:03}"
        team.mkdir()
        (team / "team.yaml").write_text('chat: "#team"\n')
        (team / "topics.yaml").write_text(entries(range(number, count, TEAMS)))


def entries(numbers: range) -> str:
    listed = (
        f"  - name: bench.{number:05}.v1\n    description: One message per order, keyed by customer\n"
        f"    message: bench.v1.Order{number}\n    config: {{retention.ms: 3d, cleanup.policy: delete}}\n    lag: 10m\n"
        for number in numbers
    )
    readers = (f"  - {{topic: bench.{number:05}.v1, group: billing, lag: 5m}}\n" for number in numbers)
    return f"topics:\n{''.join(listed)}consumers:\n{''.join(readers)}"


def committed(folder: Path, message: str) -> None:
    for arguments in (("add", "."), ("commit", "-q", "-m", message)):
        subprocess.run([*GIT, *arguments], cwd=folder, check=True)


def touched(folder: Path) -> None:
    """One topic keeps its records a day longer."""
    file = folder / "topics/team007/topics.yaml"
    file.write_text(file.read_text("utf-8").replace("retention.ms: 3d", "retention.ms: 4d", 1), "utf-8")


def median(spent: list[Cost]) -> Cost:
    return Cost(*(statistics.median(column) for column in zip(*spent, strict=True)))


def in_turns(*commands: Callable[[], Cost]) -> list[Cost]:
    """What else the machine does falls on all of them."""
    rounds = [[command() for command in commands] for _ in range(REPEATS)]
    return [median(list(spent)) for spent in zip(*rounds, strict=True)]


def whole(spent: Cost) -> float:
    """With git, and whatever else was started."""
    return spent.cpu + spent.promtool


def row(what: str, spent: Cost, base: Cost, aim: str = "") -> None:
    print(
        f"{what:<34} {whole(spent):7.2f} s cpu {spent.memory:5.0f} MiB   "
        f"ratio to validate {whole(spent) / whole(base):5.2f}   {aim}",
        flush=True,
    )


def measured(folder: Path, count: int) -> None:
    plan = ("plan", "--cluster", "prod")
    validate, changed, everything = in_turns(
        lambda: cost(folder, "validate"),
        lambda: cost(folder, *plan, "--base", "HEAD~1"),
        lambda: cost(folder, *plan),
    )
    row(f"validate {count} in {TEAMS} teams", validate, validate)
    row("plan of a merge request of 1 topic", changed, validate, f"aim {RATIO}, {MEMORY} MiB")
    row("plan of everything", everything, validate)


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        home, folder = Path(scratch) / "sandbox", Path(scratch) / "fleet"
        folder.mkdir()
        try:
            running = sandbox.up("bench-mr", home, heap=HEAP, progress=lambda text: print(text, file=sys.stderr))
            declared(folder, count, running.bootstrap)
            subprocess.run([*GIT, "init", "-q"], cwd=folder, check=True)
            committed(folder, "All of them")
            cost(folder, "apply", "--cluster", "prod", "--yes")
            touched(folder)
            committed(folder, "One of them")
            measured(folder, count)
        finally:
            sandbox.down("bench-mr", home)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
