"""What a large board says again and again stands in hidden variables, and Prometheus is asked the same."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from provisioner.errors import InputError
from provisioner.kinds import dashboard
from provisioner.kinds.hidden_parts import LARGE, MOST_LOOKED_AT, hidden
from provisioner.kinds.rendering import Rendering
from provisioner.profiles import named
from provisioner.templates.budget import Clock
from tests.declared import BILLING, ORDERS, catalog, shipped
from tests.kinds.boards import BOARDS, PROFILES, RULES, board_of, drawn_from, many_limits, targets, written_back
from tests.kinds.test_board_rules import lost, through_the_sdk

KAFKA_EXPORTER = named("kafka_exporter")


def size(made: Any) -> int:
    return len(json.dumps(made, separators=(",", ":")))


def constants(made: Any) -> dict[str, str]:
    return {one["name"]: one["query"] for one in made["templating"]["list"] if one["type"] == "constant"}


@PROFILES
@pytest.mark.parametrize("name", BOARDS)
def test_grafana_writes_back_what_was_there(name: str, profile: str) -> None:
    """To the letter, whatever board it is; and that one is no longer than it was."""
    made = board_of(name, metrics={"profile": profile, "matchers": {"cluster": "prod"}})
    assert constants(made) == {}
    shorter = hidden(made, named(profile))
    assert written_back(shorter) == made
    assert size(shorter) <= size(made)


@PROFILES
def test_a_board_above_48_kb_is_written_so(profile: str) -> None:
    made = many_limits(10, profile)
    assert "log_end" in constants(made)
    assert size(written_back(made)) > LARGE
    assert all(f"${{{name}:raw}}" in json.dumps(made["panels"]) for name in constants(made))


def test_no_variable_has_another_one_in_it() -> None:
    """Grafana would not look for it there."""
    made = many_limits(20)
    assert len(constants(made)) > 3
    assert not any("$" in text for text in constants(made).values())


def test_no_variable_of_the_board_is_taken() -> None:
    """A template of somebody may have one of that name."""
    made = board_of("orders.v1")
    made["templating"]["list"].append({"name": "log_end", "type": "textbox", "query": "mine"})
    names = [one["name"] for one in hidden(made, KAFKA_EXPORTER)["templating"]["list"]]
    assert names[2] == "log_end"
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("text", ["(" * 400, ")" * 400, '"(' * 400, 'x{a="' * 400, "a by (b) (" * 400, "{}()[]"])
def test_a_query_that_is_no_promql_is_left_as_it_means(text: str) -> None:
    """A template is somebody's, and may say anything."""
    twice = [{"refId": name, "expr": f'{text} sum by (partition) (up{{job="{"x" * 90}"}})'} for name in "ABCD"]
    made = {"panels": [{"targets": twice}], "templating": {"list": []}}
    assert written_back(hidden(made, KAFKA_EXPORTER)) == made


def test_looking_for_parts_has_the_time_of_a_document() -> None:
    """Ten thousand boards of a stranger's template, as large as they may be, would take hours."""
    made, looks = written_back(many_limits(10)), count()
    topic = shipped().dashboards["topic"]
    rendering = Rendering.of(catalog().cluster, KAFKA_EXPORTER, [topic], shipped())
    rendering.clock = Clock(lambda: next(looks), pause=0)
    assert rendering.timed(topic, "orders.v1", lambda: hidden(made, KAFKA_EXPORTER)) is None
    with pytest.raises(InputError) as error:
        rendering.finish()
    (problem,) = error.value.problems
    assert problem.message == "rendering took more than 5 s (for topic 'orders.v1' of cluster 'prod')"
    assert problem.span.path == topic.source.path


def test_the_queries_of_folded_rows_are_shortened_too() -> None:
    query = {"refId": "A", "expr": 'sum(up{job="somewhere in the middle of nowhere, and even beyond that place"})' * 9}
    made = {"panels": [{"type": "row", "panels": [{"targets": [query]}]}]}
    (row,) = hidden(made, KAFKA_EXPORTER)["panels"]
    assert re.fullmatch(r"(\$\{part:raw\}){9}", row["panels"][0]["targets"][0]["expr"])


