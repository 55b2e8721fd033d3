"""The YAML that only we write: what everybody else's YAML library reads, read back fast, and never mistaken."""

from __future__ import annotations

import random
import shutil
import subprocess
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.kinds import rule_text
from provisioner.kinds.rule_files import ForeignFileError, classes, pack, unpack
from provisioner.kinds.rule_text import Group, NotOursError, read, written
from tests import declared
from tests.pace import within

ODD = "{}[]\"'\\$&#+:-?!%@`,|>*~=\n\r\t  \u00a0\u0085\u2028\ufeff\u200b🎉"
TEXTS = st.text(st.sampled_from(ODD) | st.characters(codec="utf-8"), max_size=30)
GUESSED = ["y", "No", "ON", "true", "null", "~", "1", "1.5", "0x1f", "1e5", "1d", "5m", "1:30", "2026-01-01", ".inf"]
GUESSED += ["", " ", "a ", " a", "a\n", "a\nb", "a\nb\n", "a\n\nb", "\na", "a\n\n", "a \nb", " a\nb", "a\n b", "{}"]
GUESSED += ["|-", "- a", "-", "a: b", "a #b", "'", "''", '"', "\\", "\\n"]
UNUSUAL = {"on", "off", "y", "n", "yes", "no", "true", "false", "null", "a b", "a:"}
NAMES = st.from_regex("[a-zA-Z_][a-zA-Z0-9_]{0,9}", fullmatch=True) | st.sampled_from(["on", "y", "null", "a b", "a:"])
VALUES = TEXTS | st.sampled_from(GUESSED)
MAPS = st.dictionaries(NAMES, VALUES, max_size=3)
TARGETS = st.builds(
    lambda labels: {"record": "kafka_alert_target", "expr": "vector(1)", "labels": labels}, MAPS | VALUES
)
RULES = st.dictionaries(NAMES, VALUES | MAPS, min_size=1, max_size=4) | TARGETS


GROUPS = st.lists(st.builds(Group, VALUES, st.lists(RULES, max_size=3), VALUES), min_size=1, max_size=3)


@given(groups=GROUPS)
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_yaml(groups: list[Group]) -> None:
    """Another library reads every text as that text: by YAML 1.1, nothing taken for a number or a date."""
    text = written(groups)
    said = [{part: value for part, value in each._asdict().items() if part != "interval" or value} for each in groups]
    assert yaml.safe_load(text) == {"groups": said}
    assert yaml.load(text, Loader=yaml.CSafeLoader) == yaml.safe_load(text)


@given(groups=GROUPS)
@settings(max_examples=300, deadline=None)
def test_what_is_written_is_read(groups: list[Group]) -> None:
    """Where names are usual, without asking YAML; else not at all."""
    try:
        assert read(written(groups)) == groups
    except NotOursError:
        rules = [rule for each in groups for rule in each.rules]
        maps = [*rules, *(value for rule in rules for value in rule.values() if isinstance(value, dict))]
        assert any(name.lower() in UNUSUAL for names in maps for name in names)


@cache
def ours() -> str:
    topics = [{"name": "a.v1", "dead_letter": "a.dlq"}, {"name": "b.v1", "description": "x"}]
    made = declared.catalog(topics, {"topic": "a.v1", "group": 'it\'s "odd" \\ {{x}}'})
    (text,) = pack("prod", declared.sets(made).values()).values()
    return text


def test_what_the_shipped_templates_give_is_read_without_asking_yaml() -> None:
    """Or every run would wait for a YAML library."""
    ((group, rules, _),) = read(ours().partition("\n")[2])
    assert group == "kafka prod/payments"
    assert len(rules) > 6


@cache
def compact() -> tuple[str, str]:
    """The files of a team and of the classes."""
    topics = [{"name": "a.v1", "dead_letter": "a.dlq"}, {"name": "b.v1", "lag": "5m"}]
    place = {"type": "files", "folder": "/rules", "layout": "compact"}
    groups = [{"topic": topic, "group": 'it\'s "odd", {a: b} \\ {{x}}'} for topic in ("a.v1", "b.v1")]
    shared, team = pack("prod", declared.sets(declared.catalog(topics, groups, alerts=place)).values()).values()
    return (shared, team) if "record: kafka_alert_target" in team else (team, shared)


