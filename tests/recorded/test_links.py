"""What is rendered beside each other fits: alerts lead to dashboards that are there, and nothing moves by itself."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.recorded import alerting, fleet, rendered
from tests.recorded.rendered import CASES, EVERY, SHARED, Case

LINK, ACTION = "dashboard_url", re.compile(r"\{\{.*?\}\}")
BUILT_IN = {"from", "to", "refresh", "orgId", "timezone", "viewPanel"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every case, rendered."""
    found = tmp_path_factory.mktemp("rendered")
    for case in EVERY:
        rendered.render(case, found)
    return found


def _wrong(rule: Mapping[str, Any], boards: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What is not right with the link of a rule. Prometheus' own actions stand for what they will give."""
    parts = urlsplit(ACTION.sub("1", rule["annotations"].get(LINK, "")))
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    board = boards.get(next(iter(re.findall(r"/d/([^/]+)/", parts.path)), ""))
    if board is None:
        yield f"no dashboard is at {parts.path!r}"
        return
    variables = {f"var-{one['name']}" for one in board["templating"]["list"]}
    yield from (f"the dashboard has no {name}" for name in asked if name not in variables | BUILT_IN)
    yield from (f"{name} is not set" for name in ("from", "to") if not asked.get(name))
    if "consumer_group" in rule["labels"] or "consumer_group" in rule["expr"].partition(" unless ")[0]:
        yield from (f"{name} is not set" for name in ("var-group",) if not asked.get(name))
    if "var-topic" in variables and asked.get("var-topic") != rule["labels"].get("topic"):
        yield f"var-topic is {asked.get('var-topic')!r}"


def _boards(case: Case, place: Path) -> Mapping[str, Mapping[str, Any]]:
    found = [json.loads(path.read_text()) for path in case.dashboards(place)]
    return {board["uid"]: board for board in found}


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.name)
def test_every_alert_of_a_topic_leads_to_a_dashboard_with_its_group_and_time(place: Path, case: Case) -> None:
    boards = _boards(case, place)
    of_topics = [rule for rule in alerting.rules(case.rules(place)) if "topic" in rule["labels"]]
    assert len(of_topics) > 10
    assert [(rule["alert"], rule["labels"], wrong) for rule in of_topics for wrong in _wrong(rule, boards)] == []


def test_a_link_that_leads_nowhere_is_noticed(place: Path) -> None:
    case = CASES[0]
    boards = _boards(case, place)
    rule = next(rule for rule in alerting.rules(case.rules(place)) if "consumer_group" in rule["labels"])
    link = rule["annotations"][LINK]
    for bad in (
        link.replace("/d/kafka-", "/d/kafka-0"),
        link.replace("var-group", "var-groups"),
        link.replace("from=", "since="),
        re.sub("&var-group=.*", "", link),
    ):
        assert list(_wrong({**rule, "annotations": {LINK: bad}}, boards)), bad


def _texts(folder: Path) -> Mapping[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.name)
def test_two_renders_are_equal_to_the_byte(place: Path, tmp_path: Path, case: Case) -> None:
    assert _texts(rendered.render(case, tmp_path)) == _texts(place / case.name)


def test_a_change_of_one_topic_changes_one_dashboard(place: Path, tmp_path: Path) -> None:
    case = CASES[0]
    topics = shutil.copytree(fleet.TOPICS, tmp_path / "topics")
    file = next(path for path in topics.rglob("*.yaml") if "name: heartbeats.v1" in path.read_text())
    file.write_text(file.read_text().replace("one message a second", "a message each second"))
    rendered.render(case, tmp_path, topics)
    before, after = ({path.name: path.read_bytes() for path in case.dashboards(one)} for one in (place, tmp_path))
    assert before.keys() == after.keys()
    assert [name for name in before if before[name] != after[name]] == ["heartbeats.v1.json"]


def test_a_topic_more_does_not_change_the_dashboard_that_all_share(place: Path, tmp_path: Path) -> None:
    """Unless its limit is one that no other has."""
    case = SHARED[0]
    topics = shutil.copytree(fleet.TOPICS, tmp_path / "topics")
    file = topics / "payments" / "more.yaml"
    file.write_text("topics:\n  - {name: more.v1, lag: 10m}\n")
    rendered.render(case, tmp_path, topics)
    before, after = ({path.name: path.read_bytes() for path in case.dashboards(one)} for one in (place, tmp_path))
    assert before.keys() == after.keys()
    assert [name for name in before if before[name] != after[name]] == ["team+payments.json"]
