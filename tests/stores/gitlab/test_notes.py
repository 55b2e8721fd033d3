"""One note of ours on a merge request, written anew in place."""

from __future__ import annotations

import pytest

from provisioner.stores.gitlab import accounts, notes
from provisioner.stores.gitlab.accounts import Author
from provisioner.stores.gitlab.client import Client
from provisioner.stores.gitlab.fault import GitLabFault, Kind
from provisioner.stores.gitlab.notes import Became
from tests.fake_gitlab import FakeGitLab, faults
from tests.fake_gitlab.project import BOT, Document

MARKER = "<!-- plan -->"
BODY = f"{MARKER}\nNo changes."


@pytest.fixture
def request_7(gitlab: FakeGitLab) -> Document:
    return gitlab.project.merge_request(7)


def bodies(request: Document) -> list[str]:
    return [each["body"] for each in request["notes"]]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provisioner.stores.gitlab.made_once.SECONDS", 0)


def test_a_note_is_made_then_left_then_changed_in_place(
    gitlab: FakeGitLab, client: Client, request_7: Document
) -> None:
    """Behind a hundred and thirty notes of others, so on the second page."""
    for number in range(130):
        gitlab.project.note(request_7, f"remark {number}")
    made = notes.upsert(client, 7, MARKER, BODY)
    again = notes.upsert(client, 7, MARKER, BODY)
    changed = notes.upsert(client, 7, MARKER, f"{MARKER}\n1 change.")
    assert [each.became for each in (made, again, changed)] == [Became.CREATED, Became.UNCHANGED, Became.UPDATED]
    assert len(request_7["notes"]) == 131
    assert bodies(request_7)[-1] == f"{MARKER}\n1 change."
    assert {made.link, again.link, changed.link} == {
        f"{gitlab.root}/kafka/topics/-/merge_requests/7#note_{request_7['notes'][-1]['id']}"
    }
    assert [each.method for each in gitlab.asked if each.method != "GET"] == ["POST", "PUT"]


def test_a_body_without_its_marker_gets_it(client: Client, request_7: Document) -> None:
    notes.upsert(client, 7, MARKER, "No changes.")
    assert bodies(request_7) == [BODY]
    assert notes.upsert(client, 7, MARKER, "No changes.\r\n").became is Became.UNCHANGED


def test_a_note_of_somebody_else_with_the_marker_is_left_alone(
    gitlab: FakeGitLab, client: Client, request_7: Document
) -> None:
    """Anybody can write the marker; and GitLab's own words on what happened are no note."""
    gitlab.project.note(request_7, f"{MARKER} all is well, merge it")
    gitlab.project.note(request_7, f"{MARKER} changed the title", BOT, system=True)
    gitlab.project.note(request_7, f"see {MARKER}", BOT)
    assert notes.upsert(client, 7, MARKER, BODY).became is Became.CREATED
    assert len(request_7["notes"]) == 4


@pytest.mark.parametrize("do", [faults.DONE_THEN_FAILS, faults.DONE_THEN_DROPS, faults.FAILS, faults.DROPS])
def test_a_post_that_is_in_doubt_makes_one_note(
    gitlab: FakeGitLab, client: Client, request_7: Document, do: str
) -> None:
    """Whether it was carried out or not is looked up before another is sent."""
    gitlab.fault(do, 1, method="POST")
    assert notes.upsert(client, 7, MARKER, BODY).became is Became.CREATED
    assert bodies(request_7) == [BODY]


def test_a_post_that_is_never_answered_is_a_fault(gitlab: FakeGitLab, client: Client, request_7: Document) -> None:
    gitlab.fault(faults.FAILS, method="POST")
    with pytest.raises(GitLabFault) as caught:
        notes.upsert(client, 7, MARKER, BODY)
    assert caught.value.kind is Kind.UNREACHABLE
    assert len([each for each in gitlab.asked if each.method == "POST"]) == 3


def test_a_merge_request_that_is_not_there_is_told(client: Client) -> None:
    with pytest.raises(GitLabFault) as caught:
        notes.upsert(client, 99, MARKER, BODY)
    assert caught.value.kind is Kind.NOT_THERE


def test_notes_are_found_by_their_marker_the_newest_first(
    gitlab: FakeGitLab, client: Client, request_7: Document
) -> None:
    first = gitlab.project.note(request_7, f"{MARKER} one", BOT)
    gitlab.project.note(request_7, f"{MARKER} two", 7)
    gitlab.project.note(request_7, "three", BOT)
    first["updated_at"] = gitlab.project.now()
    gitlab.project.note(request_7, f"{MARKER} four", BOT)
    first["updated_at"] = "2026-12-01T00:00:00.000Z"
    found = notes.find(client, 7, MARKER)
    assert [each.body for each in found] == [f"{MARKER} {word}" for word in ("one", "four", "two")]
    assert found[0].author == Author(BOT, "project_1_bot_3f2a")
    ours = notes.find(client, 7, MARKER, lambda who: accounts.is_bot(client, who))
    assert [each.body for each in ours] == [f"{MARKER} one", f"{MARKER} four"]


@pytest.mark.parametrize(
    ("user", "is_ours"),
    [
        ({"username": "project_1_bot_3f2a", "bot": True}, True),
        ({"username": "project_1_bot", "bot": True}, True),
        ({"username": "project_1_bot_old"}, True),
        ({"username": "project_1_bot_fake", "bot": False}, False),
        ({"username": "project_12_bot_3f2a", "bot": True}, False),
        ({"username": "kim", "bot": True}, False),
        ({"username": "kim", "bot": False}, False),
        ({"username": "x_project_1_bot", "bot": True}, False),
    ],
)
def test_only_the_machine_of_this_project_is_one_of_ours(
    gitlab: FakeGitLab, client: Client, user: Document, is_ours: bool
) -> None:
    """A person may take such a name, and the machine of another project may write here."""
    gitlab.project.told["users"].append({"id": 55, **user})
    assert accounts.is_bot(client, Author(55, user["username"])) is is_ours


def test_somebody_who_is_gone_is_none_of_ours(client: Client) -> None:
    assert accounts.is_bot(client, Author(99, "project_1_bot")) is False
