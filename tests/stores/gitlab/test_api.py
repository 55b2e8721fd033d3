"""Where the token may go, and what is said where there is none."""

from __future__ import annotations

import pytest

from provisioner.stores.gitlab import api
from provisioner.stores.gitlab.api import Api
from provisioner.stores.gitlab.fault import GitLabFault, Kind

URL, TOKEN = "https://gitlab.example.com/api/v4", "glpat-1"
JOB = {"CI_API_V4_URL": URL, "CI_PROJECT_ID": "12", "PROVISIONER_GITLAB_TOKEN": TOKEN}


def test_a_job_of_gitlab_says_all_there_is_to_know() -> None:
    more = {"PROVISIONER_PROXY": "http://proxy:3128", "CI_SERVER_TLS_CA_FILE": "/ca", "CI_PROJECT_URL": "https://g/p"}
    found = api.from_environment({**JOB, **more})
    assert found == Api(JOB["CI_API_V4_URL"], "12", "glpat-1", "http://proxy:3128", "/ca", "https://g/p")
    assert found.warning == ""


def test_the_token_is_in_no_text_of_it() -> None:
    assert "glpat-1" not in repr(api.from_environment(JOB))


@pytest.mark.parametrize("name", JOB)
def test_what_is_not_set_is_named_with_what_to_do(name: str) -> None:
    with pytest.raises(GitLabFault) as caught:
        api.from_environment({**JOB, name: ""})
    assert name in str(caught.value)
    assert name in caught.value.hint
    assert caught.value.kind is (Kind.NO_TOKEN if "TOKEN" in name else Kind.NO_JOB)


@pytest.mark.parametrize(
    "url",
    [
        *("http://gitlab.example.com/api/v4", "ftp://x/", "file:///etc/passwd", "gitlab.example.com"),
        *("https://", "https://[", "https://h:x/", "https://u:p@h/api/v4", "https://h/api?x=1", "https://h/api#x"),
    ],
)
def test_the_token_goes_to_no_other_address_than_https(url: str) -> None:
    """Nor to one that hides its host; and none of it is said again."""
    with pytest.raises(GitLabFault) as caught:
        Api(url, "12", "glpat-1")
    assert caught.value.kind is Kind.UNREACHABLE
    assert "p@h" not in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "[::1]"])
def test_this_machine_itself_may_be_asked_over_http(host: str) -> None:
    assert Api(f"http://{host}/api/v4", "12", "glpat-1").warning == ""


def test_http_in_the_environment_itself_is_taken_with_a_warning() -> None:
    found = api.from_environment({**JOB, "CI_API_V4_URL": "http://gitlab.example.com/api/v4"})
    assert found.warning.startswith("CI_API_V4_URL is http: ")


@pytest.mark.parametrize("token", ["glpat 1", "glpat-1\n", "glpat-1\r\nX-Evil: 1", "glpät", "x" * 1001])
def test_a_token_that_is_none_is_not_sent_and_not_shown(token: str) -> None:
    with pytest.raises(GitLabFault) as caught:
        Api(JOB["CI_API_V4_URL"], "12", token)
    assert caught.value.kind is Kind.NO_TOKEN
    assert token not in str(caught.value)
