"""The check of CODEOWNERS: silent where it knows nothing or is not asked for, and quick whatever stands there."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.catalog import folder
from provisioner.catalog.codeowners import BEGIN, END, MAX_BYTES, OwnersFile, Repository
from provisioner.catalog.owners import rules
from provisioner.checks import Context
from provisioner.checks.owners import in_step

CLUSTERS = 'clusters:\n  prod: {bootstrap: "kafka:9092", team: platform}\n'
PLATFORM = 'approvers: "@platform/kafka"\n'


def declared(tmp_path: Path, **teams: str) -> folder.Declarations:
    (tmp_path / "topics").mkdir()
    (tmp_path / "topics/clusters.yaml").write_text(CLUSTERS)
    for team, text in {"platform": PLATFORM, **teams}.items():
        (tmp_path / "topics" / team).mkdir()
        (tmp_path / "topics" / team / "team.yaml").write_text(text)
    return folder.read(tmp_path / "topics")


def found(declarations: folder.Declarations, *texts: str) -> list[str]:
    files = tuple(OwnersFile(f"{n}/CODEOWNERS", f"{n}/CODEOWNERS", text) for n, text in enumerate(texts))
    repository = Repository("topics", files=files)
    return [problem.message for problem in in_step(Context((), declarations, repository=repository))]


def test_nothing_is_said_without_a_repository_a_file_or_a_block(tmp_path: Path) -> None:
    declarations = declared(tmp_path)
    assert list(in_step(Context((), declarations))) == []
    assert found(declarations) == []
    assert found(declarations, "* @all\n[Docs]\n*.md @docs\n") == []


@pytest.mark.parametrize("broken", ['approvers: "nobody"\n', "chat: [", "mention: @x\n"])
def test_nothing_is_said_while_a_file_that_says_it_is_wrong(tmp_path: Path, broken: str) -> None:
    """Who approves is not known then, and the error is told already."""
    assert found(declared(tmp_path, payments=broken), f"{BEGIN}\n{END}\n") == []


def test_nothing_is_said_while_a_cluster_names_a_team_that_is_not_there(tmp_path: Path) -> None:
    """The rules of the platform are not known then."""
    declarations = declared(tmp_path)
    (tmp_path / "topics/clusters.yaml").write_text(CLUSTERS.replace("platform", "plattform"))
    text = f"{BEGIN}\n[Kafka topics]\n/topics/ @x\n{END}\n"
    assert found(declarations, text)
    assert found(folder.read(tmp_path / "topics"), text) == []


def test_rules_in_another_order_are_not_in_step(tmp_path: Path) -> None:
    """The last one that fits wins."""
    declarations = declared(tmp_path)
    platform, team = map(str, rules(declarations, Repository("topics")))
    assert found(declarations, f"{BEGIN}\n[Kafka topics]\n{platform}\n{team}\n{END}\n") == []
    assert found(declarations, f"{BEGIN}\n[Kafka topics]\n{team}\n{platform}\n{END}\n") == [
        "this block is not as the teams' folders give it"
    ]


def test_a_rule_that_is_given_twice_is_not_in_step(tmp_path: Path) -> None:
    declarations = declared(tmp_path)
    platform, team = map(str, rules(declarations, Repository("topics")))
    text = f"{BEGIN}\n[Kafka topics]\n{platform}\n{team}\n/topics/platform/ @x\n{END}\n"
    (message,) = found(declarations, text)
    assert "names others for 'topics/platform/'" in message


def test_mention_stands_in_for_approvers_and_approvers_go_before_it(tmp_path: Path) -> None:
    declarations = declared(
        tmp_path, a='mention: "@a/oncall"\n', b='mention: "@b/oncall"\napprovers: "@b/leads"\n', c="{}"
    )
    made = [str(rule) for rule in rules(declarations, Repository("topics"))]
    assert made == [
        "/topics/ @platform/kafka",
        "/topics/a/ @a/oncall",
        "/topics/b/ @b/leads",
        "/topics/platform/ @platform/kafka",
    ]


def test_at_the_top_of_a_repository_the_platform_has_the_clusters_alone(tmp_path: Path) -> None:
    made = [str(rule) for rule in rules(declared(tmp_path), Repository(""))]
    assert made == ["/clusters.yaml @platform/kafka", "/platform/ @platform/kafka"]


@pytest.mark.parametrize("line", ["x\n", "/" + "\\ " * 50 + "\n", "\\" * 99 + "\n", "[\n"])
def test_a_file_as_large_as_can_be_is_looked_at_once(tmp_path: Path, line: str) -> None:
    """A line costs what it is long, so that the largest file is done with at once."""
    text = f"{BEGIN}\n" + line * ((MAX_BYTES - 200) // len(line)) + f"{END}\n"
    assert found(declared(tmp_path), text)
