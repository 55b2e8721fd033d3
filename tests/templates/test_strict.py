"""A template is what it seems to be to who reads it: no doubled keys, no numbers without end, nothing invisible."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.catalog.findings import MOST
from provisioner.errors import InputError
from provisioner.problem import Problem
from provisioner.templates import Template
from provisioner.templates.characters import strange
from provisioner.templates.json_text import MAX_LEVELS
from provisioner.templates.loading import alert, dashboard
from provisioner.templates.source import Source
from tests.pace import within
from tests.templates.authors import HEAD, RULE, alert_problems, board, dashboard_problems

JSON = '{"__template": {"name": "mine", "summary": "Mine."},\n'
STRANGE = [*range(10), *range(0x0B, 0x20), *range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F]
STRANGE += [*range(0x2028, 0x202F), *range(0x2066, 0x206A), 0xD800, 0xDFFF]
PRIVATE = range(0xE000, 0xF900)
STRANGE += [PRIVATE.start, PRIVATE.stop - 1]


@pytest.mark.parametrize(
    ("body", "said", "place"),
    [
        ('"x": NaN}', "NaN is a number that Grafana cannot read", (2, 6)),
        ('"x": [1, Infinity]}', "Infinity is a number that Grafana cannot read", (2, 10)),
        ('"x": {"y": -Infinity}}', "-Infinity is a number that Grafana cannot read", (2, 12)),
        ('"x": 1e400}', "1e400 is a number that Grafana cannot read", (2, 6)),
        (f'"x": {"9" * 400}}}', "is a number that Grafana cannot read", (2, 6)),
        ('"x": 1,\n"x": 2}', "'x' is given twice, first in line 2", (3, 1)),
        ('"x": [{"y": 1,\n "y": 1}]}', "'y' is given twice, first in line 2", (3, 2)),
        ('"__template": {}}', "'__template' is given twice, first in line 1", (2, 1)),
    ],
)
def test_json_that_grafana_refuses_or_reads_otherwise_is_a_problem(body: str, said: str, place: Any) -> None:
    """At its line and column."""
    (problem,) = dashboard_problems(JSON + body)
    assert said in problem.message
    assert (problem.span.line, problem.span.column) == place
    assert problem.hint


def test_what_stands_below_a_doubled_key_is_not_complained_of_again() -> None:
    """One mistake, one problem."""
    assert len(dashboard_problems(JSON + '"x": {"y": 1},\n"x": {"y": 2}}')) == 1


@pytest.mark.parametrize("code", STRANGE)
def test_a_character_that_does_not_show_is_a_problem_of_a_dashboard(code: int) -> None:
    """In a value and in a key, at its place, with what to write."""
    spelled = f"\\u{code:04x}"
    for body, place in ((f'"x": "a{spelled}b"}}', (2, 6)), (f'"x{spelled}": 1}}', (2, 1))):
        (problem,) = dashboard_problems(JSON + body)
        assert f"U+{code:04X}" in problem.message
        assert (problem.span.line, problem.span.column) == place
        assert "spaces for a tab" in problem.hint


@pytest.mark.parametrize("code", [code for code in STRANGE if code < 0xD800])
def test_a_character_that_does_not_show_is_a_problem_of_an_alert(code: int) -> None:
    """Whoever finds it first."""
    for line in (f'  for: "a\\u{code:04x}b"\n', f'  labels: {{"a\\u{code:04x}b": x}}\n'):
        found = [problem for problem in alert_problems(HEAD + RULE + line) if f"U+{code:04X}" in problem.message]
        assert {problem.span.line for problem in found} == {7}


def test_line_ends_and_other_scripts_are_text_like_any_other() -> None:
    """In values; a key is one line."""
    body = {"x": "a\nb", "y": "日本語 émoji 🎉 \u00a0 \u2060"}
    assert board(body).render({}) == body
    assert dashboard_problems(JSON + '"a\\nb": 1}')[0].message == "a line end in a key"


@pytest.mark.parametrize("expression", ["1e400", "-1e400", "[1e999]", "x if 1e400 else 2"])
def test_a_number_without_end_is_no_expression(expression: str) -> None:
    """Nor a part of one."""
    for problems in (
        alert_problems(f'{HEAD}rule: {{alert: A, expr: "<< {expression} >>"}}\n'),
        dashboard_problems(f'{JSON}"x": "<< {expression} >>"}}'),
    ):
        assert "a number too large for a document" in problems[0].message
        assert problems[0].span.column > 5


@pytest.mark.parametrize("character", ["\\ud800", "\\x00", "\\u202e", "\\t"])
def test_no_expression_writes_what_the_file_may_not_hold(character: str) -> None:
    """Escapes of Jinja are read before they are judged."""
    (problem,) = alert_problems(f'{HEAD}rule:\n  alert: A\n  expr: |\n    << "a{character}" >>\n')
    assert "character U+" in problem.message
    assert (problem.span.line, problem.span.column) == (7, 5)


def levels(depth: int) -> str:
    return JSON + '"x":' + '{"y":' * (depth - 2) + "[]" + "}" * (depth - 2) + "}"


def test_a_dashboard_has_at_most_sixty_four_levels() -> None:
    """One more is told at its bracket."""
    made, problems = dashboard(Source("mine.json", levels(MAX_LEVELS)))
    assert problems == []
    assert made
    assert made.render({})
    (problem,) = dashboard_problems(levels(MAX_LEVELS + 1))
    assert "more than 64 levels" in problem.message
    assert (problem.span.line, problem.span.column) == (2, 5 + 5 * (MAX_LEVELS - 1))


@pytest.mark.parametrize("depth", [300, 1_000, 20_000, 100_000])
@pytest.mark.parametrize("bracket", ["[", '{"a":'])
def test_no_depth_is_too_much_to_be_refused(depth: int, bracket: str) -> None:
    """Neither of JSON, closed or not, nor of YAML, in a rule or among queries."""
    closing = ("]" if bracket == "[" else "}") * depth
    for text in (bracket * depth, f'{JSON}"x": {bracket * depth}1{closing}}}'):
        assert "nested too deeply" in dashboard_problems(text)[0].message
    for part in ("rule", "queries"):
        (problem, *_) = alert_problems(f"{HEAD}{part}: {bracket * depth}")
        assert "levels deep" in problem.message
        assert problem.span.line == 4


def test_a_byte_that_is_not_utf8_is_told_at_its_place() -> None:
    """In a text of JSON, and outside of one."""
    for text, column in (('{"a": "x\udcff"}', 9), ('{"a": \udcff}', 7)):
        (problem,) = dashboard_problems(text)
        assert problem.message == "byte 0xff is not UTF-8"
        assert problem.span.column == column


@pytest.mark.parametrize(
    "problems",
    [
        dashboard_problems(JSON + ",".join(f'"x{at}": "<< nope( >>"' for at in range(1000)) + "}"),
        dashboard_problems(JSON + ",".join(f'"x{at}": "\\u0000"' for at in range(1000)) + "}"),
        dashboard_problems(JSON + ",".join('"x": 1' for at in range(1001)) + "}"),
        alert_problems(HEAD + RULE + "".join(f"  x{at}: << nope( >>\n" for at in range(1000))),
        alert_problems(HEAD + RULE + "".join(f"x{at}: 1\n" for at in range(1000))),
    ],
    ids=["expressions", "characters", "keys", "parts", "fields"],
)
def test_a_file_has_a_page_of_problems_and_one_that_counts_the_rest(problems: tuple[Problem, ...]) -> None:
    """However many there are."""
    assert len(problems) == MOST + 1
    assert "more problems in this file" in problems[-1].message
    assert int(problems[-1].message.split()[1].replace(",", "")) >= 800


def test_a_failing_rendering_has_a_page_of_problems_too() -> None:
    """Each expression once."""
    with pytest.raises(InputError) as error:
        board({f"x{at}": f"<< nope{at} >>" for at in range(1000)}).render({})
    assert len(error.value.problems) == MOST + 1
    assert error.value.problems[-1].message == "and 800 more problems in this file"


def test_places_in_a_large_file_are_found_in_one_walk() -> None:
    """A mebibyte of two hundred thousand values, wrong throughout."""
    text = JSON + '"x": [\n' + ",\n".join(["1"] * 200_000) + ',\n"<< nope( >>"' * 500 + "]}"
    with within(10):
        (first, *_) = dashboard_problems(text)
    assert (first.span.line, first.span.column) == (200_003, 2)


@pytest.mark.parametrize("text", ['"' + '\\"' * 300_000, "[" + '"' * 300_001, '{"a": "' + "\\" * 300_001, '{"a": ' * 9])
def test_json_that_never_ends_is_told_at_once(text: str) -> None:
    """A string of escapes, a backslash at the end."""
    with within(5):
        assert "this is not JSON" in dashboard_problems(text)[0].message


JUNK = st.text(st.sampled_from('{}[]<>"\\:,|-& \nx1.e~()%') | st.characters(), max_size=60)


@given(junk=JUNK)
@settings(max_examples=300, deadline=None)
def test_no_file_raises_anything_but_problems(junk: str) -> None:
    """Each with a place, a reason and something to do."""
    for read, name, text in (
        (dashboard, "mine.json", junk),
        (dashboard, "mine.json", f'{JSON}"x": {junk}}}'),
        (dashboard, "mine.json", f'{JSON}"x": {json.dumps("<<" + junk + ">>")}}}'),
        (alert, "mine.yaml", junk),
        (alert, "mine.yaml", f"{HEAD}rule: {junk}"),
        (alert, "mine.yaml", f"{HEAD}rule:\n  alert: A\n  expr: <<{junk}>>"),
    ):
        template, problems = read(Source(name, text.encode(errors="replace").decode()))
        assert (template is None) == bool(problems)
        assert all(problem.span.path == name and problem.message and problem.hint for problem in problems)


WORDS = ["x", "none", "1", "0", "1e300", "'a'", "nope", "many", "[", "]", "(", ")", "{", "}", ":", ",", "+", "-", "*"]
WORDS += ["/", "//", "%", "~", "==", "<", "in", "not", "and", "if", "else", "is", "defined", ".", "|", "upper", "join"]
WORDS += ["default", "first", "map", "select", "sort", "unique", "int", "round", "ago", "of", "duration", "link", "max"]
WORDS += ["selectattr", "reject", "length", "milliseconds", "size", "besides", "unread_age", "verbatim", "regex"]


def rendered(template: Template) -> tuple[Problem, ...]:
    try:
        json.dumps(template.render({"x": 3, "many": ["b", 1, None]})).encode()
    except InputError as error:
        return error.problems
    return ()


@given(words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=12), key=st.sampled_from(["x", "<<when>>", "expr"]))
@settings(max_examples=400, deadline=None)
def test_no_expression_raises_anything_but_problems(words: list[str], key: str) -> None:
    """While it is compiled, or when it is rendered."""
    expression = " ".join(words)
    value = expression if key == "<<when>>" else f"<< {expression} >>"
    template, problems = dashboard(Source("mine.json", f'{JSON}"l": {json.dumps([{key: value}])}}}'))
    assert (template is None) == bool(problems)
    assert all(problem.span.line == 2 and problem.message for problem in (rendered(template) if template else problems))


def test_every_character_is_judged_as_listed() -> None:
    """All of them, one by one."""
    assert [code for code in range(0x110000) if strange(chr(code)) and not 0xD800 < code < 0xDFFF] == sorted(
        {*STRANGE, *PRIVATE}
    )
