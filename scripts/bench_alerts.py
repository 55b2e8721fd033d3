"""What rules for ten thousand topics with a consumer each cost in both layouts: rendering, size, loading, evaluation.

The last two on a real Prometheus where one is installed, which scrapes made-up series of every topic: one partition, a
group that keeps up, one in fifty that does not. Its CPU without rules is taken off; that is measured for as long as the
lags last, so that some are late from the first rule on. Trust CPU seconds, not the wall: it takes half an hour.

    bench_alerts.py [TOPICS] [MINUTES]        default: 10000, and 3 minutes of evaluation
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench_rendering import cost, declared

LAYOUTS = ("readable", "compact")
SIZES = {"readable": "", "compact": "   aim 5 MB"}
SPENT = {"readable": "aim of the reload 30 s", "compact": "aim 3 s, and 5 s a minute: 2, and 1.5 for each of two lags"}
HISTORY = 11
"""Minutes of series before any rule: longer than the lags. An evaluation that finds nobody late is cheap."""
LOADED = "prometheus_config_last_reload_successful"
CONFIG = """
global: {scrape_interval: 30s, evaluation_interval: 60s, scrape_timeout: 25s}
rule_files: ["FOLDER/*.yml"]
scrape_configs: [{job_name: kafka, static_configs: [{targets: ["127.0.0.1:PORT"]}]}]
"""


def series(count: int, began: float) -> bytes:
    """What an exporter tells of `count` topics now, in kafka_exporter's words."""
    end = int(time.time() - began) + 1_000_000
    lines = []
    for number in range(count):
        topic = f'topic="bench.{number:05}.v1",partition="0"'
        read = 1_000_000 if number % 50 == 0 else end
        lines += [
            f"kafka_topic_partition_current_offset{{{topic}}} {end}",
            f"kafka_topic_partition_oldest_offset{{{topic}}} 0",
            f'kafka_consumergroup_current_offset{{{topic},consumergroup="billing"}} {read}',
        ]
    return ("\n".join(lines) + "\n").encode()


@contextmanager
def exporter(count: int) -> Iterator[int]:
    """The port of one."""
    began = time.time()

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(series(count, began))

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()


@contextmanager
def prometheus(place: Path, exported: int) -> Iterator[tuple[int, str]]:
    """Its process and address, ready, with an empty folder of rules."""
    (place / "loaded").mkdir()
    text = CONFIG.replace("FOLDER", str(place / "loaded")).replace("PORT", str(exported))
    (place / "prometheus.yml").write_text(text)
    address = f"127.0.0.1:{exported + 1 if exported < 60_000 else exported - 1}"
    command = [
        "prometheus",
        f"--config.file={place / 'prometheus.yml'}",
        f"--storage.tsdb.path={place / 'data'}",
        f"--web.listen-address={address}",
        "--web.enable-lifecycle",
        "--log.level=error",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"http://{address}/-/ready", timeout=2).read()
                break
            except OSError:
                time.sleep(0.5)
        yield process.pid, address
    finally:
        process.terminate()
        process.wait(30)


def cpu(pid: int) -> float:
    """Seconds of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def reloaded(pid: int, address: str) -> float:
    """Seconds of CPU that a reload takes; until its answer."""
    before = cpu(pid)
    urllib.request.urlopen(urllib.request.Request(f"http://{address}/-/reload", method="POST"), timeout=900).read()
    return cpu(pid) - before


def a_minute(pid: int, minutes: int, before_that: int = 1) -> float:
    """Seconds of CPU in a minute, after the first ones, in which alerts come to fire."""
    time.sleep(60 * before_that)
    before = cpu(pid)
    time.sleep(60 * minutes)
    return (cpu(pid) - before) / minutes


def rendered(folder: Path, layout: str) -> Path:
    """The folder of the rules, after what it cost is told."""
    clusters = folder / "topics" / "clusters.yaml"
    said = clusters.read_text().replace(", layout: compact", "")
    turned = (
        said.replace("/rules, create: true", "/rules, create: true, layout: compact") if layout != "readable" else said
    )
    clusters.write_text(turned)
    shutil.rmtree(folder / "rules", ignore_errors=True)
    spent = cost(folder, "apply", "--yes", "--cluster", "prod", "--lane", "alerts")
    again = cost(folder, "plan", "--cluster", "prod", "--lane", "alerts")
    files = list((folder / "rules").glob("*.yml"))
    size = sum(each.stat().st_size for each in files)
    count = sum(each.read_text().count("\n  - ") for each in files)
    print(
        f"{layout:<9} apply {spent.cpu:6.2f} s cpu, promtool {spent.promtool:6.2f} s; plan again {again.cpu:5.2f} s; "
        f"{size / 1e6:6.1f} MB in {len(files)} files, {count} rules{SIZES[layout]}",
        flush=True,
    )
    return folder / "rules"


def measured(scratch: Path, rules: dict[str, Path], count: int, minutes: int) -> None:
    """The cost of each layout's rules on a Prometheus."""
    with exporter(count) as port, prometheus(scratch, port) as (pid, address):
        idle = a_minute(pid, HISTORY)
        print(f"prometheus without rules: {idle:.1f} s cpu a minute", flush=True)
        for layout in reversed(LAYOUTS):
            for old in (scratch / "loaded").iterdir():
                old.unlink()
            for each in rules[layout].glob("*.yml"):
                shutil.copy(each, scratch / "loaded")
            reload = reloaded(pid, address)
            spent = a_minute(pid, minutes, 3) - idle
            print(
                f"{layout:<9} reload {reload:6.1f} s cpu; evaluation {spent:6.1f} s cpu a minute   {SPENT[layout]}",
                flush=True,
            )


def main(count: int, minutes: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        scratch, rules = Path(name), {}
        for layout in LAYOUTS:
            folder = scratch / layout
            folder.mkdir()
            declared(folder, count)
            rules[layout] = rendered(folder, layout)
        if minutes and shutil.which("prometheus"):
            measured(scratch, rules, count, minutes)
        else:
            print("no prometheus here, or no minutes for it: neither reload nor evaluation was measured")


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    main(given[0] if given else 10_000, given[1] if len(given) > 1 else 3)
