"""A template and names -> plain data: types, conditions, repetitions, escapes."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.catalog.units import Duration
from provisioner.profiles.promql import Fragment
from provisioner.templates.characters import strange
from tests.templates.authors import board, rule, value

TEXTS = st.text(st.sampled_from("{}[]\"'\\$&#+\n\r\t <>|*_") | st.characters(codec="utf-8"), max_size=30)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 1", 2),
        ("1 / 2", 0.5),
        ("x > 1", True),
        ("none", None),
        ('"a" ~ x', "a3"),
        ("[1, x]", [1, 3]),
        ('{"a": [x]}', {"a": [3]}),
        ("lag", "10m"),
        ("lag.seconds", 600),
        ("(1, 2)", [1, 2]),
        ('"<<"', "<<"),
        ('">>"', ">>"),
    ],
)
def test_an_expression_alone_keeps_its_type(expression: str, expected: Any) -> None:
    """Numbers, switches, lists and maps come out as such."""
    got = value(expression, x=3, lag=Duration(600))
    assert (got, type(got)) == (expected, type(expected))


@pytest.mark.parametrize(("expression", "expected"), [("x", "3"), ("true", "true"), ("lag", "10m"), ("1.5", "1.5")])
def test_an_expression_in_a_text_becomes_text(expression: str, expected: str) -> None:
    """As people and Prometheus spell it."""
    made = board({"x": f"a << {expression} >> b"}).render({"x": 3, "lag": Duration(600)})
    assert made == {"x": f"a {expected} b"}


def test_what_has_no_expression_stays_as_it_is() -> None:
    """Also what other languages put into braces."""
    body = {"a": "{{ $value }} > > < < $x [[y]]", "b": [1, None, {"c": True}], "d": "x < y"}
    assert board(body).render({}) == body


def test_constant_parts_are_shared_and_never_changed() -> None:
    """Ten thousand dashboards hold one copy; rendering one does not change the next."""
    made = board({"fixed": {"a": [1]}, "x": "<< x >>"})
    first, second = made.render({"x": 1}), made.render({"x": 2})
    assert (first["x"], second["x"]) == (1, 2)
    assert first["fixed"] is second["fixed"]


@pytest.mark.parametrize(("condition", "kept"), [("x > 1", True), ("x > 9", False), ("none", False), ("'a'", True)])
def test_an_object_is_dropped_where_its_condition_is_false(condition: str, kept: bool) -> None:
    """In a map its key goes with it; in a list its place."""
    inner = {"<<when>>": condition, "title": "<< x >>"}
    made = board({"key": inner, "list": [1, inner, 2]}).render({"x": 3})
    assert made == ({"key": {"title": 3}, "list": [1, {"title": 3}, 2]} if kept else {"list": [1, 2]})


def test_a_whole_template_can_be_dropped() -> None:
    """Then there is nothing."""
    body = {"<<when>>": "topic.external", "title": "x"}
    assert board(body).render({"topic": Topic(external=False)}) is None
    assert board(body).render({"topic": Topic(external=True)}) == {"title": "x"}


class Topic:
    def __init__(self, external: bool) -> None:
        self.external = external


def test_a_list_item_is_repeated_with_its_name_and_its_index() -> None:
    """So that panels can have ids of their own; nothing else of the list changes."""
    panels = [{"id": 0}, {"<<each>>": "group in groups", "id": "<< index + 1 >>", "title": "<< group >>"}, {"id": 99}]
    made = board({"panels": panels}).render({"groups": ("a", "b")})
    assert made["panels"] == [{"id": 0}, {"id": 1, "title": "a"}, {"id": 2, "title": "b"}, {"id": 99}]


def test_a_condition_beside_a_repetition_is_asked_for_each() -> None:
    """It can name what is repeated; the index counts what was there before."""
    item = {"<<each>>": "n in numbers", "<<when>>": "n > 1", "n": "<< n >>", "at": "<< index >>"}
    assert board({"x": [item]}).render({"numbers": [1, 2, 3]}) == {"x": [{"n": 2, "at": 1}, {"n": 3, "at": 2}]}


def test_repetitions_nest() -> None:
    """The inner one sees the outer one's name."""
    inner = {"<<each>>": "b in a.more", "t": "<< a.name ~ b >>"}
    body = {"x": [{"<<each>>": "a in all", "inner": [inner]}]}
    made = board(body).render({"all": [{"name": "p", "more": [1, 2]}, {"name": "q", "more": []}]})
    assert made == {"x": [{"inner": [{"t": "p1"}, {"t": "p2"}]}, {"inner": []}]}


