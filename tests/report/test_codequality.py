"""GitLab's code quality report of what is wrong in the files."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from provisioner.problem import Problem, Severity, Span
from provisioner.report import codequality

WRONG = Problem("lag/too-short", "lag 10s of topic 'a' is below 4 scrapes", Span("topics/pay/a.yaml", 3, 5), "write 2m")


def entries(*problems: Problem) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(codequality.text(problems))
    return found


def test_a_problem_has_what_gitlab_asks_of_an_entry() -> None:
    """It stops reading at the first one that lacks any of it."""
    (entry,) = entries(WRONG)
    assert entry["location"] == {"path": "topics/pay/a.yaml", "lines": {"begin": 3}}
    assert (entry["severity"], entry["check_name"]) == ("major", "lag/too-short")
    assert entry["description"] == "lag 10s of topic 'a' is below 4 scrapes; write 2m"
    assert len(entry["fingerprint"]) == 64


def test_nothing_wrong_is_an_empty_list() -> None:
    """Without a report GitLab cannot tell that something was mended."""
    assert entries() == []


def test_a_problem_that_only_moved_is_the_same() -> None:
    """Else each line that is added above would bring it anew."""
    (one,), (other,) = entries(WRONG), entries(replace(WRONG, span=Span("topics/pay/a.yaml", 9, 5)))
    assert one["fingerprint"] == other["fingerprint"]


def test_two_alike_in_one_file_are_two() -> None:
    """GitLab takes equal fingerprints for one."""
    found = entries(WRONG, replace(WRONG, span=Span("topics/pay/a.yaml", 9, 5)))
    assert len({entry["fingerprint"] for entry in found}) == 2


def test_warnings_are_minor_and_what_the_files_accept_is_left_out() -> None:
    """A merge request is no place for what somebody has consented to."""
    found = entries(replace(WRONG, severity=Severity.WARNING), replace(WRONG, severity=Severity.ACCEPTED))
    assert [entry["severity"] for entry in found] == ["minor"]


def test_a_file_as_a_whole_is_placed_at_its_first_line() -> None:
    """GitLab knows no other place for it, and no path that begins with a point."""
    (entry,) = entries(replace(WRONG, span=Span("./topics/clusters.yaml", 0, 0)))
    assert entry["location"] == {"path": "topics/clusters.yaml", "lines": {"begin": 1}}


def test_every_entry_has_each_field_that_gitlab_wants_and_no_other() -> None:
    """At the first one that it does not take, it drops the rest of the report."""
    wrong = [replace(WRONG, message=f"m{number}", severity=severity) for number, severity in enumerate(Severity)]
    for entry in entries(*wrong):
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert type(entry["location"]["lines"]["begin"]) is int
        assert not entry["location"]["path"].startswith(("/", "./"))
        assert entry["description"]
