"""`validate` says no wherever a plan, an apply or `render` would."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from provisioner import cli
from tests.scenarios.test_scenarios import HERE
from tests.templates.authors import HEAD


@pytest.fixture(autouse=True)
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(HERE / "plan-create/topics", tmp_path / "topics")
    (tmp_path / "alert_templates").mkdir()
    (tmp_path / "dashboards").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code: Any = cli.main(list(arguments))
    return code, "".join(capsys.readouterr())


def agreed(capsys: pytest.CaptureFixture[str], words: str) -> None:
    """Both commands refuse, `validate` with these words."""
    code, text = ran(capsys, "validate")
    assert (code, words in text) == (1, True), text
    assert ran(capsys, "render", "--out", "rendered")[0] != 0


def test_a_broken_template_is_a_problem(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (clone / "alert_templates/mine.yaml").write_text("name: mine\n")
    agreed(capsys, "alert_templates/mine.yaml:1:1: error: 'summary' is missing")


def test_a_template_that_fails_for_some_topic_names_it(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    annotation = "'<< 1 / (topic.partitions - topic.partitions) >>'"
    rule = f"rule: {{alert: KafkaMine, expr: vector(1), annotations: {{d: {annotation}}}}}\n"
    (clone / "alert_templates/mine.yaml").write_text(HEAD + rule)
    agreed(capsys, "topic '")


@pytest.mark.promtool
@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
def test_rules_that_promtool_refuses_are_a_problem(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (clone / "alert_templates/mine.yaml").write_text(HEAD + "rule: {alert: KafkaMine, expr: 'sum('}\n")
    agreed(
        capsys, "alert_templates/mine.yaml:4:26: error: promtool refuses this rule: parse error: unclosed left paren"
    )


WRONG = {
    "expr: 'vector(1[x])'": (
        "expr",
        "between `vector(1[` and `x])` (for topic",
    ),
    "expr: vector(1), annotations: {mine: '{{ nobody }}'}": ("mine", 'function "nobody" not defined (for topic'),
}


@pytest.mark.promtool
@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed")
@pytest.mark.parametrize(("rule", "expected"), WRONG.items())
def test_the_template_that_makes_a_refused_rule_is_blamed_once(
    clone: Path, capsys: pytest.CaptureFixture[str], rule: str, expected: tuple[str, str]
) -> None:
    """In its place, whatever other templates there are, and on whichever clusters and topics."""
    (clone / "alert_templates/a.yaml").write_text(
        HEAD.replace("mine", "a") + "rule: {alert: KafkaA, expr: vector(1)}\n"
    )
    last = f"rule: {{alert: KafkaMine, {rule}}}"
    (clone / "alert_templates/mine.yaml").write_text(f"{HEAD}{last}\n")
    code, text = ran(capsys, "validate")
    assert (code, text.count("promtool refuses")) == (1, 1), text
    assert f"alert_templates/mine.yaml:4:{last.index(f'{expected[0]}:') + 1}: error: promtool refuses" in text
    assert expected[1] in text


def test_a_link_in_a_templates_place_is_a_problem_and_shows_nothing(
    clone: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_PASSWORD", "hunter2")
    (clone / "alert_templates/x.yaml").symlink_to("/proc/self/environ")
    (clone / "dashboards/topic.json").symlink_to("/proc/self/environ")
    for command in (["validate"], ["render", "--out", "rendered"], ["plan", "--cluster", "prod"]):
        code, text = ran(capsys, *command)
        assert code == 1
        assert text.count("a link is not followed here") == 2
        assert "hunter2" not in text
