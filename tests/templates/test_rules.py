"""What Prometheus would refuse in a rule is a problem of the template: where it is read, or where it is rendered."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from provisioner.catalog.units import Duration
from provisioner.errors import InputError
from provisioner.profiles import Metrics, named
from provisioner.profiles.metric import INSTANT
from provisioner.profiles.promql import seconds
from tests.templates.authors import HEAD, RULE, alert_problems, rule, value

NO_NAMES = ["bad label", "9a", "a-b", "a.b", "é", "", "__name__", "__x", "a b c", "{{x}}", "a" * 129]
NO_DURATIONS = ["5 minutes", "5", "-5m", "1m1h", "1.5h", "m", "5M", "5m5m", "${x}", "", "abc", "5m\u00a0x"]
TOO_LONG = ["5201w", "101y", "20000w", "999999999999d"]
DURATIONS = ["0", "0s", "5m", "1h30m", "1d", "90s", "250ms", "5200w", "1y", "1y2w3d4h5m6s7ms"]


@pytest.mark.parametrize("part", ["labels", "annotations"])
@pytest.mark.parametrize("name", NO_NAMES)
def test_a_name_that_prometheus_does_not_take_is_a_problem_at_its_place(part: str, name: str) -> None:
    """Of a label and of an annotation."""
    (problem,) = alert_problems(f'{HEAD}{RULE}  {part}:\n    "{name}": x\n')
    assert f"{name!r} is no name that Prometheus takes" in problem.message
    assert (problem.span.line, problem.span.column) == (8, 5)
    assert problem.hint


@pytest.mark.parametrize("name", ["a", "A9", "_x", "consumer_group", "a" * 128])
def test_usual_names_are_none(name: str) -> None:
    """Also in an object with a condition."""
    assert alert_problems(f'{HEAD}{RULE}  labels: {{"<<when>>": "true", {name}: x}}\n') == ()


@pytest.mark.parametrize("part", ["for", "keep_firing_for"])
@pytest.mark.parametrize("text", [*NO_DURATIONS, *TOO_LONG])
def test_a_duration_that_prometheus_does_not_take_is_a_problem(part: str, text: str) -> None:
    """Where it stands as it is, when the template is read; where it is an expression, when it is rendered."""
    (problem,) = alert_problems(f'{HEAD}{RULE}  {part}: "{text}"\n')
    assert f"{part!r} must be" in problem.message
    assert (problem.span.line, "larger unit first" in problem.hint) == (7, True)
    made = rule(f'  alert: A\n  expr: x\n  {part}: "<< x >>"\n')
    with pytest.raises(InputError) as error:
        made.render({"x": text})
    (problem,) = error.value.problems
    assert f"{part!r} must be" in problem.message
    assert problem.span.line == 7


@pytest.mark.parametrize("text", DURATIONS)
def test_a_duration_of_prometheus_is_none(text: str) -> None:
    """Written out, or rendered."""
    assert alert_problems(f"{HEAD}{RULE}  for: {text}\n") == ()
    assert rule('  alert: A\n  expr: x\n  for: "<< x >>"\n').render({"x": text})["for"] == text


@pytest.mark.parametrize("body", ["alert: << x >>", "expr: << x >>", "for: << x >>", "labels: {a: << x >>}"])
@pytest.mark.parametrize("given", [[1], {"a": 1}])
def test_a_list_is_no_text_of_a_rule(body: str, given: Any) -> None:
    """Nor is a map."""
    made = rule("  " + "\n  ".join({"alert": "alert: A", "expr": "expr: x", body.split(":")[0]: body}.values()) + "\n")
    with pytest.raises(InputError) as error:
        made.render({"x": given})
    assert "must be a text" in error.value.problems[0].message


@pytest.mark.parametrize("default", ["5201w", "40000d"])
def test_a_parameter_is_no_longer_than_a_rule_may_wait(default: str) -> None:
    """Prometheus ends at 292 years."""
    (problem,) = alert_problems(f"{HEAD}parameters: {{a: {{type: duration, default: {default}}}}}\n{RULE}")
    assert "is not a duration such as 10m, at most 100 years" in problem.message
    assert problem.span.line == 4


@pytest.mark.parametrize(
    ("rule", "said", "column"),
    [
        ("alert: Kafka-My Alert", "'Kafka-My Alert' is no name of an alert in the compact layout", 10),
        ("alert: KafkaMy\n  labels: {alert_KafkaMy: x}", "'alert_KafkaMy' is the name of a label", 12),
    ],
)
def test_what_the_compact_layout_cannot_spell_is_told_where_there_is_one(rule: str, said: str, column: int) -> None:
    """A rule for each topic may have it."""
    text = f"{HEAD}rule:\n  expr: vector(1)\n  {rule}\n"
    assert alert_problems(text) == ()
    (problem,) = alert_problems(f"{text}compact: {{expr: vector(1)}}\n")
    assert (problem.message[: len(said)], problem.span.column) == (said, column)


@pytest.mark.parametrize("taken", ["{type: number, default: 3, most: 2}", "{type: pattern, default: '('}"])
def test_a_default_may_be_set_as_well(taken: str) -> None:
    """Within its own bounds."""
    (problem,) = alert_problems(f"{HEAD}parameters: {{a: {taken}}}\n{RULE}")
    assert problem.message.startswith(("3 is not a number such as 3, at most 2", "'(' is not a regular expression"))


@pytest.mark.parametrize("default", ["1.0e999", "99999999999999999999"])
def test_a_number_that_no_document_holds_is_no_parameter(default: str) -> None:
    """It is told when the file is read."""
    (problem,) = alert_problems(f"{HEAD}parameters: {{a: {{type: number, default: {default}}}}}\n{RULE}")
    assert "number" in problem.message


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("4000000000 | duration", "are more than 100 years"),
        ("m | ago('5201w')", "'5201w' is no duration"),
        ("m | ago('1m1h')", "'1m1h' is no duration"),
        ("m | within('5')", "'5' is no duration"),
        ("m | within('0')", "'0' is no duration"),
    ],
)
def test_no_expression_makes_a_duration_that_prometheus_refuses(expression: str, said: str) -> None:
    """Neither of seconds nor of text."""
    profile = named("kafka_exporter")
    metric = Metrics(profile, profile.selection("orders.v1", {}), INSTANT).log_end
    with pytest.raises(InputError) as error:
        value(expression, m=metric)
    assert said in error.value.problems[0].message


def test_seconds_of_a_duration() -> None:
    """As Prometheus counts."""
    assert [seconds(text) for text in ("1h30m", "1y", "250ms", "0", "x")] == [5400, 31_536_000, 0.25, 0, None]
    assert seconds(str(Duration(5200 * 604_800))) == 5200 * 604_800


@pytest.mark.promtool
@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed (Debian: prometheus)")
@pytest.mark.parametrize(("text", "taken"), [*((t, True) for t in DURATIONS), *((t, False) for t in NO_DURATIONS[:9])])
def test_promtool_judges_durations_alike(text: str, taken: bool, tmp_path: Path) -> None:
    """Or the tables above would be a guess."""
    (tmp_path / "r.yml").write_text(f'groups: [{{name: a, rules: [{{alert: A, expr: x, for: "{text}"}}]}}]')
    done = subprocess.run(["promtool", "check", "rules", str(tmp_path / "r.yml")], capture_output=True, check=False)
    assert (done.returncode == 0) is taken
