"""What the shipped templates make of whatever may be declared; and what is told of a template that fails."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import promql_parser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.catalog import model
from provisioner.catalog.units import Duration
from provisioner.kinds import ALERTS, DASHBOARDS, rule_files, trial
from provisioner.kinds.kind import Context
from provisioner.profiles import NAMES
from provisioner.templates import load
from provisioner.templates.loading import HEADER
from tests import declared
from tests.kinds import catalogs
from tests.templates.authors import folder

FAILING = "name: NAME\nscope: topic\nsummary: x\nrule: {alert: A, expr: '<< [0, 1][topic.partitions] >>'}\n"


@pytest.mark.parametrize("profile", NAMES)
@given(
    text=catalogs.TEXTS,
    groups=st.lists(catalogs.GROUPS, max_size=5, unique=True),
    lag=catalogs.LAGS,
    state=st.sampled_from([model.Presence.PRESENT, model.Presence.EXTERNAL]),
)
@settings(max_examples=25, deadline=None)
def test_the_shipped_templates_can_be_rendered_for_whatever_may_be_declared(
    profile: str, text: str, groups: list[str], lag: Duration | None, state: model.Presence
) -> None:
    """No merge request that is valid by itself keeps back everybody's plans."""
    made = catalogs.catalog(text, groups, profile, lag, state)
    assert trial.rendered(made, declared.shipped())[:2] == ({}, {})
    for found in declared.sets(made).values():
        for rule in found.rules:
            promql_parser.parse(rule["expr"])
    for want in DASHBOARDS.wanted(made, Context(declared.shipped())).values():
        assert want.resource
        assert json.loads(want.resource.text)["panels"]


EXTREMES = [(sign, profile) for sign in ("\\", '"', "{", "$", "[[", ".", "🎉") for profile in NAMES]


@pytest.mark.parametrize(("sign", "profile"), EXTREMES)
def test_as_many_and_as_long_groups_as_there_may_be_are_no_problem(sign: str, profile: str) -> None:
    """Two hundred and fifty of two hundred and fifty-five signs, each of which is escaped."""
    made = catalogs.catalog(sign, catalogs.groups(sign), profile)
    assert trial.rendered(made, declared.shipped())[:2] == ({}, {})


@pytest.mark.promtool
@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed (Debian: prometheus)")
@pytest.mark.parametrize("profile", NAMES)
def test_promtool_has_nothing_against_the_extremes(profile: str, tmp_path: Path) -> None:
    """Names of every odd sign, a threshold of a hundred years, and as many groups as there may be."""
    odd = list(dict.fromkeys(group for sign in catalogs.SIGNS for group in catalogs.groups(sign, 1)))
    cases = [
        catalogs.catalog("".join(catalogs.SIGNS), odd, profile),
        catalogs.catalog("\\", catalogs.groups("\\"), profile),
    ]
    for case in cases:
        ((name, text),) = rule_files.pack(case.cluster.name, declared.sets(case).values()).items()
        (tmp_path / "rules.yml").write_text(text)
        command = ["promtool", "check", "rules", "--lint=all", "--lint-fatal", str(tmp_path / "rules.yml")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, (name, done.stdout[-2000:], done.stderr[-2000:])


def test_a_template_that_fails_is_told_with_the_topic_and_the_cluster(tmp_path: Path) -> None:
    """Once, for the first topic that it fails for: whoever reads it must know where to look."""
    topics = [{"name": "a.v1", "partitions": 1}, {"name": "b.v1", "partitions": 7}, {"name": "c.v1", "partitions": 9}]
    templates = load(folder(tmp_path, mine=FAILING.replace("NAME", "mine")))
    (problem,), sources, _ = trial.rendered(declared.catalog(topics), templates)
    assert problem.message.endswith("(for topic 'b.v1' of cluster 'prod')")
    assert problem.span.path == str(tmp_path / "mine.yaml")
    assert sources == {problem.span.path: FAILING.replace("NAME", "mine")}


def test_alerts_and_dashboards_are_tried_alike(tmp_path: Path) -> None:
    """All that fails is told at once."""
    board = {HEADER: {"name": "topic", "summary": "x"}, "title": "<< 1 / 0 >>"}
    (tmp_path / "topic.json").write_text(json.dumps(board))
    templates = load(folder(tmp_path, a=FAILING.replace("NAME", "a"), b=FAILING.replace("NAME", "b")), tmp_path)
    found, sources, _ = trial.rendered(declared.catalog({"name": "x.v1", "partitions": 5}), templates)
    assert [Path(problem.span.path).name for problem in found] == ["a.yaml", "b.yaml", "topic.json"]
    assert set(sources) == {problem.span.path for problem in found}


def test_what_is_shipped_has_nothing_to_tell() -> None:
    """Of topics that are to go either."""
    made = declared.catalog([{"name": "a.v1"}, {"name": "b.v1", "state": "absent"}], {"topic": "a.v1", "group": "g"})
    assert trial.rendered(made, declared.shipped())[:2] == ({}, {})
    assert ALERTS.wanted(made, Context(declared.shipped()))["b.v1"].resource is None
