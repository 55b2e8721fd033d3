"""New checks: warnings for one minor version."""

from __future__ import annotations

import re

import pytest

from provisioner import __version__, checks
from provisioner.checks import Context, novelty
from provisioner.problem import Problem, Severity, Span

ERROR = Problem("names/legal", "a name that is not legal", Span("topics/a.yaml"), "choose another one")
MADE_UP = {"names/legal": "0.2"}


@pytest.mark.parametrize("running", ["0.2.0", "0.2.17"])
def test_an_error_of_a_new_check_is_a_warning_and_says_from_when_on_it_is_one(running: str) -> None:
    """All else stays."""
    (found,) = novelty.softened([ERROR], running, MADE_UP)
    assert found.severity is Severity.WARNING
    assert found.message == "a name that is not legal (an error from 0.3 on)"
    assert (found.check, found.span, found.hint) == (ERROR.check, ERROR.span, ERROR.hint)


@pytest.mark.parametrize("running", ["0.1.9", "0.3.0", "1.2.0", "0.20.0"])
def test_with_any_other_minor_version_it_is_an_error(running: str) -> None:
    """Also one whose digits only begin alike."""
    assert list(novelty.softened([ERROR], running, MADE_UP)) == [ERROR]


def test_other_checks_and_what_is_no_error_stay_as_they_are() -> None:
    """A warning is none from the next version on."""
    warning = Problem("names/legal", "a", Span("b"), severity=Severity.WARNING)
    other = Problem("names/reserved", "a", Span("b"))
    assert list(novelty.softened([warning, other], "0.2.0", MADE_UP)) == [warning, other]


def test_the_shelf_asks_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the version that runs."""
    monkeypatch.setattr(checks, "CHECKS", (lambda context: iter([ERROR]),))
    monkeypatch.setattr(novelty, "NEW", {"names/legal": __version__})
    (found,) = checks.run(Context(()))
    assert found.severity is Severity.WARNING


def test_every_row_of_the_table_is_a_version() -> None:
    """Of two numbers, or of three."""
    assert [each for each in novelty.NEW.values() if not re.fullmatch(r"\d+\.\d+(\.\d+)?", each)] == []
