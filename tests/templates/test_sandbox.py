"""A template comes from a merge request and is rendered beside credentials: what it cannot do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from provisioner.errors import InputError
from provisioner.profiles import Metrics, named
from provisioner.profiles.metric import INSTANT
from provisioner.templates.expressions import compiled, compiled_together, wrong
from tests.pace import within
from tests.templates.authors import HEAD, alert_problems, board, value

PROFILE = named("kafka_exporter")
METRIC = Metrics(PROFILE, PROFILE.selection("orders.v1", {}), INSTANT)


class Topic:
    name = "orders.v1"
    groups = ("a", "b")


@contextmanager
def quickly(seconds: float = 5.0) -> Iterator[None]:
    with within(seconds):
        yield


def refused(expression: str) -> str:
    """Why, before or while it is evaluated."""
    with quickly():
        if fault := wrong(f" {expression} "):
            return fault.message
        with pytest.raises(InputError) as error:
            value(expression, topic=Topic(), metric=METRIC, x=["a"], many=[1] * 1001)
    return error.value.problems[0].message


@pytest.mark.parametrize(
    "expression",
    [
        "topic.__class__",
        'topic["__class__"]',
        'topic["__cl" ~ "ass__"]',
        "topic.__class__.__mro__[1].__subclasses__",
        "[topic.__class__]",
        '{"a": topic.__init__}',
        '"".__class__',
        "topic.name.__class__.__name__",
        '[topic] | map(attribute="__class__") | first',
        '[topic] | map(attribute="name.__class__") | first',
        '[topic] | selectattr("__class__") | first',
        '[topic] | sort(attribute="__class__")',
        '[topic] | max(attribute="__dict__")',
        "metric.__getattr__",
        "metric._profile",
        "metric.log_end.__class__",
        "metric.log_end.__reduce__",
        "self",
        "self.__init__",
        "self._TemplateReference__context",
    ],
)
def test_attributes_of_python_are_out_of_reach(expression: str) -> None:
    """Whatever way they are asked for."""
    assert "unsafe" in (said := refused(expression)) or "has no" in said or "no plain value" in said, said


@pytest.mark.parametrize(
    "name", ["range", "dict", "lipsum", "cycler", "joiner", "namespace", "loop", "environment", "context"]
)
def test_there_are_no_globals(name: str) -> None:
    """Only what a template is given."""
    assert f"there is no {name!r} here" in refused(name)


@pytest.mark.parametrize(
    "expression",
    [
        "topic.name.upper()",
        "metric.log_end.ago('5m')",
        "x()",
        "[x()]",
        "a if b() else c",
        "x[y()]",
        "x | default(y())",
        "x is sameas(y())",
    ],
)
def test_nothing_is_called(expression: str) -> None:
    """Wherever in an expression the call stands."""
    assert refused(expression) == "an expression cannot call anything"


@pytest.mark.parametrize(
    "expression",
    [
        "x | attr('y')",
        "x | format(1)",
        "x | tojson",
        "x | xmlattr",
        "x | batch(2)",
        "x | replace('a', 'b')",
        "x | center(9)",
        "x | pprint",
    ],
)
def test_filters_that_we_did_not_choose_are_not_there(expression: str) -> None:
    """Jinja has many; some of them grow text."""
    assert "there is no filter" in refused(expression)


@pytest.mark.parametrize(
    "expression", ["topic", "topic.name.upper", "[topic]", '{"a": topic}', '{1: "a"}', "topic.name.join", "metric"]
)
def test_only_plain_data_comes_out(expression: str) -> None:
    """No object, no method, also inside a list or a map."""
    assert "plain value" in (said := refused(expression)) or "no text" in said


@pytest.mark.parametrize(
    "expression",
    [
        '"a" ~ topic',
        '"a" ~ topic.name.upper',
        '"a" ~ [1]',
        '"a" ~ none',
        "topic | upper",
        "topic.groups | lower",
        "[topic] | join",
    ],
)
def test_no_object_is_spelled_as_text(expression: str) -> None:
    """A method's address would make every plan another one."""
    assert "inside a text" in refused(expression)