@given(text=TEXTS.filter(bool))
@settings(max_examples=100)
def test_no_value_leaves_a_string_of_promql(text: str) -> None:
    """Go reads the string back as the value; JSON and Go agree on these escapes."""
    got = rule('  alert: A\n  expr: "<< x >>"\n').render({"x": text})["expr"]
    unescaped = got.replace("\\\\", "\0").replace('\\"', '"').replace("\\n", "\n").replace("\\r", "\r")
    assert unescaped.replace("\\t", "\t").replace("\0", "\\") == text or "\0" in text
    assert '"' not in got.replace("\\\\", "").replace('\\"', "")
    assert "\n" not in got


@given(text=TEXTS)
@settings(max_examples=100)
def test_no_value_opens_an_action_of_prometheus(text: str) -> None:
    """In labels and annotations each `{` of a value is printed by an action of ours."""
    body = '  alert: A\n  expr: x\n  labels: {a: "<< x >>"}\n  annotations: {b: "is << x >>"}\n'
    made = rule(body).render({"x": text})
    assert made["labels"]["a"].replace('{{ "{" }}', "{") == text
    assert "{" not in (made["labels"]["a"] + made["annotations"]["b"]).replace('{{ "{" }}', "")


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("title", "$group ${x} [[y]] $5 [z]", "$\u2060group $\u2060{x} [\u2060[y]] $\u20605 [z]"),
        ("expr", 'a"b $x [[y', 'a\\"b \\x24x \\x5b\\x5by'),
        ("query", "$x", "\\x24x"),
        ("content", "<b> *x* $y", "&lt;b&gt; \\*x\\* $\u2060y"),
        ("title", "5$", "5$\u2060"),
        ("url", "plain", "plain"),
        ("url", "javascript:x", "javascript%3Ax"),
        ("url", "https://x/$y?a=b", "https://x/%24y?a=b"),
        ("legendFormat", "{{topic}} {", "{\u2060{topic}} {\u2060"),
    ],
)
def test_in_a_dashboard_the_key_of_a_leaf_chooses_the_escape(key: str, text: str, expected: str) -> None:
    """Grafana replaces variables in every text, and reads PromQL and markdown in some."""
    assert board({"a": [{key: "is << x >>"}]}).render({"x": text}) == {"a": [{key: f"is {expected}"}]}


def test_what_is_promql_already_is_not_escaped_again() -> None:
    """Metrics, and what the template's author calls verbatim."""
    made = rule('  alert: A\n  expr: "<< m >> << \'a{b=\\"c\\"}\' | verbatim >>"\n').render({"m": Fragment('x{y="z"}')})
    assert made["expr"] == 'x{y="z"} a{b="c"}'


def test_a_parameters_default_gives_way_to_a_given_name() -> None:
    """`lag` is the topic's own."""
    head = "name: mine\nscope: topic\nsummary: Mine.\nparameters: {lag: {type: duration, default: 10m}}\n"
    made = rule('  alert: A\n  expr: x\n  for: "<< lag >>"\n', head)
    assert [made.render(names)["for"] for names in ({}, {"lag": Duration(60)})] == ["10m", "1m"]


def test_a_query_stands_in_an_annotation_as_a_string_of_go() -> None:
    """Quotes and all, so that `query` can take it."""
    head = "name: mine\nscope: topic\nsummary: Mine.\nqueries: {q: 'sum(x{t=\"<< t >>\"})'}\n"
    body = '  alert: A\n  expr: x\n  annotations: {d: "{{ with query << query.q >> }}"}\n'
    made = rule(body, head).render({"t": 'a"b'})
    assert made["annotations"]["d"] == '{{ with query "sum(x{t=\\"a\\\\\\"b\\"})" }}'


CONSTANTS = TEXTS.filter(lambda text: "<<" not in text and not strange(text))
KEYS = CONSTANTS.filter(lambda text: "\n" not in text)


@given(
    data=st.recursive(
        st.none() | st.booleans() | st.integers(-9, 9) | CONSTANTS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
        max_leaves=8,
    )
)
@settings(max_examples=60)
def test_a_template_without_expressions_is_its_own_rendering(data: Any) -> None:
    """Whatever JSON it holds: a dashboard exported from Grafana can be pasted in."""
    assert board({"body": data}).render({}) == {"body": data}


def test_a_rule_rendered_is_still_yaml() -> None:
    """No value can break the structure, as the structure is parsed before any value comes."""
    made = rule("  alert: A\n  expr: x\n  annotations: {d: << x >>}\n").render({"x": "a: b\n- c: [\x85"})
    assert made["annotations"]["d"] == "a: b\n- c: [\x85"
    assert yaml.safe_load(yaml.safe_dump(made)) == made
