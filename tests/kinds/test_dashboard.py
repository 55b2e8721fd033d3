"""The dashboard of a topic: Grafana can read it, Prometheus can answer it, and no declared value breaks it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import promql_parser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.catalog.model import Catalog
from provisioner.kinds import DASHBOARDS, dashboard_links
from provisioner.kinds.board_file import Dashboard
from provisioner.kinds.kind import Context
from provisioner.profiles import named
from provisioner.templates import Templates
from tests.declared import BILLING, CLUSTER, ORDERS, catalog, sets, shipped, with_texts
from tests.kinds.boards import (
    BOARDS,
    PROFILES,
    RULES,
    board_of,
    drawn_from,
    filled_in,
    many_limits,
    targets,
    written_back,
)
from tests.templates.authors import board

HARD = 'a"b\\c\n$x ${y} [[z]] {{w}} <b> *m* [l](http://x)'


def drawn(topic: Mapping[str, Any] = ORDERS, consumers: Any = BILLING, **cluster: Any) -> dict[str, Any]:
    return drawn_from(catalog(topic, consumers, **cluster), topic["name"])


def resource(topic: Mapping[str, Any]) -> Dashboard:
    made = DASHBOARDS.wanted(catalog(topic, BILLING), Context(shipped()))["orders.v1"].resource
    assert made
    return made


def panel(made: Mapping[str, Any], title: str) -> dict[str, Any]:
    (found,) = [panel for panel in made["panels"] if panel["title"] == title]
    return found


def asked(made: Mapping[str, Any], title: str, reference: str = "A") -> str:
    (found,) = [target["expr"] for target in panel(made, title)["targets"] if target["refId"] == reference]
    return str(found)


def content(made: Mapping[str, Any]) -> str:
    return str(panel(made, "What this is")["options"]["content"])


def titles(made: Mapping[str, Any]) -> set[str]:
    return {panel["title"] for panel in made["panels"]}


def texts(declared: Catalog) -> dict[str, str]:
    found = DASHBOARDS.wanted(declared, Context(shipped()))
    return {name: want.resource.text for name, want in found.items() if want.resource}


@PROFILES
def test_every_question_is_promql(profile: str) -> None:
    """With Grafana's own variables filled in as Grafana fills them in."""
    made = drawn(metrics={"profile": profile, "matchers": {"cluster": "prod"}})
    asked = [target["expr"] for target in targets(made)]
    assert len(asked) > 10
    for expression in asked:
        promql_parser.parse(filled_in(expression))


@PROFILES
def test_every_selector_bridges_the_holes_of_scrapes(profile: str) -> None:
    """Or a panel is green, or empty, while the alert fires. What Prometheus writes itself has no holes."""
    for target in targets(drawn(metrics={"profile": profile, "matchers": {"cluster": "prod"}})):
        assert not re.search(r"\}(?!\[)", re.sub(r"ALERTS(_FOR_STATE)?\{[^}]*\}", "", target["expr"]))


