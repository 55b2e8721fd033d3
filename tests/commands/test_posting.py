"""A note that cannot be posted is a line, and never fails a command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from provisioner.commands import posting
from tests.fake_gitlab import FakeGitLab, faults
from tests.fake_gitlab.project import NOBODY, READER, TOKEN

MARKER = "<!-- plan -->"


@dataclass
class Listening:
    """A console that keeps what is said."""

    environment: dict[str, str]
    said: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.said.append(text)

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


@pytest.fixture
def gitlab() -> Iterator[FakeGitLab]:
    with FakeGitLab() as server:
        server.project.merge_request(7)
        yield server


@pytest.fixture
def console(gitlab: FakeGitLab) -> Listening:
    pages = f"{gitlab.root}/kafka/topics"
    job = {"CI_API_V4_URL": gitlab.url, "CI_PROJECT_ID": "1", "CI_PROJECT_URL": pages}
    return Listening({**job, "PROVISIONER_GITLAB_TOKEN": TOKEN})


def test_what_became_of_the_note_is_one_line(gitlab: FakeGitLab, console: Listening) -> None:
    for body in ("a", "a", "b"):
        posting.post(console, 7, MARKER, body)
    (note,) = gitlab.project.told["merge_requests"][0]["notes"]
    link = f"{gitlab.root}/kafka/topics/-/merge_requests/7#note_{note['id']}"
    assert console.said == [f"note on merge request 7 {word}: {link}" for word in ("created", "unchanged", "updated")]
    assert note["body"] == f"{MARKER}\nb"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"PROVISIONER_GITLAB_TOKEN": ""}, "(no token): "),
        ({"PROVISIONER_GITLAB_TOKEN": "glpat-unknown"}, "(no rights): "),
        ({"PROVISIONER_GITLAB_TOKEN": READER}, "(no rights): "),
        ({"PROVISIONER_GITLAB_TOKEN": NOBODY}, "(no rights): "),
        ({"CI_API_V4_URL": ""}, "(no job of GitLab): "),
        ({"CI_API_V4_URL": "http://127.0.0.1:1/api/v4"}, "(not reachable): "),
        ({"CI_PROJECT_ID": "2"}, "(not there): "),
    ],
)
def test_what_keeps_it_from_being_posted_is_one_line_with_what_to_do(
    console: Listening, change: dict[str, str], why: str
) -> None:
    console.environment |= change
    posting.post(console, 7, MARKER, "a")
    (said,) = console.said
    assert said.startswith("hint: note on merge request 7 not posted ")
    assert why in said
    assert "; " in said.split(why)[1]
    assert all(token not in said for token in (TOKEN, READER, NOBODY, "glpat-unknown"))


@pytest.mark.parametrize("do", [faults.FORBIDDEN, faults.NO_JSON, faults.REDIRECTS, faults.HUGE])
def test_whatever_is_answered_the_command_goes_on(gitlab: FakeGitLab, console: Listening, do: str) -> None:
    gitlab.fault(do)
    posting.post(console, 7, MARKER, "a")
    assert len(console.said) == 1


def test_a_body_that_gitlab_refuses_is_told_in_its_words(console: Listening) -> None:
    posting.post(console, 7, MARKER, "x" * 1_000_001)
    assert "is too long" in console.said[0]
