"""A GitLab that is real to the store, and a client of it that does not wait."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from provisioner.stores.gitlab.api import Api
from provisioner.stores.gitlab.client import Client
from provisioner.stores.gitlab.tries import Patience
from tests.fake_gitlab import FakeGitLab
from tests.fake_gitlab.project import TOKEN


@pytest.fixture
def gitlab() -> Iterator[FakeGitLab]:
    with FakeGitLab() as server:
        yield server


@pytest.fixture
def waited() -> list[float]:
    """Every wait that was asked for, in seconds; none is spent."""
    return []


@pytest.fixture
def client(gitlab: FakeGitLab, waited: list[float]) -> Client:
    return Client(api(gitlab), Patience(sleep=waited.append))


def api(gitlab: FakeGitLab, token: str = TOKEN, project: str = "1") -> Api:
    return Api(gitlab.url, project, token, pages=f"{gitlab.root}/kafka/topics")
