"""Questions to a GitLab that fails in every way that it knows."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

import pytest

from provisioner import trace
from provisioner.stores.gitlab.client import Client
from provisioner.stores.gitlab.fault import DoubtfulFault, GitLabFault, Kind
from provisioner.stores.gitlab.tries import Patience
from tests.fake_gitlab import FakeGitLab, faults
from tests.fake_gitlab.project import NOBODY, READER, TOKEN
from tests.stores.gitlab.conftest import api


def kind_of(client: Client, path: str = "") -> tuple[Kind, str]:
    with pytest.raises(GitLabFault) as caught:
        client.get(path)
    return caught.value.kind, caught.value.why


def test_the_project_is_asked_for_with_the_token(gitlab: FakeGitLab, client: Client) -> None:
    assert client.get("")["default_branch"] == "main"
    assert [(each.path, each.token) for each in gitlab.asked] == [("/api/v4/projects/1", TOKEN)]


def test_a_project_may_be_named_by_its_path(gitlab: FakeGitLab) -> None:
    assert Client(api(gitlab, project="kafka/topics")).get("")["id"] == 1


def test_a_wait_that_the_server_asks_for_is_kept(gitlab: FakeGitLab, client: Client, waited: list[float]) -> None:
    gitlab.fault(faults.TOO_MANY, 2, after="7")
    assert client.get("")["id"] == 1
    assert waited == [7, 7]


def test_a_wait_without_end_is_cut(gitlab: FakeGitLab, client: Client, waited: list[float]) -> None:
    gitlab.fault(faults.TOO_MANY, 1, after="86400")
    assert client.get("")["id"] == 1
    assert waited == [30]


@pytest.mark.parametrize("after", ["", "soon", "-1", "9" * 400, "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_wait_that_is_none_is_ours(gitlab: FakeGitLab, client: Client, waited: list[float], after: str) -> None:
    gitlab.fault(faults.TOO_MANY, 1, after=after)
    assert client.get("")["id"] == 1
    assert 0 <= waited[0] <= 5


@pytest.mark.parametrize("do", [faults.FAILS, faults.DROPS])
def test_a_server_that_fails_for_a_while_is_asked_again(gitlab: FakeGitLab, client: Client, do: str) -> None:
    gitlab.fault(do, 3, status=500)
    assert client.get("")["id"] == 1
    assert len(gitlab.asked) == 4


@pytest.mark.parametrize("do", [faults.FAILS, faults.DROPS, faults.TOO_MANY])
def test_a_server_that_fails_for_good_is_not_reachable(gitlab: FakeGitLab, client: Client, do: str) -> None:
    """After five tries."""
    gitlab.fault(do)
    assert kind_of(client)[0] is Kind.UNREACHABLE
    assert len(gitlab.asked) == 5


@pytest.mark.parametrize("do", [faults.FAILS, faults.DROPS])
def test_a_post_without_an_answer_is_in_doubt_and_sent_once(gitlab: FakeGitLab, client: Client, do: str) -> None:
    gitlab.fault(do)
    with pytest.raises(DoubtfulFault):
        client.post("issues", {"title": "x", "description": "x"})
    assert len(gitlab.asked) == 1


def test_a_post_that_was_turned_away_is_sent_again(gitlab: FakeGitLab, client: Client) -> None:
    """429 says that it was not done."""
    gitlab.fault(faults.TOO_MANY, 1)
    assert client.post("issues", {"title": "x", "description": "x"})["iid"] == 1
    assert len(gitlab.project.told["issues"]) == 1


def test_an_answer_that_drips_ends_with_the_time_for_it(gitlab: FakeGitLab) -> None:
    gitlab.fault(faults.TRICKLES)
    kind, why = kind_of(Client(api(gitlab), Patience(question=0.5)))
    assert (kind, why.startswith("no whole answer within ")) == (Kind.UNREACHABLE, True)


def test_all_questions_together_have_an_end(gitlab: FakeGitLab) -> None:
    assert kind_of(Client(api(gitlab), Patience(run=0))) == (
        Kind.UNREACHABLE,
        "the time for all questions is over",
    )
    assert gitlab.asked == []


def test_an_unknown_token_has_no_rights(gitlab: FakeGitLab) -> None:
    kind, why = kind_of(Client(api(gitlab, "glpat-unknown")))
    assert (kind, why) == (Kind.NO_RIGHTS, "the token is not known, or expired (401): 401 Unauthorized")


def test_a_token_without_the_scope_has_no_rights(gitlab: FakeGitLab) -> None:
    """GitLab's own words tell which scope is wanted."""
    assert kind_of(Client(api(gitlab, NOBODY)))[0] is Kind.NO_RIGHTS
    with pytest.raises(GitLabFault, match="it wants the scope api") as caught:
        Client(api(gitlab, READER)).post("issues", {})
    assert caught.value.kind is Kind.NO_RIGHTS


