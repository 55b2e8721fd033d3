"""CODEOWNERS as GitLab reads it: our rules fit what they are written for, and our block is all that we touch."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from provisioner.catalog import codeowners
from provisioner.catalog.approvers import approvers
from provisioner.catalog.codeowners import BEGIN, END, MarksError, OwnersFile, Rule
from provisioner.problem import Span

HERE = Span("team.yaml")
PRINTABLE = st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]).filter(str.isprintable)
NAMES = st.text(PRINTABLE, min_size=1, max_size=12).filter(lambda name: "/" not in name and name not in (".", ".."))


def rule(path: str, *owners: str) -> Rule:
    return Rule(path, owners or ("@team/leads",), HERE)


def parsed(line: str) -> tuple[str, list[str]]:
    """A rule as GitLab takes it apart: pattern and owners, from the first blank that no backslash is before."""
    pattern, owners = re.split(r"(?<!\\)\s+", line, maxsplit=1)
    pattern = re.sub(r"\\\s+", " ", re.sub(r"\A\\#", "#", pattern))
    return (pattern if not pattern.endswith("/") else f"{pattern}**/*"), owners.split()


def fits(pattern: str, path: str) -> bool:
    """fnmatch of Ruby with FNM_PATHNAME and FNM_DOTMATCH, as far as patterns of ours and hostile names go."""
    text, at = "", 0
    while at < len(pattern):
        if pattern.startswith("**/", at):
            text, at = text + "(?:[^/]+/)*", at + 3
        elif pattern[at] == "\\" and at + 1 < len(pattern):
            text, at = text + re.escape(pattern[at + 1]), at + 2
        else:
            text, at = text + {"*": "[^/]*", "?": "[^/]"}.get(pattern[at], re.escape(pattern[at])), at + 1
    return re.fullmatch(text, path, re.DOTALL) is not None


@given(st.lists(NAMES, min_size=1, max_size=3), NAMES)
def test_a_rule_fits_what_lies_in_its_folder_whatever_that_is_called(folders: list[str], other: str) -> None:
    pattern, owners = parsed(str(rule("/".join(folders) + "/", "@a/b", "c@example.com")))
    assert owners == ["@a/b", "c@example.com"]
    assert fits(pattern, "/" + "/".join([*folders, "team.yaml"]))
    assert fits(pattern, "/" + "/".join([*folders, "deep", "er.yaml"]))
    assert fits(pattern, "/" + "/".join([*folders[:-1], other, "team.yaml"])) == (other == folders[-1])


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("topics/payments/", "/topics/payments/"),
        ("my topics/#1/", "/my\\ topics/\\#1/"),
        ("a*[b]?/", "/a\\*\\[b\\]\\?/"),
        ("back\\slash/", "/back\\\\slash/"),
        ("clusters.yaml", "/clusters.yaml"),
    ],
)
def test_what_means_something_in_a_pattern_is_escaped(path: str, pattern: str) -> None:
    made = rule(path)
    assert made.pattern == pattern
    assert codeowners.pattern_of(str(made)) == pattern


BLOCK = codeowners.written([rule("topics/a/")])
LINES = st.lists(
    st.sampled_from(["* @all", "", "[Docs]", "# begin of something", "x\\ y @z", "\t", "é @é"]), max_size=6
)


@given(LINES, LINES, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans())
def test_nothing_outside_of_the_block_is_touched(
    above: list[str], below: list[str], ending: str, is_there: bool, is_ended: bool
) -> None:
    """Not a byte, whatever stands there; what was written is in step, and writing again changes nothing."""
    old = codeowners.written([rule("topics/gone/"), rule("topics/too/")]) if is_there else []
    text = ending.join([*above, *old, *below]) + ending * is_ended
    made = codeowners.spliced(OwnersFile("CODEOWNERS", "CODEOWNERS", text), BLOCK)
    head, _, rest = made.partition(BEGIN)
    tail = rest.partition(END)[2]
    if is_there:
        assert head == "".join(line + ending for line in above)
        assert tail.removeprefix(ending if below or is_ended else "") == ending.join(below) + ending * (
            is_ended and bool(below)
        )
    else:
        assert head.startswith(text)
        assert not head[len(text) :].strip()
        assert tail == (ending if ending in text else "\n")
    again = OwnersFile("CODEOWNERS", "CODEOWNERS", made)
    assert codeowners.is_in_step(again, [rule("topics/a/")])
    assert codeowners.spliced(again, BLOCK) == made


@pytest.mark.parametrize(
    "lines", [[BEGIN], [END], [END, BEGIN], [BEGIN, BEGIN, END], [BEGIN, END, END], [BEGIN, END, BEGIN, END]]
)
def test_marks_that_enclose_no_one_block_are_refused(lines: list[str]) -> None:
    with pytest.raises(MarksError, match="one line"):
        codeowners.spliced(OwnersFile("CODEOWNERS", "CODEOWNERS", "\n".join(lines)), BLOCK)


@pytest.mark.parametrize(
    ("below", "index"),
    [
        ([], None),
        (["", "# a comment", "[Docs]", "*.md @docs"], None),
        (["^[Docs][2] @docs"], None),
        (["", "*.md @docs"], 5),
        (["/topics/a/ @somebody/else"], 4),
    ],
)
def test_a_rule_below_the_block_falls_into_our_section(below: list[str], index: int | None) -> None:
    lines = [*BLOCK, *below]
    there = codeowners.block(lines)
    assert there is not None
    assert codeowners.behind(lines, there) == index


def test_the_block_has_a_section_of_its_own_and_the_narrower_rule_comes_last() -> None:
    rules = [rule("topics/"), rule("topics/a/"), rule("topics/b/")]
    lines = codeowners.written(rules)
    assert lines[1].startswith("[")
    assert all(len(one) <= len(two) for one, two in pairwise(lines[2:-1]))


@pytest.mark.parametrize("value", ["@a", "@a/b-c.d @e", ["@a/b", "kim.o+x@example.com"], "a_b@mail.example.com"])
def test_users_groups_and_addresses_can_approve(value: Any) -> None:
    assert approvers(value) == (value if isinstance(value, list) else value.split(" "))


@pytest.mark.parametrize(
    "value",
    [
        *(
            "a",
            "@",
            "@a  @b",
            "@a,@b",
            "@a/",
            "@a//b",
            "@../b",
            "@a\n* @b",
            "@a\t@b",
            "@a\u00a0@b",
            "@@maintainer",
            "a@b",
            "a@.com",
        ),
        *(
            "[@a]",
            "#@a",
            "@a\\",
            "",
            [],
            ["@a", "@a"],
            ["@a b"],
            [None],
            None,
            5,
            {"@a": 1},
            [f"@a{n}" for n in range(21)],
        ),
    ],
    ids=repr,
)
def test_nothing_else_can(value: Any) -> None:
    """So that no name begins a rule, a section or a comment of its own."""
    with pytest.raises(PydanticCustomError):
        approvers(value)
