"""A cluster of which a merge request changes nothing is not asked, and cannot make it red."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from provisioner import cli, opening
from provisioner.report.planfile import PlanDocument
from tests.fleets import Fleet, write

NOWHERE = {
    "bootstrap": "127.0.0.1:1",
    "cluster_id": "nobody-has-this-id",
    "client": {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN", "sasl.password": {"env": "NOT_SET"}},
    "alerts": {"type": "files", "folder": "/nowhere/rules"},
}
FILES: Fleet = {
    "clusters.yaml": {"clusters": {"prod": {**NOWHERE, "default": True}, "far": NOWHERE, "away": NOWHERE}},
    "pay/team.yaml": {"chat": "#pay"},
    "pay/t.yaml": {"topics": [{"name": "a", "clusters": ["far"]}, {"name": "b", "clusters": ["prod", "away"]}]},
    "ads/team.yaml": {"chat": "#ads"},
    "ads/t.yaml": {"topics": [{"name": "c", "clusters": ["far"]}], "consumers": [{"topic": "b", "group": "g"}]},
}
GIT = ("git", "-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "init.defaultBranch=main")

Run = Callable[..., tuple[int, str]]


def clusters(**others: Any) -> Any:
    matchers = {name: {"metrics": {"matchers": {"cluster": name}}} for name in ("prod", "far", "away")}
    said = {name: {**held, **matchers[name]} for name, held in FILES["clusters.yaml"]["clusters"].items()}
    folders = {name: {"alerts": {"type": "files", "folder": f"/nowhere/{name}"}} for name in said}
    ids = {name: {"cluster_id": f"id-of-{name}", "bootstrap": f"127.0.0.1:{1 + at}"} for at, name in enumerate(said)}
    made = {name: {**held, **folders[name], **ids[name]} for name, held in said.items()}
    return {"clusters": {**made, **{name: {**made[name], **other} for name, other in others.items()}}}


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Plans with the committed files as base; nothing answers anywhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(opening, "record_log", Closed)
    write(Path("topics"), {**FILES, "clusters.yaml": clusters()})
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "base"]):
        subprocess.run([*GIT, *arguments], check=True)

    def planned(changed: Fleet, *more: str) -> tuple[int, str]:
        write(Path("topics"), {**FILES, "clusters.yaml": clusters(), **changed})
        code = cli.main(["plan", "--base", "HEAD", *more])
        return code, capsys.readouterr().out

    return planned


class Closed:
    """A cluster's record that nobody may ask."""

    def __init__(self, catalog: Any, _context: Any) -> None:
        self.name = catalog.cluster.name

    def read(self) -> None:
        raise AssertionError(f"cluster {self.name} was asked")

    tail = read


def test_a_cluster_that_does_not_exist_is_green_at_once(plan: Run) -> None:
    """Its address, its id, its secret and its folder are never looked at."""
    code, text = plan({}, "--cluster", "far")
    assert code == 0
    assert text.startswith("cluster far: untouched since ")
    assert text.endswith(", not looked at\n")


def test_all_of_them_are_one_line(plan: Run) -> None:
    """However many there are."""
    assert plan({}) == (0, "3 clusters untouched\n")


def test_its_plan_file_is_a_plan(plan: Run, tmp_path: Path) -> None:
    """Without changes, and with the base."""
    assert plan({}, "--cluster", "far", "--out", "far.json")[0] == 0
    document = PlanDocument.model_validate_json((tmp_path / "far.json").read_bytes())
    assert (document.untouched, document.changes, document.not_looked_at) == (True, [], {})
    assert document.base
    told = json.loads(plan({}, "--output", "json")[1])
    assert [each["untouched"] for each in told["plans"]] == [True, True, True]


def test_another_clusters_topic_touches_it_not(plan: Run) -> None:
    """Nor does that topic\'s reader."""
    changed = {"pay/t.yaml": {"topics": [{"name": "a", "clusters": ["far"]}, {"name": "b", "clusters": ["prod"]}]}}
    assert plan(changed, "--cluster", "far")[0] == 0
    with pytest.raises(AssertionError, match="cluster away was asked"):
        plan(changed, "--cluster", "away")


@pytest.mark.parametrize(
    "changed",
    [
        {"pay/team.yaml": {"chat": "#others"}},
        {"ads/t.yaml": {"topics": [{"name": "c", "clusters": ["far"]}], "consumers": [{"topic": "a", "group": "g"}]}},
        {"clusters.yaml": clusters(far={"limits": {"max_deletions": 1}})},
        {"clusters.yaml": clusters(far={"defaults": {"partitions": 7}})},
        {"ads/t.yaml": {"consumers": [{"topic": "b", "group": "g"}]}},
    ],
    ids=["team", "reader", "its own entry", "its defaults", "a topic that is gone"],
)
def test_whatever_makes_up_its_lanes_touches_it(plan: Run, changed: Fleet) -> None:
    """Whatever part of it was asked for."""
    for more in ((), ("--lane", "topics")):
        with pytest.raises(AssertionError, match="cluster far was asked"):
            plan(changed, "--cluster", "far", *more)


def test_an_error_in_a_changed_file_touches_what_it_holds_back(plan: Run) -> None:
    """The merge request is red for it; the others are left alone."""
    wrong = {"name": "a", "clusters": ["far"], "partitions": "many"}
    changed = {"pay/t.yaml": {"topics": [wrong, {"name": "b", "clusters": ["prod", "away"]}]}}
    with pytest.raises(AssertionError, match="cluster far was asked"):
        plan(changed, "--cluster", "far")
    code, text = plan(changed, "--cluster", "away")
    assert (code, "cluster away: untouched" in text) == (1, True), text


def test_an_error_that_the_base_has_touches_nothing(plan: Run) -> None:
    """It was there before, and its file is as it was."""
    wrong = {"ads/t.yaml": {"topics": [{"name": "c", "clusters": ["far"], "partitions": "many"}]}}
    write(Path("topics"), {**FILES, "clusters.yaml": clusters(), **wrong})
    subprocess.run([*GIT, "commit", "-q", "-a", "-m", "wrong"], check=True)
    code, text = plan(wrong, "--cluster", "far")
    assert (code, "cluster far: untouched" in text) == (0, True), text


def test_a_template_that_changed_touches_every_cluster_with_alerts(plan: Run) -> None:
    """It makes all of them anew."""
    source = Path(__file__).parents[2] / "alert_templates/consumer_lag.yaml"
    Path("alert_templates").mkdir()
    text = source.read_text("utf-8")
    Path("alert_templates/consumer_lag.yaml").write_text(text.replace("summary: A", "summary: One"), "utf-8")
    with pytest.raises(AssertionError, match="cluster far was asked"):
        plan({}, "--cluster", "far")
