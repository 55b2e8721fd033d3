"""What the users of a secure sandbox may do is what docs/rights.md asks for; no Java."""

from __future__ import annotations

import re
from pathlib import Path

from provisioner.catalog.reserved_names import RECORD_PREFIX
from provisioner.sandbox import USERS, rights, shown, storage

DOCS = Path(__file__).parents[2] / "docs"


def asked(row: str, page: str = "rights.md") -> set[str]:
    """The rights that the first row of that name on a page names."""
    text = (DOCS / page).read_text("utf-8")
    cell, *_ = re.findall(rf"^\| {row} \| (.*?)(?:;.*)?\|$", text, re.MULTILINE)
    return set(re.findall(r"[A-Z_]{4,}", cell))


def test_reader_has_the_rights_of_a_plan_with_notes() -> None:
    """On topics and groups, and DESCRIBE on the cluster for running moves."""
    allowed = rights.RIGHTS["reader"]
    assert set(allowed["TOPIC"]) == asked("plan, import") | {"READ"}
    assert (set(allowed["GROUP"]), set(allowed["BROKER"])) == ({"READ", "DESCRIBE"}, {"DESCRIBE"})


def test_writer_has_the_rights_of_an_apply_too() -> None:
    """And no more."""
    reader, writer = rights.RIGHTS["reader"], rights.RIGHTS["writer"]
    assert set(writer["TOPIC"]) == set(reader["TOPIC"]) | asked("apply")
    assert {**writer, "TOPIC": ()} == {**reader, "TOPIC": ()}


def test_both_may_use_a_record_as_plan_and_apply_do() -> None:
    """Whoever applies may make it, too; no other topic can be written to."""
    assert set(rights.RECORD["reader"]) == asked("plan, drift", "record-topic.md")
    assert set(rights.RECORD["writer"]) == asked("apply, the first time", "record-topic.md")
    assert RECORD_PREFIX == rights.RECORD_PREFIX


def test_each_user_is_shown_and_has_credentials_for_each_mechanism() -> None:
    """PLAIN's stand in the broker's config, SCRAM's in its storage."""
    assert set(shown.MAY) == set(USERS) == {"admin", "reader", "writer"}
    page = (DOCS / "commands/sandbox.md").read_text("utf-8")
    credentials = list(storage._credentials())
    for name, password in USERS.items():
        assert f"| `{name}` | `{password}` |" in page
        for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512"):
            assert f"{mechanism}=[name={name},password={password}]" in credentials