@PROFILES
def test_grafana_finds_what_it_needs(profile: str) -> None:
    """Ids and references of its own for each panel and target, a place in the grid, the datasource variable."""
    made = drawn(metrics={"profile": profile})
    panels = made["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        place = panel["gridPos"]
        assert 0 <= place["x"] <= 24 - place["w"]
        references = [target["refId"] for target in panel.get("targets", ())]
        assert len(set(references)) == len(references)
        assert panel["type"] == "row" or panel["datasource"]["uid"] == "${datasource}"
        assert panel.get("targets") or panel["type"] in ("row", "text")
    assert {variable["name"] for variable in made["templating"]["list"]} == {"datasource", "group"}


@pytest.mark.parametrize("name", BOARDS)
@PROFILES
def test_no_two_panels_lie_upon_each_other(name: str, profile: str) -> None:
    """Cell by cell of the grid; nor is there a hole between them, but beside the last one of a row of panels."""
    taken: set[tuple[int, int]] = set()
    for panel in board_of(name, metrics={"profile": profile})["panels"]:
        place = panel["gridPos"]
        assert 0 <= place["x"] <= 24 - place["w"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not taken & cells, panel["title"]
        taken |= cells
    assert taken == {(x, y) for x in range(24) for y in range(max(y for _, y in taken) + 1)}


@PROFILES
def test_it_answers_what_someone_who_was_paged_asks(profile: str) -> None:
    """Is it broken, since when, whose fault, whom to call; for how long; which partition; why."""
    assert titles(drawn(metrics={"profile": profile}, alerts=RULES)) >= {
        "Alerts firing",
        "Since",
        "Partitions late",
        "Consumed / produced",
        "Produced / last week",
        "Consumer groups",
        "Lag in minutes",
        "Produced and consumed a second",
        "Late messages by partition",
        "Caught up in",
    }


def test_replication_is_shown_where_the_exporter_knows_it() -> None:
    """KMinion does not."""
    assert "Under-replicated" in titles(drawn())
    assert "Under-replicated" not in titles(drawn(metrics={"profile": "kminion"}))


def test_alerts_are_counted_where_there_are_any() -> None:
    """A cluster without a place for rules has none to ask for; the rest of the strip takes the room."""
    assert "Alerts firing" not in titles(drawn())
    assert panel(drawn(), "Partitions late")["gridPos"] == {"x": 0, "y": 0, "w": 6, "h": 3}


@PROFILES
def test_each_group_is_measured_by_its_own_limit(profile: str) -> None:
    """In the number, on the heat map, in the state and where the red lines are."""
    consumers = [{**BILLING, "lag": "5m", "transactional": True}, {**BILLING, "group": "planner", "lag": "15m"}]
    made, label = (
        drawn({**ORDERS, "lag": "20m"}, consumers, metrics={"profile": profile}),
        named(profile).labels["group"],
    )
    for title, reference in (
        ("Partitions late", "A"),
        ("Late messages by partition", "A"),
        ("Consumer groups", "state"),
    ):
        text = asked(made, title, reference)
        assert re.search(r'offset 5m\).{1,700}="billing".{1,300}> 1\)', text), title
        assert 'offset 15m],"limit","planner",""' in text.replace(")", "]"), title
        assert 'offset 20m],"limit","",""' in text.replace(")", "]"), title
        assert f'"-","{label}","console-consumer-.*"' in text
        assert f'"$1","{label}","(planner|billing)"' in text
    lines = asked(made, "Lag in minutes", "L")
    assert all(f"vector({seconds})" in lines for seconds in (300, 900))
    assert "1200 * group by" in lines
    assert lines.count('=~"$group"') == 2


def test_a_group_without_a_limit_has_no_line_and_no_state() -> None:
    """Its consumer switched the alert off, and so did the topic for whoever is not declared."""
    made = drawn({**ORDERS, "lag": "none"}, [{**BILLING, "lag": "5m"}, {**BILLING, "group": "quiet", "lag": "none"}])
    for title, reference in (("Lag in minutes", "L"), ("Consumer groups", "limit"), ("Consumer groups", "state")):
        assert "quiet" not in asked(made, title, reference)
        assert '"billing"' in asked(made, title, reference)
    assert "for declared groups alone" in content(made)


def test_it_says_whom_to_call() -> None:
    """The consumer's team and chat; for a group that nobody declared the topic's owner, by that word."""
    text = asked(drawn(), "Consumer groups", "call")
    assert 'consumergroup="billing"' in text.split('"call", "finance #finance"')[0]
    assert 'consumergroup!~"billing"' in text.split('"call", "undeclared: payments"')[0]


def test_a_dollar_in_a_chat_is_no_reference_of_label_replace() -> None:
    """Nor a variable of Grafana."""
    made = drawn(teams={"payments": {}, "finance": {"chat": "#a$1"}})
    assert '"finance #a\\x24\\x241"' in asked(made, "Consumer groups", "call")


def test_without_a_lag_alert_there_is_no_limit_to_draw() -> None:
    """And no panel of what would be too late: nothing on the board is empty for want of one."""
    made = drawn({**ORDERS, "lag": "none"}, {**BILLING, "lag": "none"}, alerts=RULES)
    assert titles(made) & {"Partitions late", "Lag in minutes", "Late messages by partition", "Caught up in"} == set()
    assert {target["refId"] for target in panel(made, "Consumer groups")["targets"]} == {
        "call",
        "age",
        "unread",
        "rate",
        "members",
    }
    assert "switched off" in content(made)


def test_more_limits_than_a_board_can_show_are_not_shown() -> None:
    """And it says so: they are not switched off."""
    consumers = [{**BILLING, "group": f"g{minutes}", "lag": f"{minutes}m"} for minutes in range(5, 30)]
    made = drawn(ORDERS, consumers)
    assert "Partitions late" not in titles(made)
    assert "more different limits than a board can show" in content(made)
    assert "Partitions late" in titles(drawn(ORDERS, consumers[:20]))


def test_dead_letters_have_a_small_board_of_their_own() -> None:
    """What lies there, when it came, and which topic it serves; and who reads it can be chosen by an alert's link."""
    made = board_of("orders.v1.dlq")
    assert titles(made) >= {"Letters here", "In the last hour", "Dead letters a minute", "What this is"}
    assert len(made["panels"]) <= 12
    served = dashboard_links.uid("prod", "orders.v1")
    assert f"[orders.v1](https://grafana.example.com/d/{served}/orders-v1)" in content(made)
    assert any(served in link["url"] for link in made["links"])
    assert {"name": "group", "hide": 2}.items() <= made["templating"]["list"][1].items()


def test_an_external_topic_is_not_measured_by_what_nobody_declared() -> None:
    """Its partitions and replicas are its owner's."""
    made = board_of("eu.orders.v1")
    assert panel(made, "Partitions late")["fieldConfig"]["defaults"]["unit"] == "short"
    steps = panel(made, "Under-replicated")["fieldConfig"]["defaults"]["thresholds"]["steps"]
    assert {step["color"] for step in steps} == {"text"}
    assert "min.insync.replicas" not in {
        target.get("legendFormat") for target in panel(made, "In-sync replicas of the worst partition")["targets"]
    }
    assert "kept by others" not in content(made)
    assert "by others" in content(made)


def test_the_declaration_is_linked_where_the_cluster_says_where_it_can_be_read() -> None:
    """The file below the folder, whatever line: a line would change with its neighbours."""
    place = {**CLUSTER["dashboards"], "declarations": "https://git.example.com/kafka/-/blob/main/topics/"}
    made = drawn(dashboards=place)
    url = "https://git.example.com/kafka/-/blob/main/topics/payments/topics.yaml"
    assert made["links"][0]["url"] == url
    assert f"[payments/topics.yaml]({url})" in content(made)
    assert "payments/topics.yaml" in content(drawn())


@pytest.mark.parametrize("name", BOARDS)
@PROFILES
def test_a_board_is_below_48_kb(name: str, profile: str) -> None:
    """Ten thousand of them lie in a folder, and travel."""
    assert len(json.dumps(board_of(name, metrics={"profile": profile}), separators=(",", ":"))) < 48 * 1024


@PROFILES
@pytest.mark.parametrize("name", ["orders.v1", "company.department.orders-and-everything-about-them.compacted.v1"])
def test_the_board_of_ten_groups_with_a_limit_each_is_below_48_kb(name: str, profile: str) -> None:
    """Beside the limit of the topic itself; however long its name is."""
    made = many_limits(10, profile, name)
    assert len(json.dumps(made, separators=(",", ":"))) < 48 * 1024
    assert "600 * group by" in json.dumps(written_back(made))


def test_a_change_of_one_topic_changes_one_board() -> None:
    """Its neighbours stay as they are to the byte, and so does a second rendering."""
    before, again, after = (
        texts(catalog([{**ORDERS, "lag": lag}, {"name": "refunds.v1"}], BILLING)) for lag in ("10m", "10m", "20m")
    )
    assert before == again
    assert {name for name in before if before[name] != after[name]} == {"orders.v1"}


def test_the_link_of_an_alert_leads_to_it() -> None:
    """By an id that is known before the dashboard exists."""
    assert drawn()["uid"] == dashboard_links.uid("prod", "orders.v1")


def test_every_link_of_an_alert_leads_to_a_board_that_has_what_it_sets() -> None:
    """Its uid, each of its variables, and a time; also where the alert is about who reads dead letters."""
    declared = catalog({**ORDERS, "dead_letter": "orders.v1.dlq"}, BILLING, alerts=RULES)
    boards = {made["uid"]: made for made in (json.loads(text) for text in texts(declared).values())}
    links = [rule["annotations"]["dashboard_url"] for made in sets(declared).values() for rule in made.rules]
    variables = [set(re.findall(r"[?&]var-(\w+)=", link)) for link in links]
    assert {"group"} in variables
    for link, chosen in zip(links, variables, strict=True):
        (uid,) = re.findall(r"/d/([^/]+)/", link)
        assert chosen <= {variable["name"] for variable in boards[uid]["templating"]["list"]}
        assert re.search(r"[?&]from=.+&to=.+", link)


def test_what_a_board_is_made_of_tells_whether_it_is_rendered_again() -> None:
    """Where its declaration is read and how many replicas must be in sync are parts of it, as its groups are."""
    moved = {**CLUSTER["dashboards"], "declarations": "https://git.example.com"}
    others: list[Catalog] = [
        catalog({**ORDERS, "config": {"min.insync.replicas": 1}}, BILLING),
        catalog(ORDERS, BILLING, dashboards=moved),
        catalog(ORDERS, BILLING, alerts=RULES),
        catalog(ORDERS, {**BILLING, "lag": "7m"}),
    ]
    digests = [wanted(each).inputs for each in (catalog(ORDERS, BILLING), catalog(ORDERS, BILLING), *others)]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 1 + len(others)


def wanted(declared: Catalog) -> Any:
    return DASHBOARDS.wanted(declared, Context(shipped()))["orders.v1"]


@pytest.mark.parametrize("field", ["description", "message"])
def test_no_declared_text_becomes_markup_or_a_variable(field: str) -> None:
    """In the text panel and wherever else it stands, also what no file could bring in."""
    declared = catalog(ORDERS)
    topic: Any = replace(declared.topics["orders.v1"], **{field: HARD})
    made = drawn_from(replace(declared, topics={"orders.v1": topic}), "orders.v1")
    text = json.dumps(made, ensure_ascii=False)
    for variable in (r"\$x", r"\$\{y\}", r"\[\[z\]\]"):
        assert not re.search(variable, text)
    assert "<b>" not in content(made)
    assert "[l](" not in content(made)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_any_group_gives_a_whole_dashboard(group: str) -> None:
    """Its name stands in a legend and in a title, as text."""
    made = drawn_from(with_texts(catalog(ORDERS, BILLING), group=group), "orders.v1")
    assert len(made["panels"]) > 10


def test_equal_declarations_give_equal_text_and_another_lag_another_panel() -> None:
    """A diff of two files shows the panel that changed, and the plan names it."""
    first, second, other = (resource({**ORDERS, "lag": lag}) for lag in ("10m", "10m", "15m"))
    assert first == second
    differing = {name for name, value in first.fields().items() if other.fields().get(name) != value}
    assert "panel.Lag in minutes" in differing
    assert "panel.Produced a second by partition" not in differing
    assert len(first.text.splitlines()) > len(json.loads(first.text)["panels"])


@pytest.mark.parametrize("text", ["", "{", "[]", '{"panels": [1]}', "null"])
def test_a_file_that_is_no_dashboard_differs_from_every_one(text: str) -> None:
    """Somebody wrote into it; that is a difference and no crash."""
    assert Dashboard(text).fields()["text"]


def test_an_absent_topic_has_none_to_keep() -> None:
    """Its dashboard goes with it."""
    wanted = DASHBOARDS.wanted(catalog({**ORDERS, "state": "absent"}, []), Context(shipped()))
    assert wanted["orders.v1"].resource is None


VARIABLES = ("$group", "${__user.login}", "[[group]]", "a$", "[", 'a"b\\c[[d')
ASKING = (
    "metric.lag | of(consumer.group)",
    "metric.lag | besides([consumer.group])",
    "metric.lag | on_topic(consumer.group)",
    "metric.committed | of(consumer.group) | ago('1h')",
    "metric.log_end | unread_age(metric.committed | of(consumer.group), [60])",
    "metric.lag | of(consumer.group) | per_second",
)


@PROFILES
@pytest.mark.parametrize("asked", ASKING)
@pytest.mark.parametrize("name", VARIABLES)
def test_no_name_is_a_variable_of_grafana_in_a_metric(profile: str, asked: str, name: str) -> None:
    """Whatever a template asks of a metric; the reader's choice of groups is the only variable."""
    panels = [{"<<each>>": "consumer in topic.consumers", "targets": [{"expr": f"<< {asked} >>"}]}]
    declared = catalog(ORDERS, {**BILLING, "group": name}, metrics={"profile": profile, "matchers": {"site": name}})
    templates = Templates({}, {"topic": board({"panels": panels})})
    made = DASHBOARDS.wanted(declared, Context(templates))["orders.v1"].resource
    assert made
    (panel,) = json.loads(made.text)["panels"]
    text = panel["targets"][0]["expr"].replace('=~"$group"', '=~".*"').replace("$__rate_interval", "1m")
    promql_parser.parse(text)
    assert "$" not in text
    assert "[[" not in text
    assert ("\\x24" in text) == ("$" in name)


def test_an_alert_reads_the_same_names_as_prometheus_does() -> None:
    """Nobody replaces variables there."""
    (made,) = sets(catalog(ORDERS, {**BILLING, "group": "${x}[[y"})).values()
    expressions = [rule["expr"] for rule in made.rules if "consumer_group" in rule["labels"]]
    assert all('consumergroup="${x}[[y"' in text for text in expressions)
    assert len(expressions) == 4


@pytest.mark.parametrize(
    "runbook", ["javascript:alert(1)", "data:text/html,x", "JaVaScRiPt:x", "wiki/kafka", " https://x"]
)
def test_only_an_address_of_the_web_becomes_a_link(runbook: str) -> None:
    """In the text panel it stands as text; among the dashboard's links not at all."""
    made = drawn_from(with_texts(catalog(ORDERS, BILLING), runbook=runbook), "orders.v1")
    assert [link["title"] for link in made["links"]] == ["Kafka on prod"]
    assert "](" not in content(made)
    assert runbook.split(":")[0].strip() in content(made)


def test_an_address_of_the_web_is_a_link_of_the_dashboard() -> None:
    """As it was declared."""
    made = drawn(teams={"payments": {"runbook": "HTTPS://wiki.example.com/a?b=c#d"}, "finance": {}})
    assert made["links"][0]["url"] == "HTTPS://wiki.example.com/a?b=c#d"
    assert "[runbook](HTTPS://wiki.example.com/a?b=c#d)" in content(made)


def test_the_states_have_words() -> None:
    """The numbers are sums: late on few (1) or many (2) partitions, 4 where it stands still, 8 where it gains."""
    overrides = panel(drawn(), "Consumer groups")["fieldConfig"]["overrides"]
    (state,) = [one["properties"] for one in overrides if one["matcher"]["options"] == "state"]
    (mapping,) = next(each["value"] for each in state if each["id"] == "mappings")
    assert {number: said["text"] for number, said in mapping["options"].items()} == {
        **dict.fromkeys("048", "in time"),
        "1": "late: partitions stuck",
        "2": "late: too slow",
        **dict.fromkeys("56", "late: stopped"),
        **dict.fromkeys(("9", "10"), "late, catching up"),
    }
    assert {"id": "noValue", "value": "no alert"} in state
