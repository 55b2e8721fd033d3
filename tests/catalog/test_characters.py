"""Characters that a terminal obeys and a review does not show: refused in each key and value, with their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.catalog import folder
from provisioner.catalog.documents import parse
from provisioner.catalog.quoting import LONGEST, quoted
from provisioner.problem import Problem

CONTROLS = [*range(0x20), *range(0x7F, 0xA0)]
DIRECTIONS = [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
PRIVATE = [0xE000, 0xE00B, 0xF8FF]
REFUSED = [*CONTROLS, *DIRECTIONS, *PRIVATE, 0x2028, 0x2029]
SURROGATES = [0xD800, 0xDBFF, 0xDC00, 0xDFFF]
FINE = [0x20, 0xA0, 0xE9, 0x3042, 0x200B, 0x1F600]


def places(text: str, *breaks: str) -> list[tuple[int, int, str]]:
    document, problems = parse("x.yaml", text.encode(), breaks)
    assert not problems or document.data is None or document.damaged
    return [(p.span.line, p.span.column, p.check) for p in problems]


@pytest.mark.parametrize("code", REFUSED, ids=hex)
def test_no_value_and_no_key_holds_one(code: int) -> None:
    """However it is written; the value is then none, and what holds it knows that."""
    document, (problem,) = parse("x.yaml", f'a: 1\nb: [x, "x\\U{code:08x}"]\n'.encode(), ())
    assert (problem.check, problem.span.line, problem.span.column) == ("yaml/character", 2, 8)
    assert (document.data, document.damaged) == ({"a": 1, "b": ["x", None]}, {("b", 1)})
    assert places(f'"x\\U{code:08x}": 1\n') == [(1, 1, "yaml/character")]


@pytest.mark.parametrize("code", SURROGATES, ids=hex)
def test_half_a_character_is_a_problem_and_no_crash(code: int) -> None:
    """YAML has an escape for it, UTF-8 has none."""
    assert [check for _, _, check in places(f'a: "\\u{code:04x}"\n')] == ["yaml/syntax"]


@pytest.mark.parametrize("code", FINE, ids=hex)
def test_other_characters_are_text(code: int) -> None:
    """Of any script."""
    assert places(f'a: "x\\U{code:08x}"\n') == []


@pytest.mark.parametrize("text", ["a: |\n  x\n  y\n", 'a: "x\\ny"\n', 'a: ["x\\ny"]\n'])
def test_a_line_break_stands_where_it_is_allowed(text: str) -> None:
    """In the values of some keys, or of all."""
    assert [check for _, _, check in places(text)] == ["yaml/character"]
    assert parse("x.yaml", text.encode())[1] == []
    assert [check for _, _, check in places('a: "x\\ny"\n', "a")] == []
    assert [check for _, _, check in places('"x\\ny": 1\n', "x\ny")] == ["yaml/character"]


def test_a_carriage_return_is_none_even_there() -> None:
    """It goes back to the beginning of the line and writes over it."""
    assert [check for _, _, check in places('a: "x\\r\\ny"\n', "a")] == ["yaml/character"]


def declared(root: Path, entries: str, team: str = "chat: '#pay'\n", name: str = "pay") -> list[Problem]:
    (root / name).mkdir()
    (root / "clusters.yaml").write_text("clusters: {prod: {bootstrap: 'kafka:9092'}}\n")
    (root / name / "team.yaml").write_text(team)
    (root / name / "a.yaml").write_text(entries)
    return folder.read(root).problems


def test_a_description_may_have_lines_and_nothing_else(tmp_path: Path) -> None:
    """It is the one text that people read as such."""
    entries = 'topics:\n- name: a\n  description: "x\\ny"\n  message: "x\\ny"\n'
    assert [(p.check, p.span.line) for p in declared(tmp_path, entries)] == [("yaml/character", 4)]


def test_a_group_cannot_write_a_line_into_a_plan(tmp_path: Path) -> None:
    """As one that a review does not show would."""
    group = r'"x\r\e[2K\nPlan: 0 to create, 0 refused; 1 unchanged.   digest 0000\e[8m"'
    found = declared(tmp_path, f"topics: [{{name: a}}]\nconsumers: [{{topic: a, group: {group}}}]\n")
    assert [problem.check for problem in found] == ["yaml/character"]


def test_messages_repeat_values_in_one_line_and_not_whole() -> None:
    """Whatever is in them."""
    assert quoted("a\x1b[2K\n\u202e\ud800'") == '"a\\x1b[2K\\n\\u202e\\ud800\'"'
    assert quoted("注文") == "'注文'"
    assert quoted("x" * 1000) == "'" + "x" * LONGEST + "'..."
    assert len(quoted(["x" * 1000])) == LONGEST


def test_a_wrong_value_is_cut_in_its_problem(tmp_path: Path) -> None:
    """A line of a log is no place for a megabyte."""
    found = declared(tmp_path, f"topics:\n- {{name: a, lag: {'x' * 10_000}, {'y' * 10_000}: 1}}\n")
    assert max(len(problem.message) for problem in found) < 2 * LONGEST
