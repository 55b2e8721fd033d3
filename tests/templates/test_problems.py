"""What is wrong with a template: every fault at once, each at its line and column, in YAML and in JSON."""

from __future__ import annotations

import json

import pytest

from provisioner.errors import InputError
from tests.templates.authors import HEAD, RULE, alert_problems, board, dashboard_problems, rule

Place = tuple[int, int]

JSON = '{"__template": {"name": "mine", "summary": "Mine."},\n'

WRONG = {
    "x +": "unexpected 'end of template'",
    "x y": "nothing may follow here: 'y'",
    "": "unexpected 'end of template'",
    "x | nope": "there is no filter 'nope'",
    "x.upper()": "an expression cannot call anything",
    "x is nope": "No test named 'nope'",
    "{% if x %}": "unexpected '%'",
    "x | upper(": "unexpected 'end of template'",
    "'open": "opens an expression that no `>>` closes",
    "x" * 2001: "an expression of more than 2,000 characters",
}
"""Expression -> what is said of it before anything is rendered."""

NO_PLACE = ("", "'open")
"""These are told at the key: where the expression begins or ends is what is wrong."""

FAILING = {
    "nope": "there is no 'nope' here",
    "topic.nmae": "has no 'nmae', did you mean 'name'?",
    "1 / 0": "division by zero",
    "topic.name + 1": "can only concatenate str",
    "topic.name | ago('5m')": "this is no metric",
    "none | ago('5m')": "this profile has no such metric",
    "[1] | join | int / 0": "division by zero",
    "topic": "it gives an object (Topic) inside a text",
    "topic.name.upper": "it gives a method inside a text",
    "2 * 9223372036854775807": "too large for a document",
}
"""Expression -> what is said of it when it is rendered."""


class Topic:
    name = "orders.v1"


def places(problems: tuple[object, ...]) -> list[Place]:
    return [(p.span.line, p.span.column) for p in problems]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("expression", "said"), WRONG.items())
def test_a_wrong_expression_is_found_when_the_template_is_read(expression: str, said: str) -> None:
    """At its own place in a YAML file, whatever topics there are."""
    text = f"{HEAD}rule:\n  alert: KafkaMine\n  expr: |\n    a ==\n      << 1 >> + <<{expression}>>\n"
    (problem,) = alert_problems(text)
    assert said in problem.message
    assert (problem.span.line, problem.span.column) == ((6, 3) if expression in NO_PLACE else (8, 17))


@pytest.mark.parametrize(("expression", "said"), WRONG.items())
def test_a_wrong_expression_of_a_dashboard_is_found_too(expression: str, said: str) -> None:
    """At its own place in a JSON file."""
    text = JSON + f'  "x": [1,\n    {{"y": "a <<{expression}>>"}}]}}'
    (problem,) = dashboard_problems(text)
    assert said in problem.message
    assert (problem.span.line, problem.span.column) == ((3, 6) if expression in NO_PLACE else (3, 14))


@pytest.mark.parametrize(("expression", "said"), FAILING.items())
def test_an_expression_that_fails_is_found_when_it_is_rendered(expression: str, said: str) -> None:
    """With the line and column of that expression."""
    made = rule(f"  alert: KafkaMine\n  expr: |\n    a ==\n      << 1 >> + << {expression} >>\n")
    with pytest.raises(InputError) as error:
        made.render({"topic": Topic()})
    (problem,) = error.value.problems
    assert f"`<< {expression} >>`: " in problem.message
    assert said in problem.message
    assert (problem.span.line, problem.span.column) == (8, 17)


def test_all_that_fails_is_told_at_once() -> None:
    """One by one would be one pipeline run each."""
    made = rule('  alert: "<< a >>"\n  expr: "<< b >> << c >>"\n  labels: {x: "<< d >>", y: "<< 1 >>"}\n')
    with pytest.raises(InputError) as error:
        made.render({})
    assert [(p.span.line, p.span.column) for p in error.value.problems] == [(5, 11), (6, 10), (6, 18), (7, 16)]


def test_what_fails_in_a_repetition_is_told_once() -> None:
    """And not once for each round."""
    made = board({"x": [{"<<each>>": "n in numbers", "y": "<< nope >>"}]})
    with pytest.raises(InputError) as error:
        made.render({"numbers": [1, 2, 3]})
    assert len(error.value.problems) == 1


def test_a_place_with_escaped_quotes_is_found_in_json() -> None:
    """JSON spells an expression's quotes with backslashes."""
    text = json.dumps({"__template": {"name": "mine", "summary": "Mine."}, "x": 'ab << "c" ~ >>'})
    (problem,) = dashboard_problems(text)
    assert problem.span.column == text.index("<<") + 1