def test_what_is_looked_after_is_a_line_each_and_read_without_asking_yaml() -> None:
    """For people with grep, and for ten thousand topics."""
    text = compact()[1]
    ((_, rules, _),) = read(text.partition("\n")[2])
    targets = [rule["labels"] for rule in rules if rule["record"] == "kafka_alert_target"]
    assert len(targets) == text.count("kafka_alert_target") == 5
    assert yaml.safe_load(text)["groups"][0]["rules"] == rules


@given(seed=st.integers(0, 10**9))
@settings(max_examples=300, deadline=None)
def test_a_compact_file_that_is_changed_anywhere_is_read_as_yaml_reads_it(seed: int) -> None:
    """What another library makes of it, written as we write, gives the same alerts."""
    chance, (shared, text) = random.Random(seed), compact()
    known = classes(shared)
    at, length = chance.randrange(len(text)), chance.choice([0, 0, 1, 5])
    sign = chance.choice(["", " ", "\n", "  ", "#", "'", '"', ":", "|", "- ", "x", "&a ", "{", "}", ",", ", x: y"])
    changed = text[:at] + sign + text[at + length :]
    try:
        found = unpack(changed, known)
    except ForeignFileError:
        return
    groups = [Group(group["name"], group["rules"]) for group in yaml.load(changed, Loader=yaml.CBaseLoader)["groups"]]
    assert unpack("# x\n" + written(groups), known) == found


@given(seed=st.integers(0, 10**9))
@settings(max_examples=300, deadline=None)
def test_a_file_that_is_changed_anywhere_is_read_as_yaml_reads_it(seed: int) -> None:
    """Whatever somebody writes into it: nothing is seen that Prometheus would not see."""
    chance, text = random.Random(seed), ours()
    at, length = chance.randrange(len(text)), chance.choice([0, 0, 1, 5])
    sign = chance.choice(["", " ", "\n", "  ", "#", "'", '"', ":", "|", "- ", "x", "&a ", "{"])
    changed = text[:at] + sign + text[at + length :]
    try:
        found = unpack(changed)
    except ForeignFileError:
        return
    (group,) = yaml.load(changed, Loader=yaml.CBaseLoader)["groups"]
    rules = [rule for alerts in found.values() for rule in alerts.rules]
    assert sorted(map(repr, rules)) == sorted(map(repr, group["rules"]))


HOSTILE = {
    "brackets": "[" * 500_000,
    "braces": "{a: " * 200_000,
    "a block": "    a: |-\n" + "      x\n" * 200_000,
    "empty lines": "    a: |-\n" + "\n" * 500_000,
    "blocks": "    a: |-\n" * 100_000,
    "indentation": "".join(" " * depth + "a:\n" for depth in range(900)),
    "a line": "  - {record: kafka_alert_target, expr: 'vector(1)', labels: {" + "a: b, " * 300_000 + "}}",
    "quotes of a line": "  - {record: kafka_alert_target, expr: 'vector(1)', labels: {a: '" + "'" * 600_000 + "}}",
    "quotes": "    a: '" + "''" * 300_000,
    "aliases": "    a: &a [*a]\n" * 50_000,
    "a name": "    " + "a" * 1_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_file_takes_long_to_be_refused(name: str) -> None:
    """Or crashes the parser: whoever can write to the folder could stop every plan."""
    for head in ("", "# x\ngroups:\n- name: kafka prod/pay\n  rules:\n  - alert: A\n"):
        with within(10), suppress(ForeignFileError):
            unpack(head + HOSTILE[name] + "\n")


@pytest.mark.promtool
@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool is not installed (Debian: prometheus)")
def test_prometheus_reads_every_way_to_spell_a_text(tmp_path: Path) -> None:
    """Plain, in quotes of both kinds, in blocks: all that are told apart are told apart by promtool as well."""
    values = [value for value in dict.fromkeys([*GUESSED, *ODD, "a\u2028b", "\x07", "日本\nb"]) if value]
    rules = [
        {"alert": "A", "expr": f"vector({at})\n", "labels": {"v": value, "on": "y"}} for at, value in enumerate(values)
    ]
    (tmp_path / "r.yml").write_text(written([Group("kafka a/b", rules)]), "utf-8")
    command = ["promtool", "check", "rules", "--lint=all", "--lint-fatal", str(tmp_path / "r.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip().split("\n")[-1].strip()) == (0, f"SUCCESS: {len(rules)} rules found")
    plain = [Group("kafka a/b", [{"alert": "A", "expr": "x"}], "2m")]
    assert rule_text.read(written(plain)) == plain
