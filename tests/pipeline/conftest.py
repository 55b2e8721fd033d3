"""Pipelines need a program of npm's (`make pipeline` brings it) and rsync; what is missing is a failure and no skip."""

from __future__ import annotations

import shutil

import pytest

from tests.pipeline.gitlab_ci import PROGRAM


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/pipeline" in str(item.path):
            item.add_marker(pytest.mark.pipeline)


@pytest.fixture(autouse=True, scope="session")
def program() -> None:
    missing = [name for name in (str(PROGRAM), "rsync", "node") if shutil.which(name) is None]
    assert missing == [], "run `make pipeline`"
