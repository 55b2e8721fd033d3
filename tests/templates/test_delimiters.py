"""Where expressions stand in a text, found in one walk."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.templates.delimiters import UnclosedError, pieces
from tests.pace import within
from tests.templates.authors import HEAD, alert_problems, dashboard_problems

LANGUAGE = re.compile(r"""<<((?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?!>>)[^"'])*)>>""", re.DOTALL)
"""What an expression is, in a form that may take for ever."""


def by_language(text: str) -> list[tuple[str, bool]] | None:
    if "<<" in LANGUAGE.sub("", text):
        return None
    found, at = [], 0
    for match in LANGUAGE.finditer(text):
        found += [(text[at : match.start()], False), (match[1], True)]
        at = match.end()
    found.append((text[at:], False))
    return [piece for piece in found if piece[0] or piece[1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", [("a", False)]),
        ("<<x>>", [("x", True)]),
        ("a << x >> b<<y>>", [("a ", False), (" x ", True), (" b", False), ("y", True)]),
        ("<<'>>'>>", [("'>>'", True)]),
        ('<<"\\">>">>', [('"\\">>"', True)]),
        ("<<<x>>>", [("<x", True), (">", False)]),
        ("<<>>", [("", True)]),
        ("a >> b", [("a >> b", False)]),
    ],
)
def test_an_expression_ends_where_its_brackets_close_outside_of_quotes(
    text: str, expected: list[tuple[str, bool]]
) -> None:
    """Everything else is the text around it."""
    assert pieces(text) == expected


@pytest.mark.parametrize("text", ["<<", "a << x", "<< 'x >>", '<< "x\\" >>', "<<x>> <<", "<< 'a' ' >>"])
def test_an_expression_that_never_ends_is_told(text: str) -> None:
    """Its brackets, or a string inside."""
    with pytest.raises(UnclosedError):
        pieces(text)


@given(text=st.text(st.sampled_from("<>'\"\\ \nx"), max_size=14))
@settings(max_examples=500)
def test_the_walk_finds_what_the_language_says(text: str) -> None:
    """Any text of brackets, quotes and backslashes."""
    expected = by_language(text)
    if expected is None:
        with pytest.raises(UnclosedError):
            pieces(text)
    else:
        assert pieces(text) == expected


HOSTILE = {
    "brackets": "<" * 400_000,
    "strings": "<<" + "''" * 200_000,
    "escapes": "<<'" + "\\'" * 200_000,
    "openings": "<<x'" * 100_000,
    "a loop": " " * 400_000 + "x in",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_takes_long_to_look_through(name: str) -> None:
    """As a text, as a condition and as a repetition; in an alert and in a dashboard."""
    text = HOSTILE[name].replace("\\", "\\\\").replace("'", "''")
    with within(10):
        assert alert_problems(f"{HEAD}rule: {{alert: A, expr: '{text}'}}\n") or name == "a loop"
        for key in ("title", "<<when>>", "<<each>>"):
            body = HOSTILE[name].replace("\\", "\\\\")
            made = f'{{"__template": {{"name": "mine", "summary": "x"}}, "l": [{{"{key}": "{body}"}}]}}'
            assert dashboard_problems(made) or (key, name) == ("title", "a loop")
