"""Options shared by all tests, and what a run says about itself at its end."""

from __future__ import annotations

import shutil
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-scenarios", action="store_true", help="rewrite every scenario's expected.txt")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many tests ran on real brokers and with the real promtool: a skipped one is not a passed one."""
    ran = [report for status in ("passed", "failed") for report in terminalreporter.getreports(status)]
    live = sum("live" in report.keywords for report in ran)
    promtool = sum("promtool" in report.keywords for report in ran)
    terminalreporter.write_line(f"{live} tests ran on real Kafka brokers, {promtool} with the real promtool")
    if not shutil.which("promtool"):
        terminalreporter.write_line(
            "promtool is not installed: its part did NOT run (Debian: apt-get install prometheus)"
        )
