"""Profiles are data: what is shipped loads, what is wrong is told, and metrics become PromQL."""

from __future__ import annotations

import re

import promql_parser
import pytest

from provisioner.profiles import NAMES, Metrics, named
from provisioner.profiles.files import FOLDER, parsed
from provisioner.profiles.metric import INSTANT, SHAPES, Metric, over
from provisioner.profiles.promql import any_of, quoted, quoted_in_grafana, regex
from provisioner.profiles.time_lag import MAX_RUNGS, unread_age

HEAD = "name: mine\nsummary: Mine.\nlabels: {topic: t, partition: p, group: g}\nknown_from: run\n"
MATCHERS = {"cluster": "prod"}


def metrics(profile: str, topic: str = "orders.v1", window: str = "5m") -> Metrics:
    known = named(profile)
    return Metrics(known, known.selection(topic, MATCHERS), over(window))


def metric(profile: str, meaning: str, topic: str = "orders.v1") -> Metric:
    found = getattr(metrics(profile, topic), meaning)
    assert isinstance(found, Metric)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_profile_loads(name: str) -> None:
    """Under its file's name, with what the lag alerts need."""
    profile = named(name)
    assert (profile.name, profile.lacks(["log_end", "committed", "lag"])) == (name, ())
    assert set(profile.labels) == {"topic", "partition", "group"}


def test_every_file_in_the_folder_is_a_profile() -> None:
    """Nothing is registered anywhere else."""
    assert {f"{name}.yaml" for name in NAMES} == {path.name for path in FOLDER.iterdir() if path.suffix == ".yaml"}
    assert len(NAMES) >= 2


def test_an_unknown_profile_is_a_key_error() -> None:
    """No path is made of a name that somebody wrote."""
    with pytest.raises(KeyError):
        named("../profiles/kminion")


@pytest.mark.parametrize(
    ("text", "check", "said", "place"),
    [
        ("", "schema/value", "must be a map", (1, 1)),
        ("name: [\n", "yaml/syntax", "not YAML", (2, 1)),
        (HEAD, "schema/missing", "'metrics' is missing", (1, 1)),
        (HEAD + "metrics: {log_end: a}\nmore: 1\n", "schema/unknown-field", "unknown field 'more'", (6, 1)),
        (HEAD.replace("run", "heard") + "metrics: {log_end: a}\n", "schema/value", "'run' or 'documents'", (4, 13)),
        (HEAD + "metrics: {log_end: 5}\n", "schema/value", "must be text, is 5", (5, 20)),
        (HEAD + "metrics: {log_edn: a}\n", "profile", "there is no metric 'log_edn'", (5, 11)),
        (HEAD + 'metrics: {log_end: "a{}"}\n', "profile", "'a{}' is no metric name", (5, 20)),
        (HEAD + "metrics: {log_end: a, committed: log_end - lag}\n", "profile", "cannot be computed", (5, 34)),
        (HEAD + "metrics: {lag: a, log_end: b, committed: lag - log_end}\n", "profile", "cannot be computed", (5, 42)),
        (HEAD.replace("group: g", 'group: "g-d"') + "metrics: {log_end: a}\n", "profile", "'g-d' is no label", (3, 41)),
        (HEAD.replace(", group: g", "") + "metrics: {log_end: a}\n", "schema/missing", "'group' is missing", (3, 9)),
    ],
)
def test_a_wrong_profile_is_explained_at_its_place(text: str, check: str, said: str, place: tuple[int, int]) -> None:
    """As strictly as everything else that people write."""
    profile, (problem, *_) = parsed("mine.yaml", text.encode())
    assert profile is None
    assert (problem.check, problem.span.line, problem.span.column) == (check, *place)
    assert said in problem.message


def test_all_that_is_wrong_with_a_profile_is_told_at_once() -> None:
    """Names of metrics and of labels."""
    text = HEAD.replace("topic: t", 'topic: "1"') + 'metrics: {nope: a, lag: "b c"}\n'
    assert len(parsed("mine.yaml", text.encode())[1]) == 3


@pytest.mark.parametrize("profile", NAMES)
@pytest.mark.parametrize("meaning", SHAPES)
def test_every_form_of_every_metric_is_promql(profile: str, meaning: str) -> None:
    """An instant, a window, an offset, a slope; of a topic and group with any name."""
    found = getattr(metrics(profile, 'a"b\\{}\n$'), meaning)
    if found is None:
        assert meaning in named(profile).lacks(SHAPES)
        return
    forms = [
        found,
        found.now(),
        found.ago("10m"),
        found.within("1m").ago("1h"),
        found.per_second("5m"),
        found.selector(),
    ]
    if "group" in SHAPES[meaning]:
        forms += [found.of('x"y'), found.besides(any_of(['x"y'], "console.*")), found.now().ago("1d").of("z")]
    for form in forms:
        promql_parser.parse(str(form))


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (lambda m: m, "max by (topic, partition) (last_over_time(N{S}[5m]))"),
        (lambda m: m.now(), "max by (topic, partition) (N{S})"),
        (lambda m: m.ago("10m"), "max by (topic, partition) (last_over_time(N{S}[5m] offset 10m))"),
        (lambda m: m.now().ago("1h"), "max by (topic, partition) (N{S} offset 1h)"),
        (lambda m: m.within("1m"), "max by (topic, partition) (last_over_time(N{S}[1m]))"),
        (lambda m: m.ago("1h").within("1m"), "max by (topic, partition) (last_over_time(N{S}[1m] offset 1h))"),
        (lambda m: m.per_second("2m"), "max by (topic, partition) (clamp_min(deriv(N{S}[2m]), 0))"),
        (lambda m: m.selector(), "N{S}"),
        (lambda m: m.on_topic("b").now(), 'max by (topic, partition) (N{topic="b",cluster="prod"})'),
    ],
)
def test_a_metric_has_these_forms(form: object, expected: str) -> None:
    """Always without duplicates: two exporters would else darken a rule."""
    text = form(metric("kafka_exporter", "log_end"))  # type: ignore[operator]
    selection = 'topic="orders.v1",cluster="prod"'
    assert text == expected.replace("N", "kafka_topic_partition_current_offset").replace("S", selection)