@pytest.mark.parametrize(
    ("body", "said", "place"),
    [
        ('{"<<when>>": 1, "y": "z"}', "<<when>> must be an expression in quotes", (3, 2)),
        ('{"<<when>>": "x +", "y": "z"}', "unexpected", (3, 2)),
        ('{"<<each>>": "n in x", "y": "z"}', "<<each>> is only for items of a list", (3, 2)),
        ('[{"<<each>>": "x", "y": "z"}]', "<<each>> must read `name in expression`", (3, 3)),
        ('[{"<<each>>": "n in x y", "y": "z"}]', "nothing may follow", (3, 3)),
        ('{"<<else>>": "x"}', "the key '<<else>>' cannot hold an expression", (3, 2)),
        ('{"a<<x>>": 1}', "the key 'a<<x>>' cannot hold an expression", (3, 2)),
        ('{"y": "a << b"}', "opens an expression that no `>>` closes", (3, 2)),
    ],
)
def test_a_wrong_condition_or_repetition_is_found_at_its_key(body: str, said: str, place: Place) -> None:
    """Before anything is rendered."""
    (problem,) = dashboard_problems(f'{JSON}"body":\n{body}}}')
    assert said in problem.message
    assert (problem.span.line, problem.span.column) == place


@pytest.mark.parametrize(
    ("text", "said", "place"),
    [
        ("", "the file is empty", (1, 1)),
        ("- a\n", "this entry must be a map", (1, 1)),
        (HEAD, "'rule' is missing", (1, 1)),
        (HEAD + "rulle: {}\n" + RULE, "unknown field 'rulle'", (4, 1)),
        (HEAD + RULE + "  fro: 5m\n", "a rule has no 'fro'", (7, 3)),
        (HEAD + "rule: {alert: A}\n", "the rule has no 'expr'", (4, 1)),
        (HEAD + RULE + "  labels: x\n", "'labels' must be a map", (7, 3)),
        (HEAD + RULE + "  for: {a: 1}\n", "'for' must be a text", (7, 3)),
        (HEAD + RULE + "  for: [a]\n", "'for' must be a text", (7, 3)),
        (HEAD + RULE + "  labels: {a: {b: c}}\n", "'a' must be a text", (7, 12)),
        (HEAD + "needs: [log_edn]\n" + RULE, "there is no metric 'log_edn'", (4, 9)),
        (HEAD.replace("mine", "other") + RULE, "'other' is not the file's name", (1, 7)),
        (HEAD.replace("topic", "tpoic") + RULE, "'scope' must be", (2, 8)),
        (HEAD + "parameters: {a: {type: duration, default: 5}}\n" + RULE, "5 is not a duration such as 10m", (4, 43)),
        (HEAD + "parameters: {a: {type: number, default: x}}\n" + RULE, "'x' is not a number such as 3", (4, 41)),
        (HEAD + RULE + "  expr: two\n", "'expr' is given twice", (7, 3)),
        (HEAD + "rule: {alert: A, expr: << a(b, c) >>}\n", "'c) >>' has no value", (4, 32)),
        (HEAD + RULE + "  annotations: {<<each>>: n in x}\n", "<<each>> is only for items of a list", (7, 17)),
    ],
)
def test_a_wrong_alert_template_is_explained_at_its_place(text: str, said: str, place: Place) -> None:
    """Header, rule, metrics and YAML alike."""
    problems = alert_problems(text)
    assert said in problems[0].message
    assert (problems[0].span.line, problems[0].span.column) == place
    assert all(problem.hint for problem in problems)


def test_yaml_that_stumbles_over_an_expression_is_told_to_quote_it() -> None:
    """The words of the YAML library would lead nowhere."""
    (problem, *_) = alert_problems(HEAD + "rule: {alert: A, expr: << a[b] >> }\n")
    assert "into quotes or a block scalar" in problem.hint


@pytest.mark.parametrize(
    ("text", "said", "place"),
    [
        ("", "this is not JSON", (1, 1)),
        ('{"a": 1,\n  }', "this is not JSON", (2, 3)),
        ("[]", "a dashboard template has a '__template' at its top", (1, 1)),
        ('{"title": "x"}', "a dashboard template has a '__template' at its top", (1, 1)),
        ('{"__template": 1}', "this entry must be a map", (1, 16)),
        ('{"__template": {"name": "mine",\n "summary": ""}}', "'summary' must not be empty", (2, 13)),
        ('{"__template": {"name": "mine", "summary": "x",\n "neds": []}}', "unknown field 'neds'", (2, 2)),
        ('{"__template": {"name": "mine", "summary": "x",\n "needs": ["lags"]}}', "there is no metric", (2, 12)),
        ('{"__template": {"name": "x", "summary": "x"}}', "'x' is not the file's name", (1, 25)),
        ('{"a": "\\ud800"}', "character U+D800 is half a character", (1, 7)),
        ("[" * 100_000, "it is nested too deeply", (1, 65)),
    ],
)
def test_a_wrong_dashboard_template_is_explained_at_its_place(text: str, said: str, place: Place) -> None:
    """JSON has places too."""
    (problem, *_) = dashboard_problems(text)
    assert said in problem.message
    assert (problem.span.line, problem.span.column) == place
    assert problem.hint
