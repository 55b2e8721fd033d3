"""One open issue, written anew in place, closed when clean."""

from __future__ import annotations

import pytest

from provisioner.stores.gitlab import issues
from provisioner.stores.gitlab.client import Client
from provisioner.stores.gitlab.notes import Became
from tests.fake_gitlab import FakeGitLab, faults
from tests.fake_gitlab.project import BOT, Document

MARKER, LABEL, TITLE = "<!-- drift -->", "kafka-drift", "Drift"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provisioner.stores.gitlab.made_once.SECONDS", 0)


def upsert(client: Client, body: str) -> Became:
    return issues.upsert(client, MARKER, TITLE, f"{MARKER}\n{body}", [LABEL]).became


def there(gitlab: FakeGitLab) -> list[Document]:
    found: list[Document] = gitlab.project.told["issues"]
    return found


def test_an_issue_is_made_then_left_then_changed_then_closed(gitlab: FakeGitLab, client: Client) -> None:
    """And the next one is a new one."""
    done = [upsert(client, "one"), upsert(client, "one"), upsert(client, "two")]
    closed = issues.close(client, MARKER, LABEL, "clean")
    done += [closed.became, issues.close(client, MARKER, LABEL, "clean").became, upsert(client, "three")]
    assert done == ["created", "unchanged", "updated", "closed", "unchanged", "created"]
    assert [(each["state"], each["description"]) for each in there(gitlab)] == [
        ("closed", f"{MARKER}\ntwo"),
        ("opened", f"{MARKER}\nthree"),
    ]
    assert [each["body"] for each in there(gitlab)[0]["notes"]] == ["clean"]
    assert closed.link == f"{gitlab.root}/kafka/topics/-/issues/1"
    assert there(gitlab)[0]["labels"] == [LABEL]


def test_issues_of_others_are_left_alone(gitlab: FakeGitLab, client: Client) -> None:
    """Of a person, with another label, and of ours about something else."""
    gitlab.project.issue("fake", f"{MARKER} look here", [LABEL], 7)
    gitlab.project.issue("other label", f"{MARKER} x", ["x"], BOT)
    gitlab.project.issue("other matter", f"about {MARKER}", [LABEL], BOT)
    assert issues.close(client, MARKER, LABEL, "clean").became is Became.UNCHANGED
    assert upsert(client, "one") is Became.CREATED
    assert len(there(gitlab)) == 4


@pytest.mark.parametrize("do", [faults.DONE_THEN_FAILS, faults.DONE_THEN_DROPS, faults.FAILS])
def test_a_post_that_is_in_doubt_makes_one_issue(gitlab: FakeGitLab, client: Client, do: str) -> None:
    gitlab.fault(do, 1, method="POST")
    assert upsert(client, "one") is Became.CREATED
    assert len(there(gitlab)) == 1