def test_what_is_not_there_is_told_apart(client: Client) -> None:
    assert kind_of(client, "merge_requests/99")[0] is Kind.NOT_THERE


def test_what_is_not_taken_is_told_in_gitlabs_words(client: Client) -> None:
    with pytest.raises(GitLabFault, match="title is missing") as caught:
        client.post("issues", {"description": "x"})
    assert caught.value.kind is Kind.NOT_TAKEN


@pytest.mark.parametrize("do", [faults.NO_JSON, faults.HUGE])
def test_an_answer_that_is_none_is_not_understood(gitlab: FakeGitLab, client: Client, do: str) -> None:
    gitlab.fault(do)
    assert kind_of(client)[0] is Kind.NOT_UNDERSTOOD
    assert len(gitlab.asked) == 1


def test_no_redirect_is_followed_with_the_token(gitlab: FakeGitLab, client: Client) -> None:
    gitlab.fault(faults.REDIRECTS, location=f"{gitlab.storage}/1/x")
    assert kind_of(client) == (Kind.NOT_UNDERSTOOD, "it is a redirect (302), which is not followed")
    assert gitlab.fetched == []


def test_a_list_is_read_over_all_its_pages(gitlab: FakeGitLab, client: Client) -> None:
    for number in range(250):
        gitlab.project.issue(f"issue {number}", "x", [])
    assert len({each["iid"] for each in client.pages("issues")}) == 250
    assert [each.query["page"] for each in gitlab.asked] == ["1", "2", "3"]


def test_a_list_without_end_is_not_read_for_ever(
    gitlab: FakeGitLab, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provisioner.stores.gitlab.client.MOST_PAGES", 2)
    for number in range(201):
        gitlab.project.issue(f"issue {number}", "x", [])
    with pytest.raises(GitLabFault, match="more than 2 pages of 100"):
        list(client.pages("issues"))
    assert len(gitlab.asked) == 2


def test_something_else_than_a_list_is_not_understood(client: Client) -> None:
    with pytest.raises(GitLabFault, match="no list of objects"):
        list(client.pages(""))


@pytest.fixture
def said() -> Iterator[list[str]]:
    lines: list[str] = []
    trace.listen(lines.append)
    yield lines
    trace.listen(None)


@pytest.mark.parametrize("do", [None, *faults.WORDS])
def test_the_token_and_what_is_posted_are_in_no_line_and_no_error(
    gitlab: FakeGitLab, waited: list[float], said: list[str], do: str | None
) -> None:
    client = Client(api(gitlab), Patience(question=0.5, tries=2, sleep=waited.append))
    if do:
        gitlab.fault(do)
    told = []
    for ask in (client.get, client.post):
        try:
            ask("issues", {"title": "hush", "description": "hush"})
        except GitLabFault as fault:
            told.append(f"{fault} {fault.hint}")
            assert TOKEN not in traceback.format_exc()
    assert [line for line in (*said, *told) if TOKEN in line or "hush" in line] == []
    assert any("GET /projects/1/issues: " in line for line in said)
    assert bool(told) == (do is not None)


def test_a_server_that_repeats_the_token_is_not_repeated(gitlab: FakeGitLab, client: Client) -> None:
    with pytest.raises(GitLabFault) as caught:
        client.put("issues/1/notes/9", {})
    assert TOKEN not in str(caught.value)
