"""Addresses in clusters.yaml: what is none is a problem, whatever the URL parser thinks of it."""

from __future__ import annotations

import pytest

from provisioner.checks import Context
from provisioner.checks.clusters import address
from tests.declared import catalog


@pytest.mark.parametrize("url", ["http://[", "http://[::1", "http://a\u2100b/", "ftp://x", "", "x"])
def test_what_is_no_web_address_is_a_problem(url: str) -> None:
    """At its own place, and without a crash."""
    made = catalog(alerts={"type": "files", "folder": "/rules", "reload": [url]}, dashboards=None)
    assert [problem.check for problem in address(Context((made,)))] == ["clusters/address"]