def test_grafana_knows_every_word_of_it() -> None:
    made = many_limits()
    assert lost(made, through_the_sdk(made)) == []


def test_the_queries_of_one_board_are_short_and_those_of_a_smaller_one_are_whole() -> None:
    """Between the two there is one limit more, and never a board of both kinds."""
    found = [many_limits(groups) for groups in range(11)]
    large = [bool(constants(made)) for made in found]
    assert large == sorted(large)
    assert {True, False} == set(large)
    for made in found:
        used = {name for one in targets(made) for name in re.findall(r"\$\{(\w+):raw\}", one["expr"])}
        assert used == set(constants(made))


@pytest.mark.parametrize(("signs", "left"), [(MOST_LOOKED_AT, False), (MOST_LOOKED_AT + 1, True)])
def test_a_board_of_endless_queries_is_left_as_it_is(signs: int, left: bool) -> None:
    """Each variable is looked for in all that the ones before it left."""
    query = f'sum(up{{job="{"x" * 80}"}}) '
    repeated = query * (signs // len(query))
    made = {"panels": [{"targets": [{"expr": repeated + "x" * (signs - len(repeated))}]}], "templating": {"list": []}}
    assert (hidden(made, KAFKA_EXPORTER) == made) is left


@pytest.mark.parametrize("sign", ["\ue000", "\ue00b", "\uf8ff", "\U000f0000", "\U0010fffd"])
def test_a_group_may_be_named_after_a_mark(sign: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files refuse some; whatever character stands for a part, it is one that the board has not."""
    groups = ["billing", *(f"shipping-planner-{at:02}" for at in range(10))]
    consumers = [{**BILLING, "group": group, "lag": f"{5 + at}m"} for at, group in enumerate(groups)]
    written = catalog(ORDERS, consumers, alerts=RULES)
    topic = written.topics["orders.v1"]
    marked = tuple(replace(one, group=one.group.replace("billing", f"billing{sign}")) for one in topic.consumers)
    declared = replace(written, topics={"orders.v1": replace(topic, consumers=marked)})
    made = drawn_from(declared, "orders.v1")
    assert sign in json.dumps(made, ensure_ascii=False)
    monkeypatch.setattr(dashboard, "LARGE", 10**9)
    assert "log_end" in constants(made)
    assert written_back(made) == drawn_from(declared, "orders.v1")


@pytest.mark.parametrize("spared", [0, 1, 5, 200])
def test_a_board_of_all_private_characters_is_shortened_as_far_as_there_are_others(spared: int) -> None:
    private = "".join(map(chr, [*range(0xE000, 0xF900), *range(0xF0000, 0xFFFFE), *range(0x100000, 0x10FFFE)]))
    repeated = "".join(f'sum(up{{job="{letter * 90}"}}) ' for letter in "abcdefghijklmno") * 9
    made = {
        "panels": [
            {"expr": private[:1000], "targets": [{"expr": private[1000 : len(private) - spared]}]},
            {"targets": [{"expr": repeated}]},
        ],
        "templating": {"list": []},
    }
    shorter = hidden(made, KAFKA_EXPORTER)
    assert written_back(shorter) == made
    assert len(constants(shorter)) == min(spared, 12)


@pytest.mark.parametrize("query", ["$metric{}", "$fn({})", "$Fn({})", "$my_metric{}", "$ns:metric{}", "$$metric{}"])
def test_no_name_of_a_variable_is_cut(query: str) -> None:
    """Grafana reads `$${log_end:raw}` as a dollar and a part, and knows no `$my_`."""
    matchers = f'{{job="{"x" * 90}"}}'
    queries = [query.replace("{}", matchers), f"metric{matchers} + n({matchers}) + sum(fn({matchers}))"]
    made = {"panels": [{"targets": [{"expr": one} for one in queries * 9]}], "templating": {"list": []}}
    shorter = hidden(made, KAFKA_EXPORTER)
    assert written_back(shorter) == made
    assert constants(shorter)
    kept = re.match(r"\$+\w+", query)
    assert kept
    for one in list(targets(shorter))[::2]:
        assert re.match(rf"{re.escape(kept[0])}(?!\w)", one["expr"])
