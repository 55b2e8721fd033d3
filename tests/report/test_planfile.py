"""The plan file: one documented document, equal for equal input, and read no more kindly than any other input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from provisioner.errors import InputError, ProvisionerError, RefusedError
from provisioner.kinds.topic import Topic
from provisioner.reconcile.model import Consent, Observed
from provisioner.report import machine, planfile
from tests.reconcile.test_engine import FLEET, House

ROOT = Path(__file__).parents[2]


def document() -> dict[str, Any]:
    house = House()
    house.run(FLEET)
    house.topics.state["c"] = Observed(Topic(9, 3), "id-c")
    wish = {**FLEET, "a": None, "b": Topic(6, 3, {"retention.ms": "500"}), "new": Topic(1, 3)}
    return machine.plan_document(house.plan(wish, Consent("more-partitions", "6")))


def test_a_plan_document_is_as_its_schema_says() -> None:
    """Creates, updates, deletes, refusals and hazards."""
    schema = json.loads((ROOT / "docs/plan.schema.json").read_text("utf-8"))
    made = document()
    assert {change["action"] for change in made["changes"]} == {"create", "update", "delete"}
    jsonschema.validate(json.loads(json.dumps(made)), schema)


def test_equal_input_gives_an_equal_document() -> None:
    """No clock, no order of a set."""
    assert json.dumps(document()) == json.dumps(document())


def test_what_was_written_is_read_back() -> None:
    """Every change with its fingerprint."""
    made = document()
    found = planfile.reviewed(planfile.parsed(json.dumps(made).encode(), "plan.json", "prod"))
    assert {(*key, one.fingerprint) for key, one in found.items()} == {
        (change["kind"], change["name"], change["fingerprint"]) for change in made["changes"]
    }


def broken(**changed: Any) -> str:
    return json.dumps({**document(), **changed})


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", InputError),
        ("[]", InputError),
        ("{", InputError),
        ("[" * 200_000, InputError),
        ("\udcff", InputError),
        (broken(format_version=2), InputError),
        (broken(surprise=1), InputError),
        (broken(changes=[{"kind": "topic"}]), InputError),
        (broken(cluster="staging"), RefusedError),
    ],
)
def test_any_other_file_is_refused_with_a_reason(text: str, error: type[ProvisionerError]) -> None:
    """And never half read."""
    with pytest.raises(error):
        planfile.parsed(text.encode(errors="surrogateescape"), "plan.json", "prod")
