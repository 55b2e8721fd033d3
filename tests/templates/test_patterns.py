"""Regular expressions that a setting may be: what Prometheus refuses is refused, too."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from provisioner.templates.patterns import LONGEST, is_pattern

FINE = [
    *(
        "",
        "console-consumer-.*",
        "a|b",
        "(?:a|b)+",
        "(?i)x",
        "(?P<n>b)",
        "[a-z]{3,8}",
        r"a\.b",
        "^x$",
        "x?y??",
        "[^]]",
        "[*+]+",
    ),
    *(r"\d+\w\x41", "a{0}", "a{1000}", "(a{30}){30}", "\u00fc.*", r"[\w.-]+", "a{,5}", "{", "x{y}"),
]
REFUSED_BY_BOTH = [
    *("(", "[", "*a", "a**", "a*+", "(?=x)", "(?<!y)", r"(a)\1", r"a\Z", "a{1001}", "(a{100}){100}", "(?#c)", "(?P=a)"),
    *(r"\u0041", "[a-", "\\", "[b-a]"),
]


@pytest.mark.parametrize("text", FINE)
def test_a_pattern_is_one(text: str) -> None:
    assert is_pattern(text)


@pytest.mark.parametrize("text", [*REFUSED_BY_BOTH, "(" * 600 + ")" * 600, "a" * (LONGEST + 1)])
def test_what_prometheus_refuses_is_none(text: str) -> None:
    """Nor is what takes long to judge."""
    assert not is_pattern(text)


@pytest.mark.promtool
@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_promtool_agrees(tmp_path: Path) -> None:
    """With each of them."""
    assert [text for text in FINE if not _is_taken(tmp_path, text)] == []
    assert [text for text in REFUSED_BY_BOTH if _is_taken(tmp_path, text)] == []


def _is_taken(place: Path, text: str) -> bool:
    rule = {"alert": "A", "expr": f"up{{x=~{json.dumps(text, ensure_ascii=False)}}}"}
    (place / "rules.yml").write_text(json.dumps({"groups": [{"name": "g", "rules": [rule]}]}))
    return subprocess.run(["promtool", "check", "rules", str(place / "rules.yml")], capture_output=True).returncode == 0
