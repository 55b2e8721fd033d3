"""What a new version changes, as JSON, and in the note that reads it again."""

from __future__ import annotations

import json
import re

import pytest

from provisioner.report import comparison, comparison_file, note
from provisioner.report.comparison_file import NewVersion, parsed, section
from provisioner.report.note_fit import Limits
from provisioner.report.note_input import Plans
from tests.comparing.renderings import difference, many, rule, rules
from tests.report.test_note_hostile import NASTY, harmless

FOUND = difference({"r.yml": many("ab")}, {"r.yml": many("ab", expr="up") + "\n"})


def written(**more: object) -> bytes:
    return json.dumps({**comparison.document(FOUND), **more}).encode()


def shown(version: NewVersion, limits: Limits = note.LIMITS) -> str:
    return note.text(Plans({}, (), version=version), limits=limits)


def test_the_document_counts_everything_and_has_an_example() -> None:
    """Of each change."""
    document = comparison.document(FOUND)
    assert document["lines"] == ["consumer_lag: expression changed, 2 alerts, 2 teams"]
    (template,) = document["templates"]
    assert template["fields"] == {"expr": 2}
    assert template["clusters"] == {"prod": {"changed": 2, "new": 0, "gone": 0}}
    assert template["examples"][0]["diff"] == ['- lag{topic="a"} > 0', "+ up"]


def test_the_note_has_a_section_with_the_lines() -> None:
    """And the examples folded."""
    text = shown(parsed(written()))
    assert "### A new version\n\n- `consumer_lag`: expression changed, 2 alerts, 2 teams\n" in text
    assert "<details><summary><code>consumer_lag</code>" in text
    assert "+ up" in text


def test_nothing_that_differs_is_said_too() -> None:
    """A reviewer must not wonder whether anybody looked."""
    same = difference({"r.yml": many("ab")}, {"r.yml": many("ab")})
    text = shown(parsed(json.dumps(comparison.document(same)).encode()))
    assert "- nothing that is rendered differs (2 alerts, 0 dashboards)" in text


def test_without_a_comparison_there_is_no_section() -> None:
    """Most merge requests have none."""
    assert "new version" not in note.text(Plans({}, ()))


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "compared nothing"),
        (b"{}", "cannot be used"),
        (b"[" * 100_000, "cannot be used"),
        (b"\xff", "cannot be used"),
        (written(format_version=2), "version 2, and this program reads version 1"),
        (written(lines=[]), "cannot be used"),
        (written(lines=["a"] * 10_000), "cannot be used"),
        (written(templates=[{"template": "a", "examples": [{}]}]), "cannot be used"),
    ],
)
def test_a_file_that_is_none_is_said_to_be_none(raw: bytes, why: str) -> None:
    """Not compared is not equal."""
    assert why in re.sub("`", "", shown(parsed(raw)))
    assert "not compared with the version before" in shown(parsed(raw))


@pytest.mark.parametrize("text", NASTY)
def test_no_text_of_the_file_does_anything_in_the_note(text: str) -> None:
    """It was made by the merge request's own job."""
    example = {"field": text, "name": text, "cluster": text, "diff": [text, f"- {text}", "/close"]}
    raw = written(lines=[text, f"a {text}"], templates=[{"template": text, "examples": [example]}])
    harmless(shown(parsed(raw)))
    harmless(shown(NewVersion(text)))


def test_many_templates_keep_the_limits() -> None:
    """The rest is counted."""
    names = [f"KafkaMade{number:04}" for number in range(1_000)]
    found = difference({}, {"r.yml": rules(*(rule("a", group=None, alert=name) for name in names))})
    document = comparison.document(found)
    assert (len(document["lines"]), document["left_out"]) == (comparison.MOST_TEMPLATES, 800)
    text = shown(parsed(json.dumps(document).encode()), Limits(lines=60))
    assert len(text.splitlines()) <= 60
    assert "left out here: the job that compared has them all" in text
    assert len(section(parsed(json.dumps(document).encode())).entries) == comparison.MOST_TEMPLATES + 1


def test_people_see_a_line_a_template_and_no_more_than_they_read() -> None:
    """With `--verbose` the examples, too."""
    plain, verbose = ([line.plain for line in comparison.lines(FOUND, each)] for each in (False, True))
    assert plain == ["~ consumer_lag: expression changed, 2 alerts, 2 teams"]
    assert verbose[1:] == [
        "    expr of KafkaConsumerLagHigh a billing on prod",
        '      - lag{topic="a"} > 0',
        "      + up",
    ]
    assert comparison_file.MOST > comparison.MOST_TEMPLATES
