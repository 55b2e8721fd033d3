"""Options shared by all tests, and what a run says about itself at its end."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.fake import FakeCluster


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-scenarios", action="store_true", help="rewrite every scenario's expected.txt")


@pytest.fixture
def fake() -> Iterator[FakeCluster]:
    """Three brokers that speak Kafka's protocol and fail as a test tells them."""
    from tests.fake import FakeCluster

    with FakeCluster() as cluster:
        yield cluster


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many tests ran on real brokers and with the real promtool: a skipped one is not a passed one."""
    ran = [report for status in ("passed", "failed") for report in terminalreporter.getreports(status)]
    live = sum("live" in report.keywords for report in ran)
    promtool = sum("promtool" in report.keywords for report in ran)
    terminalreporter.write_line(f"{live} tests ran on real Kafka brokers, {promtool} with the real promtool")
    if not shutil.which("prometheus-alertmanager") and not shutil.which("alertmanager"):
        terminalreporter.write_line(
            "Alertmanager is not installed: its part did NOT run (Debian: apt-get install prometheus-alertmanager)"
        )
    if not shutil.which("promtool"):
        terminalreporter.write_line(
            "promtool is not installed: its part did NOT run (Debian: apt-get install prometheus)"
        )
