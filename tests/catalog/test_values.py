"""Values that validate refuses because rendering, Prometheus or Kafka would, or because nobody can mean them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from provisioner.catalog import addresses
from provisioner.catalog.units import Duration
from provisioner.commands import fleet
from provisioner.kinds import ALERTS, DASHBOARDS
from provisioner.kinds.kind import Context
from provisioner.problem import Problem
from tests import declared

CLUSTERS = "clusters: {prod: {bootstrap: 'k:1', default: true}, dev: {bootstrap: 'k:2'}}\n"


def problems(root: Path, entries: str, team: str = "chat: '#pay'\n", clusters: str = CLUSTERS) -> list[Problem]:
    (root / "pay").mkdir(exist_ok=True)
    (root / "clusters.yaml").write_text(clusters)
    (root / "pay/team.yaml").write_text(team)
    (root / "pay/a.yaml").write_text(entries)
    return list(fleet.read(root).problems)


def checks(root: Path, entries: str, team: str = "chat: '#pay'\n", clusters: str = CLUSTERS) -> list[str]:
    return [problem.check for problem in problems(root, entries, team, clusters)]


TOPIC = "topics: [{name: a}]\n"


@pytest.mark.parametrize(
    "topic",
    [
        "description: '" + "x" * 4001 + "'",
        "message: ''",
        *(
            "lag: 5201w",
            "lag: 20000w",
            "lag: 0s",
            "lag: 500ms",
            "lag: \u0665m",
            "lag: 1s 1ms",
            "lag: '" + "1" * 200 + "s'",
        ),
        *("clusters: []", "clusters: [dev, dev]", "clusters: [prod, dev, prod]"),
        "config: {" + ", ".join(f"k{n}: 1" for n in range(65)) + "}",
        "allow: {" + ", ".join(f"k{n}: 1" for n in range(65)) + "}",
    ],
    ids=lambda text: text[:20],
)
def test_a_topic_cannot_say_this(topic: str, tmp_path: Path) -> None:
    """At its place, with what to write instead."""
    (problem,) = problems(tmp_path, f"topics:\n- name: a\n  {topic}\n")
    assert (problem.check, problem.span.line, bool(problem.hint)) == ("schema/value", 3, True)


@pytest.mark.parametrize(
    "value",
    [
        *("expect_traffic_within: 60", "expect_traffic_within: 5201w", "expect_traffic_within: true"),
        *("throughput: 50%", "throughput: {drop: 50}", "throughput: {drop: 0%}", "throughput: {drop: 100%}"),
        *(
            "throughput: {drop: -5%}",
            "throughput: {drop: 5.5%}",
            "throughput: {rise: 100001%}",
            "throughput: {fall: 5%}",
        ),
        *("skew: 1", "skew: '2'", "skew: true", "skew: 1001", "skew: [2]"),
    ],
)
def test_a_topic_cannot_be_watched_for_this(value: str, tmp_path: Path) -> None:
    """What no alert could be made of is told at its place, with what to write."""
    (problem,) = problems(tmp_path, f"topics:\n- name: a\n  partitions: 9\n  {value}\n")
    assert problem.check in ("schema/value", "schema/unknown-field")
    assert (problem.span.line, bool(problem.hint)) == (4, True)


@pytest.mark.parametrize(
    ("value", "field", "expected"),
    [
        ("expect_traffic_within: 2m", "expect_traffic_within", Duration(120)),
        ("expect_traffic_within: none", "expect_traffic_within", None),
        ("throughput: {drop: 1%}", "throughput_drop", 1),
        ("throughput: {rise: 100000 %}", "throughput_rise", 100_000),
        ("throughput: {rise: none}", "throughput_rise", None),
        ("skew: 8.9", "skew", 8.9),
    ],
)
def test_a_topic_can_be_watched_for_this(value: str, field: str, expected: Any, tmp_path: Path) -> None:
    """The least and the most."""
    assert problems(tmp_path, f"topics:\n- name: a\n  partitions: 9\n  {value}\n") == []
    assert getattr(fleet.read(tmp_path).catalogs["prod"].topics["a"], field) == expected


def test_an_override_says_otherwise_field_by_field(tmp_path: Path) -> None:
    """Of a throughput and of settings only what it names, down to the parameter."""
    own = "throughput: {drop: 50%, rise: 300%}, skew: 2, alert_settings: {consumer_lag: {hold: 5m, severity: page}}"
    other = "throughput: {drop: none}, alert_settings: {consumer_lag: {hold: 9m}, dead_letter: {enabled: false}}"
    text = f"topics:\n- {{name: a, partitions: 9, clusters: [prod, dev], {own}, overrides: {{dev: {{{other}}}}}}}\n"
    assert problems(tmp_path, text) == []
    prod, dev = (fleet.read(tmp_path).catalogs[name].topics["a"] for name in ("prod", "dev"))
    assert (prod.throughput_drop, prod.throughput_rise, prod.skew) == (50, 300, 2)
    assert (dev.throughput_drop, dev.throughput_rise, dev.skew) == (None, 300, 2)
    assert prod.alert_settings == {"consumer_lag": {"hold": "5m", "severity": "page"}}
    assert dev.alert_settings == {
        "consumer_lag": {"hold": "9m", "severity": "page"},
        "dead_letter": {"enabled": False},
    }


@pytest.mark.parametrize("value", ["description: " + "x" * 4000, "lag: 5200w", "clusters: [prod, dev]", "lag: 1h30m"])
def test_a_topic_can_say_this(value: str, tmp_path: Path) -> None:
    """The limit itself is allowed."""
    assert checks(tmp_path, f"topics:\n- name: a\n  config: {{retention.ms: -1}}\n  {value}\n") == []


@pytest.mark.parametrize(
    "value",
    [
        "group: ''",
        "group: " + "g" * 256,
        "group: g, severity: ''",
        "group: g, severity: ' '",
        "group: g, clusters: []",
        "group: g, lag: 5201w",
    ]
    + [f"group: g, transactional: {wrong}" for wrong in ("0", "-1", "1000001", "1.5", "'5'", "[]", "{a: 1}")],
    ids=lambda text: text[:32],
)
def test_a_consumer_cannot_say_this(value: str, tmp_path: Path) -> None:
    """Empty names drop labels, long ones no broker takes."""
    assert checks(tmp_path, f"{TOPIC}consumers: [{{topic: a, {value}}}]\n") == ["schema/value"]


@pytest.mark.parametrize(
    "value",
    [
        *(
            "severity: ''",
            "severity: '  '",
            "chat: ''",
            "chat: '<!channel>'",
            "chat: 'a>b'",
            "chat: '@here'",
            "chat: '@Channel'",
        ),
        *("chat: '#pay @everyone'", "chat: '@all'", "runbook: javascript:alert(1)", "runbook: 'data:text/html,x'"),
        *("runbook: wiki/x", "runbook: ''", "runbook: https://", "runbook: https://u:p@h/", "runbook: 'https://h/<b>'"),
        *("runbook: 'https://h/a b'", "runbook: 'https://h:99999/'", "runbook: 'https://h\\@evil/'"),
    ],
)
def test_a_team_cannot_say_this(value: str, tmp_path: Path) -> None:
    """It stands in the messages of alerts."""
    (problem,) = problems(tmp_path, TOPIC, value + "\n")
    assert (problem.check, problem.span.line) == ("schema/value", 1)
    assert "u:p" not in problem.message


@pytest.mark.parametrize(
    "mention",
    [
        *("''", "finance", "'@'", "'@all'", "'@ALL'", "'@Here'", "'@a  @b'", "'@a b'", "'@a,@b'", "[]", "['@a', 1]"),
        *("'@a @b @c @d @e @f'", "'@a @a'", "true", "7", "{a: b}", "'@a /close'", "'@a/'", "'@a//b'"),
        *("'@a..b'", "'@-a'", "'@a](http://x)'", "'@<b>'", "'@a`'", "'@a*b*'", "'@\u00e9'", "'@a!1'", "'@a#1'"),
    ],
)
def test_nobody_is_mentioned_by_what_is_no_user_or_group(mention: str, tmp_path: Path) -> None:
    """It stands in a note that a bot writes: no Markdown, no command, not everybody."""
    (problem,) = problems(tmp_path, TOPIC, team=f"mention: {mention}\n")
    assert (problem.check, problem.span.path, bool(problem.hint)) == (
        "schema/value",
        str(tmp_path / "pay/team.yaml"),
        True,
    )


@pytest.mark.parametrize(
    ("mention", "names"),
    [
        ("'@finance/oncall'", ("@finance/oncall",)),
        ("'@jo @a_b.c-d/e'", ("@jo", "@a_b.c-d/e")),
        ("['@jo', '@all-hands']", ("@jo", "@all-hands")),
    ],
)
def test_a_team_says_whom_a_note_mentions(mention: str, names: tuple[str, ...], tmp_path: Path) -> None:
    """One, several with blanks between them, or a list."""
    assert problems(tmp_path, TOPIC, team=f"mention: {mention}\n") == []
    assert fleet.read(tmp_path).catalogs["prod"].topics["a"].team.mentions == names


@pytest.mark.parametrize(
    "value", ["chat: '#here'", "chat: '@payments'", "chat: '@all-hands'", "runbook: https://h:1/x?y#z"]
)
def test_a_team_can_say_this(value: str, tmp_path: Path) -> None:
    """Rooms, people, addresses."""
    assert checks(tmp_path, TOPIC, value + "\n") == []


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "//host/x", "https:host", "file:///etc/passwd", "HTTPS://", "http://h:0"]
)
def test_an_address_is_http_or_https_with_a_host(url: str) -> None:
    """A browser would take the others for something else."""
    assert addresses.fault(url)


@pytest.mark.parametrize("where", ["", "overrides: {prod: {dead_letter: a}}, "])
def test_a_topic_is_not_its_own_dead_letter_topic(where: str, tmp_path: Path) -> None:
    """Its bad records would come back."""
    own = where or "dead_letter: a, "
    found = problems(tmp_path, f"topics: [{{{own}name: a}}]\n")
    assert [(problem.check, "names itself" in problem.message) for problem in found] == [("topics/dead-letter", True)]


@pytest.mark.parametrize(
    ("cluster", "check"),
    [
        ("protected: ['']", "schema/value"),
        ("cluster_id: ''", "schema/value"),
        ("metrics: {scrape_interval: 5201w}", "schema/value"),
        ("metrics: {matchers: {a: ''}}", "schema/value"),
        ("metrics: {matchers: {__name__: x}}", "clusters/matchers"),
        ("metrics: {matchers: {a: " + "x" * 240 + ", b: " + "x" * 240 + ", c: xxxxxxxxx}}", "clusters/matchers"),
        ("client: {sasl.username: {env: ''}}", "schema/value"),
        ("client: {sasl.username: {file: ''}}", "schema/value"),
        ("client: {sasl.password: {env: A, file: B}}", "clusters/secret"),
        ("client: {security.protocol: {file: /proc/self/environ}}", "clusters/secret"),
        ("client: {broker.address.family: {env: A}}", "clusters/secret"),
        ("team: pay, alerts: {type: files, folder: x, reload: ['javascript:x']}", "clusters/address"),
        ("team: pay, alerts: {type: files, folder: x, runbooks: 'javascript:x'}", "schema/value"),
        ("alerts: {type: files, folder: x}", "alerts/no-team"),
        ("alert_settings: {consumer_lag: 5m}", "schema/value"),
        ("alert_settings: {consumer_lag: {hold: [5m]}}", "schema/value"),
        ("alert_settings: {consumer_lag: {hold: " + "x" * 1001 + "}}", "schema/value"),
        ("dashboards: {type: files, folder: x, url: 'javascript:x'}", "clusters/address"),
    ],
    ids=lambda text: text[:40],
)
def test_a_cluster_cannot_say_this(cluster: str, check: str, tmp_path: Path) -> None:
    """One problem each."""
    clusters = f"clusters: {{prod: {{bootstrap: 'k:1', {cluster}}}}}\n"
    assert checks(tmp_path, "topics: [{name: a, clusters: [prod]}]\n", clusters=clusters) == [check]


@pytest.mark.parametrize(
    "name",
    [
        *("sasl.password", "sasl.username", "sasl.oauthbearer.client.id", "sasl.oauthbearer.client.secret"),
        *("sasl.kerberos.principal", "sasl.kerberos.keytab", "ssl.ca.pem", "ssl.key.pem", "ssl.certificate.location"),
        "https.ca.location",
    ],
)
def test_secrets_users_certificates_and_keys_may_lie_elsewhere(name: str, tmp_path: Path) -> None:
    """In the environment or in a file."""
    clusters = f"clusters: {{prod: {{bootstrap: 'k:1', client: {{{name}: {{file: /run/x}}}}}}}}\n"
    assert checks(tmp_path, TOPIC, clusters=clusters) == []


@pytest.mark.parametrize("value", ["'\u00b2'", "'\u0667d'", "'\uff11\uff12\uff18'", "'0_1'", "'1_0'"])
@pytest.mark.parametrize("key", ["retention.ms", "min.insync.replicas", "max.message.bytes", "min.compaction.lag.ms"])
def test_digits_of_other_scripts_are_no_number_and_no_crash(key: str, value: str, tmp_path: Path) -> None:
    """Kafka reads 0 to 9."""
    other = "max.compaction.lag.ms: 1" if key == "min.compaction.lag.ms" else "segment.ms: 1d"
    assert checks(tmp_path, f"topics: [{{name: a, config: {{{key}: {value}, {other}}}}}]\n") == ["configs/value"]


def test_the_251st_consumer_of_a_topic_is_a_problem_on_its_cluster(tmp_path: Path) -> None:
    """And the only one; 250 on each of two clusters are none."""
    line = "- {{topic: a, group: g{n}, clusters: [{where}]}}\n"
    first = "".join(line.format(n=n, where="prod") for n in range(250))
    second = "".join(line.format(n=n, where="dev") for n in range(250))
    entries = f"topics: [{{name: a, clusters: [prod, dev]}}]\nconsumers:\n{first}{second}"
    assert problems(tmp_path, entries) == []
    (problem,) = problems(tmp_path, entries + "".join(line.format(n=n, where="dev") for n in range(300, 400)))
    assert (problem.check, problem.span.line) == ("consumers/too-many", 503)


@pytest.mark.parametrize("sign", ["a", ".", "\\", '"', "é", "$"])
def test_what_validate_accepts_can_be_rendered(sign: str) -> None:
    """The longest of everything, with signs that are written longer in PromQL."""
    name = "o" * 249
    topic = {"name": name, "description": sign * 4000, "message": "m" * 250, "config": {"retention.ms": -1}}
    consumers = [{"topic": name, "group": f"{n:03}{sign * 252}", "lag": f"{n + 10}m"} for n in range(250)]
    team = {"chat": sign * 250, "severity": sign * 250, "runbook": "https://x/" + "a" * 1990}
    matchers = {"matchers": {f"label{n}": sign * 30 for n in range(6)}}
    made = declared.catalog(topic, consumers, {"payments": team, "finance": {}}, metrics=matchers)
    assert ALERTS.wanted(made, Context(declared.shipped()))[name].resource
    assert DASHBOARDS.wanted(made, Context(declared.shipped()))[name].resource


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("connect: 0s", "at least 1s"),
        ("connect: 500ms", "at least 1s"),
        ("read: 10", "a duration such as"),
        ("request: -5s", "a duration such as"),
        ("request: 61m", "at most 1h"),
        ("visible: 6000w", "at most 1h"),
        ("doubt: 64s", "at least 1m5s"),
        ("patience: 10s", "patience"),
    ],
)
def test_a_time_out_is_a_duration_of_at_most_an_hour(words: str, says: str, tmp_path: Path) -> None:
    """A wrong one is an error at its place, and what may still happen is waited for at least as long as by default."""
    clusters = f"clusters:\n  prod:\n    bootstrap: 'k:1'\n    default: true\n    timeouts:\n      {words}\n"
    (problem,) = problems(tmp_path, TOPIC, clusters=clusters)
    assert problem.check in ("schema/value", "schema/unknown-field")
    assert (problem.span.line, bool(problem.hint), says in problem.message) == (6, True, True)


def test_time_outs_are_seconds_and_only_those_that_somebody_wrote() -> None:
    """The limits themselves are allowed."""
    words = {"connect": "1s", "read": "1h", "request": "2m", "doubt": "65s"}
    assert declared.catalog(timeouts=words).cluster.timeouts == {
        "connect": 1,
        "read": 3600,
        "request": 120,
        "doubt": 65,
    }
    assert declared.catalog().cluster.timeouts == {}