@pytest.mark.parametrize(
    "expression",
    [
        '"a" * 20000',
        '20000 * "a"',
        '("a" * 10000) * 10000',
        "[1] * 3",
        "3 * [1]",
        "[[[[1] * 999] * 999] * 999] * 999",
        "[[[1] * 9999] * 9999] * 9999 == [[[1] * 9999] * 9999] * 9999",
        "(1, 2) * 2",
        "9 ** 9 ** 9",
        '"%99999999d" % 1',
        '"%s" % topic.name',
        '1 | round(300000000, "ceil")',
        '1 | round(-300000000, "floor")',
        "1 | round(16)",
        '("." * 10000)' + " | regex" * 40,
        '"http://a"' + "".join(' | link("http://\\\\"' for _ in range(30)) + ")" * 30,
        "metric.committed" + "".join(" | of(metric.committed" for _ in range(40)) + ")" * 40,
        '[("a" * 9999)' + ', ("a" * 9999)' * 40 + "] | join | length",
        'metric.committed | besides([("a" * 9999)' + ', ("a" * 9999)' * 40 + "]) | length",
        "metric.committed" + (' | besides(["a" * 9999' + ', "a" * 9999' * 12 + "])") * 5 + " | length",
        "[" * 9 + "1" + "]" * 9,
        "many",
        '("9" * 400 | int) * ("9" * 400 | int)',
        "-5 | duration",
    ],
)
def test_nothing_grows_at_will(expression: str) -> None:
    """Neither memory nor time can be filled with a few characters."""
    assert refused(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "(" * 900 + "1" + ")" * 900,
        "[" * 900 + "]" * 900,
        "not " * 400 + "true",
        "-" * 1900 + "1",
        "x" + " | upper" * 200,
        "x" + ".a" * 900,
        "x" + " + x" * 450,
        "x[" * 600 + "1" + "]" * 600,
    ],
)
def test_deep_nesting_is_refused_at_once(expression: str) -> None:
    """Python would think about some of them for minutes, and crash over others."""
    assert "nested" in refused(expression)


def test_fifty_levels_are_enough() -> None:
    """Each filter is one."""
    assert wrong("x" + " | upper" * 45) is None
    fault = wrong("x" + " | upper" * 55)
    assert fault
    assert "more than 50 levels" in fault.message


def test_what_is_long_and_flat_is_not_deep() -> None:
    """A condition over many names is nothing special."""
    assert wrong(" and ".join(f"x{at}" for at in range(30))) is None
    assert wrong("[" + ", ".join(["x"] * 500) + "]") is None


@pytest.mark.parametrize(
    "expression",
    [
        "nope",
        "[nope]",
        '{"a": nope}',
        "nope ~ 1",
        "nope + 1",
        "nope.more",
        "topic.nope",
        "nope | upper",
        "nope | int",
        "[nope] | join",
        "nope | length",
        "nope == 1",
    ],
)
def test_what_is_not_there_is_never_nothing(expression: str) -> None:
    """Jinja would print an empty text."""
    assert "nope" in refused(expression)


def test_a_default_is_for_what_is_not_there() -> None:
    """On purpose, and said so."""
    assert value('nope | default("x")') == "x"
    assert value('none | default("x", true)') == "x"


@pytest.mark.parametrize("expression", ["x.append", "x.sort", "x.clear"])
def test_lists_are_read_only(expression: str) -> None:
    """What one template does, no other one sees."""
    assert "unsafe" in refused(expression) or "plain value" in refused(expression)


def test_two_expressions_cannot_mend_each_other() -> None:
    """They are compiled as one list, so a bracket that is open in one must not be closed in another."""
    text = f'{HEAD}rule:\n  alert: "<< x) >>"\n  expr: "<< (y >>"\n'
    assert len(alert_problems(text)) == 2


def test_names_that_jinja_uses_itself_are_ordinary() -> None:
    """A parameter may be called `result` or `context`."""
    for name in ("result", "context", "environment", "caller", "undefined", "resolve", "missing"):
        assert value(f"{name} ~ 1", **{name: "x"}) == "x1"


def test_the_whole_document_has_a_budget() -> None:
    """Blocks in blocks would else multiply."""
    inner: dict[str, object] = {"t": "<< 'x' * 1000 >>"}
    for name in "abcd":
        inner = {"list": [{**inner, "<<each>>": f"{name} in many"}]}
    with quickly(10), pytest.raises(InputError) as error:
        board(inner).render({"many": [1] * 100})
    assert "more than 8,000,000 characters" in error.value.problems[0].message


def test_big_lists_are_charged_by_their_text() -> None:
    """Not as one value."""
    made = board({"list": [{"<<each>>": "a in many", "list": "<< [a, a, a] >>"}]})
    with pytest.raises(InputError) as error:
        made.render({"many": ["y" * 9000] * 1000})
    assert "more than 8,000,000 characters" in error.value.problems[0].message


def test_compiling_many_at_once_is_the_same_as_one_by_one() -> None:
    """The speed changes no result."""
    sources = ["x", "x + 1", "[x, (x)]", "x if x > 1 else none"]
    assert compiled_together(sources)({"x": 2}) == [compiled(source)({"x": 2}) for source in sources]
