"""What an entry would say, and what none can."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from provisioner.adopting.rewriting import rewritten
from provisioner.adopting.sites import Site, sites
from provisioner.adopting.wishes import UnsayableError, Wish, change, wish
from provisioner.catalog import folder
from provisioner.problem import Span
from provisioner.reconcile.drift import Difference, Verdict
from provisioner.reconcile.model import Key


@pytest.fixture
def there(tmp_path: Path) -> dict[str, Site]:
    (tmp_path / "pay").mkdir()
    (tmp_path / "pay/team.yaml").write_text("chat: '#pay'\n")
    (tmp_path / "clusters.yaml").write_text("clusters: {prod: {bootstrap: a, default: true}, eu: {bootstrap: b}}\n")
    (tmp_path / "pay/topics.yaml").write_text(
        """
topics:
  - {name: a, config: {retention.ms: 3d}}
  - {name: b, clusters: [prod, eu], dead_letter: {name: b.dlq, partitions: 3, config: {preallocate: true}}}
  - {name: c, clusters: [prod, eu], overrides: {prod: {dead_letter: c.dlq}}}
  - {name: d, dead_letter: a}
"""
    )
    return dict(sites(folder.read(tmp_path), "prod"))


def difference(name: str, field: str, declared: str | None, live: str | None, **more: Any) -> Difference:
    verdict = more.get("verdict", Verdict.BY_HAND)
    return Difference(Key("topic", name), "pay", Span("x"), field, declared, declared, live, verdict)


def test_the_replicas_of_an_uneven_topic_are_no_number(there: dict[str, Site]) -> None:
    """Whatever is live of an even one can be written."""
    one = difference("a", "replication_factor", "3", "2..3")
    made = wish(there["a"], [one], named=False)
    assert (made.changes, "more replicas than others" in made.left["replication_factor"]) == ({}, True)
    assert change(there["a"], replace(one, live="2")) == {("replication_factor",): "2"}


def test_dead_letters_of_several_clusters_are_told_to_be_pasted(there: dict[str, Site]) -> None:
    """With all that they have already: what stands below overrides takes the place of the other."""
    with pytest.raises(UnsayableError) as error:
        change(there["b.dlq"], difference("b.dlq", "config.retention.ms", None, "1209600000"))
    assert error.value.paste == (
        "overrides: {prod: {dead_letter: {name: b.dlq, config: {preallocate: true, retention.ms: 14d}, partitions: 3}}}"
    )


def test_dead_letters_below_overrides_are_this_clusters_own(there: dict[str, Site]) -> None:
    """There they are changed."""
    changes = change(there["c.dlq"], difference("c.dlq", "config.retention.ms", None, "1209600000"))
    assert changes == {("overrides", "prod", "dead_letter", "config", "retention.ms"): "14d"}


def test_an_entry_of_its_own_counts_before_that_of_a_dead_letter(there: dict[str, Site]) -> None:
    """A topic may be both."""
    assert there["a"].below == ()


@pytest.mark.parametrize("verdict", [Verdict.BOTH, Verdict.UNKNOWN])
def test_what_is_unclear_is_taken_by_name_alone(there: dict[str, Site], verdict: Verdict) -> None:
    """A glob is no name."""
    one = difference("a", "config.retention.ms", "259200000", "1209600000", verdict=verdict)
    assert wish(there["a"], [one], named=False).changes == {}
    made: Wish = wish(there["a"], [one], named=True)
    assert (made.changes, made.left) == ({("config", "retention.ms"): "14d"}, {})


def test_one_entry_that_cannot_be_kept_keeps_no_other_back() -> None:
    """Empty lines at the end of such a text belong to it."""
    raw = b"topics:\n  - name: a\n    description: |+\n      x\n\n  - name: b\n"
    changes = {name: {("topics", at, "partitions"): "3"} for at, name in enumerate("ab")}
    text, failed = rewritten(raw, changes)
    assert failed == ["a"]
    assert text == raw + b"    partitions: 3\n"
