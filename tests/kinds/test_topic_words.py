"""A topic in the words of its engineers, and the consent to paste."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from provisioner.kinds import TOPICS
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.problem import Span
from provisioner.reconcile import diff
from provisioner.reconcile.change import Change
from provisioner.reconcile.model import Consent, Hazard, Key, Observed, Wanted
from tests.plain_kind import PlainKind


def change(before: TopicSpec | None, after: TopicSpec | None, *consents: Consent) -> Change[TopicSpec]:
    seen = None if before is None else Observed(before, "id")
    made = diff.change(Key("topic", "a"), Wanted(after, Span("x.yaml"), consents=consents), seen, TOPICS)
    assert made
    return made


def words(made: Change[TopicSpec]) -> list[str]:
    return [line.plain for line in TOPICS.words(made, False)]


def test_a_new_topic_is_one_line_with_its_counts_first() -> None:
    assert words(change(None, TopicSpec(6, 3, {"cleanup.policy": "compact", "retention.ms": "604800000"}))) == [
        "partitions 6, replication_factor 3, cleanup.policy compact, retention.ms 604800000 (7d)"
    ]


def test_a_changed_topic_is_told_field_by_field_in_human_units() -> None:
    """As they stand below each other."""
    assert words(change(TopicSpec(6, 3, {"retention.ms": "604800000"}), TopicSpec(12, 3))) == [
        "config.retention.ms  604800000 (7d) -> (not set)",
        "partitions           6 -> 12",
    ]


def test_a_deleted_topic_has_nothing_more_to_be_read() -> None:
    assert words(change(TopicSpec(6, 3), None)) == []


GIVEN = Consent("more-partitions", "12")


@pytest.mark.parametrize(
    ("missing", "line"),
    [
        ([Hazard("shorter-retention", "", "3d")], "allow: {more-partitions: 12, shorter-retention: 3d}"),
        ([Hazard("delete-topic", "", "123")], 'allow: {more-partitions: 12, delete-topic: "123"}'),
        ([Hazard("cleanup-policy", "", "a,b")], 'allow: {more-partitions: 12, cleanup-policy: "a,b"}'),
        (
            [Hazard("extra-config", "", "x.y=1"), Hazard("extra-config", "", "x.z=2")],
            'allow: {more-partitions: 12, extra-config: ["x.y=1", "x.z=2"]}',
        ),
    ],
)
def test_the_consent_to_paste_has_what_is_accepted_already(missing: list[Hazard], line: str) -> None:
    """Whole, and read by YAML as it was meant: an id is text."""
    made = TOPICS.consent(change(TopicSpec(6, 3), TopicSpec(12, 3), GIVEN), missing)
    assert made == line
    (values,) = yaml.safe_load(made).values()
    assert values.pop("more-partitions") == 12
    assert not any(isinstance(value, int) for value in values.values())


def test_a_kind_without_consents_of_its_own_has_the_same_line() -> None:
    kind: Any = PlainKind()
    made = kind.consent(change(TopicSpec(6, 3), TopicSpec(12, 3), GIVEN), [Hazard("danger", "", "a,b")])
    assert made == 'allow: {more-partitions: 12, danger: "a,b"}'
