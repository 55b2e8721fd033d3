"""The JSON Schemas say what the program says: an editor is neither stricter nor laxer where it can know."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from pydantic import TypeAdapter, ValidationError

from provisioner import cli
from provisioner.catalog import declared_values
from provisioner.catalog.folder import CLUSTERS_FILE, TEAM_FILE
from provisioner.catalog.topic_config import CONFIG_KEYS, THROTTLES, ConfigValueError, normal
from provisioner.commands import fleet
from provisioner.problem import Problem, Severity

ROOT = Path(__file__).parents[1]
SCHEMAS = {
    name: Draft7Validator(json.loads((ROOT / f"schemas/{name}.schema.json").read_text("utf-8")))
    for name in ("topics", "team", "clusters")
}
FLEETS = sorted({path.parent for path in [*(ROOT / "tests").rglob(CLUSTERS_FILE), ROOT / "topics" / CLUSTERS_FILE]})


def kind(name: str) -> str:
    return {CLUSTERS_FILE: "clusters", TEAM_FILE: "team"}.get(name, "topics")


def is_about(check: str, problem: Problem) -> bool:
    return problem.check.startswith(check) and problem.severity is Severity.ERROR


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one(name: str) -> None:
    Draft7Validator.check_schema(SCHEMAS[name].schema)


@pytest.mark.parametrize("folder", FLEETS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_is_refused_where_its_form_is_wrong_and_only_where_something_is(folder: Path) -> None:
    """Of every fleet in the tests: each file that can be read as YAML."""
    read = fleet.read(folder)
    for path, file in read.declarations.files.items():
        mine = [problem for problem in read.problems if problem.span.path == path]
        if any(is_about("yaml/", problem) for problem in mine):
            continue
        faults = [error.message for error in SCHEMAS[kind(file.parts[-1])].iter_errors(file.document.data)]
        if any(is_about("schema/", problem) for problem in mine):
            assert faults, path
        if not any(is_about("", problem) for problem in mine):
            assert faults == [], path


def topic(text: str) -> Any:
    return {"topics": [yaml.safe_load(f"{{name: orders.v1, {text}}}")]}


@pytest.mark.parametrize(
    "text",
    [
        "partitons: 6",
        "retention: 3d",
        "replicas: 3",
        'partitions: "6"',
        "partitions: 0",
        "config: {retention.ms: soon}",
        "config: {retention.ms: [7d]}",
        "config: {cleanup.policy: compacted}",
        "config: {compression.type: brotli}",
        "lag: 10",
        "lag: 5min",
        "lag: off-peak",
        "clusters: prod",
        "clusters: []",
        "state: deleted",
        "allow: {more-partitons: 12}",
        "allow: [more-partitions]",
        "dead_letter: {nam: x}",
        "overrides: {staging: {clusters: [prod]}}",
        "message: order schema",
        "group: billing",
    ],
)
def test_a_usual_slip_in_a_topic_is_refused(text: str) -> None:
    assert not SCHEMAS["topics"].is_valid(topic(text))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("topics", "topic: [{name: a}]"),
        ("topics", "topics: {name: a}"),
        ("topics", "topics: [{partitions: 6}]"),
        ("topics", "consumers: [{topic: a}]"),
        ("topics", "consumers: [{topic: a, group: b, transactional: 0}]"),
        ("topics", "{}"),
        ("team", "slack: '#a'"),
        ("team", "mention: finance"),
        ("team", "mention: '@a @b @c @d @e @f'"),
        ("team", "approvers: '@a, @b'"),
        ("team", "runbook: wiki/payments"),
        ("team", "chat: '<!here>'"),
        ("clusters", "clusters: {prod: {}}"),
        ("clusters", "clusters: {'a b': {bootstrap: 'k:9092'}}"),
        ("clusters", "clusters: {prod: {bootstrap: 'k:9092', kafka: 4.4}}"),
        ("clusters", "clusters: {prod: {bootstrap: 'k:9092', client: {sasl.password: {vault: x}}}}"),
        ("clusters", "clusters: {prod: {bootstrap: 'k:9092', record: somewhere}}"),
        ("clusters", "clusters: {prod: {bootstrap: 'k:9092', alerts: {folder: /rules}}}"),
        ("clusters", "clusters: {prod: {bootstrap: 'k:9092', timeouts: {read: 5}}}"),
        ("clusters", "severity: [page]"),
    ],
)
def test_a_usual_slip_elsewhere_is_refused(name: str, text: str) -> None:
    assert not SCHEMAS[name].is_valid(yaml.safe_load(text))


VALUES: tuple[Any, ...] = (
    *(
        "7d",
        "1h30m",
        " 90s ",
        "1 d",
        "15ms",
        "1w2d3h4m5s6ms",
        "-1",
        "-2",
        "0",
        "+5",
        "604800000",
        "d",
        "7 days",
        "1m1h",
    ),
    *("512MiB", "1 GB", "10B", "3kB", "3KB", "2TiB", "mib", "0.5", ".5", "1e-1", "1.5", "true", "True", "FALSE", "yes"),
    *(
        "delete",
        "compact",
        "compact,delete",
        " delete , compact ",
        "compact;delete",
        "",
        ",",
        "producer",
        "zstd",
        "none",
    ),
    *("CreateTime", "LogAppendTime", 0, 1, -1, 7, 2**31, 2**63 - 1, 0.5, 1.0e-2, True, False),
)


@pytest.mark.parametrize("key", sorted(CONFIG_KEYS.keys() - THROTTLES))
def test_a_config_takes_what_the_program_takes(key: str) -> None:
    """And of text and numbers nothing of another form; ranges of numbers in text are the program's alone."""
    for value in VALUES:
        try:
            normal(key, value)
        except ConfigValueError as error:
            is_taken = any(word in str(error) for word in ("at least", "at most", "between")) and isinstance(value, str)
            assert is_taken or value == "," or not SCHEMAS["topics"].is_valid(config(key, value)), (key, value)
        else:
            assert SCHEMAS["topics"].is_valid(config(key, value)), (key, value)


