"""Drift as an issue: whatever the names and values, nothing of them is markup, calls anybody, or is carried out."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.report import drift_file, issue
from provisioner.report.drift_file import DriftFileError
from provisioner.report.issue import Looked
from provisioner.report.markdown import MOST_PASTED, code, page, pasted
from tests.fake_gitlab import quick_actions

EVIL = [
    "@all",
    "/close",
    "x\n/close",
    "\r\n/close\r\n",
    "`",
    "``` @all",
    "`` ` ``",
    " `",
    "<script>alert(1)</script>",
    "</details>",
    "<!-- -->",
    "![x](http://evil/x.png)",
    "[a](javascript:x)",
    "#1 !2 ~label %3 $4 &5",
    "a|b",
    "\x1b[2K\u202e",
    "",
    "\u2028/close",
]


def difference(word: str = "x", **parts: Any) -> dict[str, Any]:
    run = {"commit": word, "at": word, "merge_request": word, "user": word, "pipeline": word}
    return {
        "kind": word,
        "name": word,
        "owner": word,
        "place": {"file": word, "line": 1},
        "field": word,
        "declared": word,
        "applied": word,
        "live": word,
        "verdict": "changed by hand",
        "last_applied": run,
        "adopt": word,
        "undo": word,
        "why": word,
        **parts,
    }


def cluster(name: str = "prod", *differences: dict[str, Any], word: str = "x", **parts: Any) -> dict[str, Any]:
    resources = [{"kind": each["kind"], "name": each["name"], "words": [word], "adopt": word} for each in differences]
    known: dict[str, Any] = {"stopped": {}, "unreadable": None, "unknown": [], "differences": differences}
    return {"cluster": name, **known, "resources": resources, **parts}


def read(*clusters: dict[str, Any]) -> tuple[drift_file.Cluster, ...]:
    return drift_file.parsed(json.dumps({"format_version": 1, "clusters": clusters}).encode())


def evil(word: str) -> str:
    unknown = [{"kind": word, "name": word, "why": word}]
    whole = cluster(word, difference(word), word=word, stopped={word: word}, unreadable=word, unknown=unknown)
    return issue.text(Looked(read(whole), {word: word}, [word]))


@pytest.mark.parametrize("word", EVIL)
def test_nothing_is_carried_out(word: str) -> None:
    """No line begins with a slash, so no fence has to hide one."""
    text = evil(word)
    assert quick_actions.commands(text) == []
    assert [line for line in text.split("\n") if line.startswith("/")] == []


@given(st.text(max_size=30))
def test_whatever_is_said_nothing_is_carried_out(word: str) -> None:
    assert [line for line in evil(word).splitlines() if line.startswith("/")] == []


def parsed(word: str) -> tuple[list[str], str]:
    """As a parser of CommonMark reads it: what it is made of, and the text outside of code."""
    markdown_it = pytest.importorskip("markdown_it")
    tokens = markdown_it.MarkdownIt("commonmark").parse(evil(word))
    inline = [child for token in tokens for child in token.children or ()]
    prose = "|".join(child.content for child in inline if child.type == "text")
    return [each.type for each in (*tokens, *inline)], prose


@pytest.mark.parametrize("word", [word for word in EVIL if word])
def test_what_others_wrote_is_code_and_nothing_else(word: str) -> None:
    """Whatever it is, the issue has the same parts and the same prose as with a harmless word."""
    assert parsed(word) == parsed("harmless")
    assert "html_inline" not in parsed(word)[0]
    assert parsed(word)[0].count("html_block") == 1


@pytest.mark.parametrize("word", EVIL)
def test_a_span_shows_the_text_that_it_holds(word: str) -> None:
    shown = code(word)
    ticks = re.match("`*", shown)
    assert ticks
    inner = shown[len(ticks[0]) : len(shown) - len(ticks[0])]
    assert ticks[0] not in re.findall("`+", inner)
    assert "\n" not in shown


def test_a_fence_is_longer_than_any_in_it() -> None:
    assert pasted(["a: |", "  ````", "/close"], "yaml") == ["`````yaml", "  a: |", "    ````", "  /close", "`````"]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://gitlab.example.com/kafka/topics/-/pipelines/812", "<{}>"),
        ("javascript:alert(1)", "`{}`"),
        ("https://x/> @all <", "`{}`"),
        ("https://user:secret@x/", "`{}`"),
    ],
)
def test_only_a_plain_address_is_a_link(address: str, shown: str) -> None:
    assert page(address) == shown.format(address)


def test_an_issue_of_many_changes_stays_below_the_limit_and_says_how_many_are_left_out() -> None:
    fields = [difference(f"{number:06}" + "`" * 180) for number in range(5000)]
    text = issue.text(Looked(read(cluster("prod", *fields, word="`" * 3000))))
    assert 500_000 < len(text) < issue.MOST
    shown = text.count("\n### ")
    assert f"{5000 - shown} more are not shown: `provisioner drift` lists them." in text


def test_what_is_not_known_stays_below_the_limit_and_is_never_left_out() -> None:
    unknown = [{"kind": "topic", "name": "`" * 300, "why": f"{number}" + "`" * 500} for number in range(5000)]
    fields = [difference(f"d{number}" + "`" * 190) for number in range(500)]
    many = [cluster(f"c{number}", *fields, word="`" * 3000) for number in range(5)]
    text = issue.text(Looked(read(*many, cluster("prod", unknown=unknown)), {"staging": "no file"}))
    assert len(text) < issue.MOST
    assert "`staging` was not looked at: `no file`" in text
    assert "- 4951 more" in text
    assert "5000 not known, 1 cluster not looked at" in text


def test_one_entry_that_is_too_long_leaves_the_others_room() -> None:
    text = issue.text(Looked(read(cluster("prod", difference("a"), difference("b"), word="y" * (MOST_PASTED + 1)))))
    assert text.count("(too long to be shown here)") == 4
    assert "### `b b` on `prod`" in text


@pytest.mark.parametrize("verdict", ["changed by hand", "gone", "not known whose", "set by hand (in no file)"])
def test_what_is_changed_by_hand_keeps_it_open(verdict: str) -> None:
    assert not Looked(read(cluster("prod", difference(verdict=verdict)))).is_clean


def test_what_only_waits_to_be_applied_does_not() -> None:
    """A run between a merge and its apply would open one for nothing; it is counted."""
    looked = Looked(read(cluster("prod", difference(verdict="not yet applied"))))
    assert looked.is_clean
    assert "###" not in issue.text(looked)


@pytest.mark.parametrize(
    "parts",
    [
        {"stopped": {"topic": "no answer"}},
        {"unreadable": "no right"},
        {"unknown": [{"kind": "topic", "name": "a", "why": "hidden"}]},
    ],
)
def test_what_could_not_be_looked_at_is_never_clean(parts: dict[str, Any]) -> None:
    looked = Looked(read(cluster("prod", **parts)))
    assert not looked.is_clean
    assert "## Not known" in issue.text(looked)


def test_neither_is_a_fleet_of_which_one_cluster_is_missing() -> None:
    assert not Looked(read(cluster()), {"staging": "no file"}).is_clean
    assert not Looked(read(cluster()), {}, ["a file cannot be read"]).is_clean
    assert Looked(read(cluster())).is_clean


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"format_version": 2, "clusters": []}',
        b'{"format_version": 1, "clusters": [{"cluster": "prod"}]}',
        json.dumps({"format_version": 1, "clusters": [cluster("prod", difference(verdict="fine"))]}).encode(),
    ],
)
def test_a_file_that_is_no_drift_is_none(raw: bytes) -> None:
    """One of an older version, too: it does not tell everything that has to be known."""
    with pytest.raises(DriftFileError, match="it is not what `drift --report json=FILE` writes"):
        drift_file.parsed(raw)