def test_a_metric_that_an_exporter_lacks_is_computed_from_two() -> None:
    """KMinion tells no committed offset; each part has the form that was asked for."""
    text = metric("kminion", "committed").of("billing").ago("10m")
    matchers = 'topic_name="orders.v1",cluster="prod"'
    ends = f"kminion_kafka_topic_partition_high_water_mark{{{matchers}}}[5m] offset 10m"
    group = 'topic_name="orders.v1",group_id="billing",cluster="prod"'
    lags = f"kminion_kafka_consumer_group_topic_partition_lag{{{group}}}[5m] offset 10m"
    assert text == (
        f"(max by (topic_name, partition_id) (last_over_time({ends})) - on (topic_name, partition_id) group_right () "
        f"max by (group_id, topic_name, partition_id) (last_over_time({lags})))"
    )


def test_the_matchers_of_a_cluster_are_in_every_selector() -> None:
    """Two clusters may have topics and groups of the same names in one Prometheus."""
    for profile in NAMES:
        for meaning in SHAPES:
            found = getattr(metrics(profile), meaning)
            text = "" if found is None else str(found)
            assert text.count('cluster="prod"') == text.count("{"), meaning


def test_an_unknown_meaning_is_no_metric() -> None:
    """A template that asks for one is told so; one that a profile lacks is nothing."""
    with pytest.raises(AttributeError):
        _ = metrics("kminion").nope
    assert metrics("kminion").leader is None


@pytest.mark.parametrize("profile", NAMES)
@pytest.mark.parametrize("form", [over("5m"), INSTANT])
@pytest.mark.parametrize("rungs", [[], [60], [60, 300, 900, 3600, 21600], list(range(60, 6000, 60)), [0, -5, 60, 60]])
def test_the_ladder_of_unread_ages_is_promql(profile: str, form: object, rungs: list[int]) -> None:
    """For every profile, however many rungs: at most 24 are used."""
    known = Metrics(named(profile), named(profile).selection("orders.v1", MATCHERS), form)  # type: ignore[arg-type]
    assert known.log_end
    assert known.committed
    text = unread_age(known.log_end, known.committed, rungs)
    promql_parser.parse(text)
    used = min(MAX_RUNGS, len({rung for rung in rungs if rung > 0}))
    assert text.count("label_replace") == used + 1


def test_a_rate_computed_from_two_has_no_dust() -> None:
    """Two equal slopes differ in their last bits, and 16f a second is read as 16."""
    text = metric("kminion", "committed").per_second("5m")
    assert text.startswith("round(clamp_min((")
    assert text.endswith(", 0), 0.001)")
    promql_parser.parse(str(text))


def test_the_ladder_knows_what_is_deleted_and_what_was_made_again() -> None:
    """Every rung compares the log's end of that long ago with its end and its start of now."""
    known = metrics("kafka_exporter")
    assert known.log_end
    assert known.committed
    text = unread_age(known.log_end, known.committed, [60, 300], known.log_start)
    promql_parser.parse(text)
    assert text.count("oldest_offset") == 2
    assert text.count(" <= ") == 1


@pytest.mark.parametrize(("text", "written"), [('a"b', '"a\\"b"'), ("a\\b", '"a\\\\b"'), ("a\nb\t\r", '"a\\nb\\t\\r"')])
def test_text_is_quoted_as_promql_reads_it(text: str, written: str) -> None:
    """Quotes, backslashes and line ends."""
    assert quoted(text) == written


@pytest.mark.parametrize("text", ["a.b", "a+b*c?", "(a|b)", "[a]{2}", "^a$", "a\\d", "plain-name_1"])
def test_a_regular_expression_of_a_name_matches_that_name_only(text: str) -> None:
    """A group called `a.b` must not hide `axb`."""
    assert re.fullmatch(regex(text), text)
    assert not re.fullmatch(regex(text), text.replace(text[1], "Z"))


@pytest.mark.parametrize("profile", NAMES)
def test_there_is_no_matcher_for_a_group_without_a_name(profile: str) -> None:
    """Prometheus would take it for every series without that label."""
    with pytest.raises(ValueError, match="a consumer group has a name"):
        metric(profile, "lag").of("")
    known = named(profile)
    nameless = known.selection("orders.v1", MATCHERS).narrowed("group", known.group(""))
    with pytest.raises(ValueError, match="a consumer group has a name"):
        _ = Metrics(known, nameless, INSTANT).committed


def test_the_reader_of_promql_decides_how_it_is_quoted() -> None:
    """Every matcher of a selection, whenever it comes."""
    known = named("kafka_exporter")
    selection = known.selection("a$", {"site": "[[x]]"}, quoted_in_grafana).narrowed("group", known.group("${g}"))
    asked = Metrics(known, selection, INSTANT).lag
    assert asked
    text = asked.of("$h").ago("1h")
    assert text.count("\\x24") == 3
    assert "$" not in text
    assert "[[" not in text