def config(key: str, value: Any) -> Any:
    return {"topics": [{"name": "orders.v1", "config": {key: value}}]}


@pytest.mark.parametrize("value", [*VALUES, "12:30", "1.5h", "5W", None, [], {}], ids=repr)
def test_a_lag_takes_what_the_program_takes(value: Any) -> None:
    """But for its bounds: a second at least, whole ones, and a hundred years."""
    try:
        TypeAdapter(declared_values.Lag).validate_python(value)
        is_fit = True
    except ValidationError as error:
        is_fit = any(word in str(error) for word in ("at least", "at most"))
    entry = {"topics": [{"name": "orders.v1", "lag": value}]}
    assert SCHEMAS["topics"].is_valid(entry) == is_fit


def test_every_field_is_described() -> None:
    """What an editor shows while somebody writes."""
    for schema in SCHEMAS.values():
        for model in [schema.schema, *schema.schema["$defs"].values()]:
            assert [name for name, field in model.get("properties", {}).items() if not field.get("description")] == []


def test_a_config_of_a_vendor_and_one_of_a_newer_kafka_are_taken() -> None:
    """Which ones there are, the cluster says."""
    assert SCHEMAS["topics"].is_valid(config("confluent.value.schema.validation", True))
    assert not SCHEMAS["topics"].is_valid(config("no config", True))


def test_check_jsonschema_takes_the_example_fleet() -> None:
    """For people without this program; it reads YAML in a way of its own."""
    for name, schema in (("clusters.yaml", "clusters"), ("*/team.yaml", "team"), ("*/[!t]*.yaml", "topics")):
        files = sorted((ROOT / "topics").glob(name))
        words = ["--schemafile", f"schemas/{schema}.schema.json", *map(str, files)]
        done = subprocess.run(
            [sys.executable, "-m", "check_jsonschema", *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert (done.returncode, len(files) > 0) == (0, True), done.stdout


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_command_prints_what_is_shipped(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["schema", name]) == 0
    assert capsys.readouterr().out == (ROOT / f"schemas/{name}.schema.json").read_text("utf-8")


def test_the_command_writes_them_to_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["schema", "--out", "made/here"]) == 0
    for name in SCHEMAS:
        made = Path(f"made/here/{name}.schema.json")
        assert made.read_text("utf-8") == (ROOT / "schemas" / made.name).read_text("utf-8")
    Path("link").symlink_to("made")
    assert cli.main(["schema", "team", "--out", "link"]) == 64
    assert cli.main(["schema"]) == 64
    assert "name one of topics, team, clusters" in capsys.readouterr().err
