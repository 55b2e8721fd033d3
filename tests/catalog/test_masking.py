"""Secrets that somebody wrote out, and the text of the file as reports may show it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from provisioner.catalog import folder
from provisioner.commands import fleet
from provisioner.report import problems
from tests.pace import within

HEAD = "clusters:\n  prod:\n    bootstrap: kafka\n    default: true\n"
WRITTEN_OUT = {
    "plain": "    client: {sasl.password: hunter2}\n",
    "map": "    client: {sasl.password: {value: hunter2}}\n",
    "variable that is none": "    client: {sasl.password: {env: hunter2!}}\n",
    "jaas": "    client:\n      sasl.jaas.config: 'x required password=\"hunter2\"'\n",
    "block": "    client:\n      sasl.password:\n        value: hunter2\n        other: [hunter2]\n",
    "list": "    client:\n      sasl.password:\n      - hunter2\n",
    "block scalar": "    client:\n      ssl.key.pem: |\n        hunter2\n        hunter2\n      client.id: x\n",
    "unknown properties": "    client: {my.passwd: hunter2, a.token: hunter2, credential: hunter2, SECRET: hunter2}\n",
    "keystore": "    client: {ssl.keystore.type: hunter2}\n",
    "several keys": "    client: {client.id: x, sasl.password: hunter2, ssl.key.password: 'hunter2, {x}'}\n",
    "commas and braces": '    client: {sasl.password: "a,b}{hunter2", client.id: x}\n',
    "over lines": '    client: {sasl.password: "a\n\n hunter2"}\n',
    "key over lines": "    client: {sasl.password:\nhunter2}\n",
    "twice": "    client: {sasl.password: hunter2, sasl.password: hunter2}\n",
    "alias": "    client: {sasl.password: *hunter2}\n",
    "anchor": "    client: {sasl.password: &hunter2 x}\n",
    "tag": "    client: {sasl.password: !hunter2 x}\n",
    "braces": "    client: {sasl.password: {hunter2, hunter2}}\n",
    "odd character": '    client: {sasl.password: "hunter2\\e"}\n',
    "user": '    alerts: {type: files, folder: /x, reload: ["http://ci:hunter2@prometheus/"]}\n',
    "user with a slash": '    alerts: {type: files, folder: /x, reload: ["http://ci:hunter2/@prometheus/"]}\n',
    "broker's user": "    client: {}\n    cluster_id: ci:hunter2@kafka\n",
    "comment": "    default_: true  # sasl.password: hunter2\n",
    "beside the client": "    sasl.password: hunter2\n",
    "unclosed": "    client: {sasl.password: hunter2\n",
    "not closed quotes": "    client:\n      sasl.password: 'hunter2\n      x: hunter2\n",
    "colon": "    client:\n      sasl.password: hunter2: x\n",
    "broken before": "    x: ]\n    client:\n      sasl.password:\n        value: hunter2\n",
    "broken behind": "    client:\n      sasl.password:\n        value: hunter2\n    x: ]\n",
    "second document": "    client: {sasl.password: hunter2}\n---\n{}\n",
}


def cluster_file(root: Path, text: str) -> Path:
    root.mkdir(exist_ok=True)
    (root / "clusters.yaml").write_text(text)
    return root


@pytest.mark.parametrize("name", WRITTEN_OUT)
def test_a_secret_that_is_written_out_is_in_no_report(name: str, tmp_path: Path) -> None:
    """Neither in the line that is shown nor in the message above it."""
    found = fleet.read(cluster_file(tmp_path, HEAD + WRITTEN_OUT[name]))
    report = "".join(line.plain for line in problems.lines(found.problems, found.sources))
    report += json.dumps(problems.document(found.problems), ensure_ascii=False)
    assert found.problems
    assert "hunter2" not in "".join(found.sources.values())
    assert "hunter2" not in report


def test_a_second_byte_order_mark_shifts_no_mask(tmp_path: Path) -> None:
    """The parser does not count it, so neither do we: every letter of the secret is a star."""
    found = fleet.read(cluster_file(tmp_path, "\ufeff\ufeff" + HEAD + WRITTEN_OUT["plain"]))
    assert [text.split("client: ")[1] for text in found.sources.values()] == ["{sasl.password: *******}\n"]


def test_what_stands_in_the_place_of_a_connection_is_not_repeated(tmp_path: Path) -> None:
    """It may be a secret, by whatever name."""
    found = fleet.read(cluster_file(tmp_path, HEAD + "    client: hunter2\n")).problems
    assert [problem.message for problem in found] == ["'client' must be a map, is of another kind"]


def test_where_a_secret_lies_is_shown(tmp_path: Path) -> None:
    """A name and a path are no secrets, and neither is what stands beside them."""
    text = HEAD + "    client: {sasl.password: {env: KAFKA_PASSWORD}, ssl.key.pem: {file: /run/key}, client.id: x}\n"
    assert list(folder.read(cluster_file(tmp_path, text)).sources.values()) == [text]


def test_only_the_secret_is_masked(tmp_path: Path) -> None:
    """Line by line and sign by sign, so that a caret stands where it should."""
    text = HEAD + '    client: {client.id: x, sasl.password: "a, b}", sasl.username: y}\n'
    (shown,) = folder.read(cluster_file(tmp_path, text)).sources.values()
    assert shown == text.replace('"a, b}"', "*******")


def test_a_cluster_may_be_called_by_a_word_of_secrets(tmp_path: Path) -> None:
    """Its lines are shown."""
    text = "clusters:\n  tokens: {bootstrap: kafka}\n"
    assert list(folder.read(cluster_file(tmp_path, text)).sources.values()) == [text]


@pytest.mark.parametrize(
    "text",
    ["password" * 130_000, "password: x\n" * 80_000, "a:b@c " * 160_000, "://" * 340_000 + "@", "#token:" * 140_000],
)
def test_masking_takes_time_by_the_length_of_a_file(text: str, tmp_path: Path) -> None:
    """Whatever repeats itself in it."""
    with within(5):
        folder.read(cluster_file(tmp_path, text))
