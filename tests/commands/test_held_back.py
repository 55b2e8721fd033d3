"""One bad file stops nobody: what an error governs is held back, everything else is done."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from provisioner import cli, opening
from provisioner.catalog.documents import MAX_BYTES
from provisioner.reconcile import record
from provisioner.reconcile.model import Key
from tests.memory import MemoryLog
from tests.scenarios.test_scenarios import Live

CLUSTERS = """\
clusters:
  prod:
    bootstrap: kafka:9092
    cluster_id: sandbox-cluster-id
    alerts: {type: files, folder: rules, create: true}
    dashboards: {type: files, folder: boards, create: true}
"""
TEAM = 'chat: "#us"\n'
DAY = 86_400_000


def team(number: int) -> str:
    return f"team-{number:03}"


def topic(number: int) -> str:
    return f"{team(number)}.orders"


def declared(number: int, days: int = 7) -> str:
    return f"topics:\n  - name: {topic(number)}\n    config: {{retention.ms: {days}d}}\n"


def write(path: str, text: str | bytes) -> None:
    place = Path("topics", path)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(text if isinstance(text, bytes) else text.encode())


SHIPPED = Path(__file__).parents[2] / "alert_templates"
GIT = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "init.defaultBranch=main"]


def committed() -> None:
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run([*GIT, *words], check=True)


class World(NamedTuple):
    """A cluster and its record in memory, and a way to run a command against them."""

    run: Callable[..., tuple[int, str]]
    store: Live
    log: MemoryLog

    def days(self, name: str) -> int:
        return int(self.store.state[name].resource.config["retention.ms"]) // DAY

    def recorded(self, kind: str = "topic") -> set[str]:
        values = self.log.door().read().values
        keys = [word[1] for raw in values if (word := record.decoded(raw))]
        return {key.name for key in keys if key.kind == kind}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> World:
    monkeypatch.chdir(tmp_path)
    store, log = Live(), MemoryLog(exists=False, cluster_id="sandbox-cluster-id")
    monkeypatch.setattr(opening, "kafka_topics", lambda *_: store)
    monkeypatch.setattr(opening, "record_log", lambda *_: log.door())
    write("clusters.yaml", CLUSTERS)

    def ran(command: str, *more: str) -> tuple[int, str]:
        code = cli.main([command, "--cluster", "prod", *more])
        return code, capsys.readouterr().out

    return World(ran, store, log)


def fleet(teams: int, days: int = 7) -> None:
    for number in range(teams):
        write(f"{team(number)}/team.yaml", TEAM)
        write(f"{team(number)}/orders.yaml", declared(number, days))


def rules() -> Mapping[str, str]:
    return {path.name: path.read_text("utf-8") for path in Path("rules").glob("*.yml")}


def broken(number: int) -> str:
    """Each team breaks its files in its own way; what is said to be held back."""
    name, path, text = topic(number), f"{team(number)}/orders.yaml", declared(number, 14)
    ways: list[tuple[str, str | bytes, str]] = [
        (path, text + "  - name: [\n", f"everything in topics/{path}"),
        (path, text + "    partitions: many\n", f"topic '{name}'"),
        (path, text + "    partitoins: 3\n", f"topic '{name}'"),
        (path, text + text.replace("topics:\n", ""), f"topic '{name}'"),
        (path, text + f"  - name: {name.replace('.', '_')}\n", f"topic '{name.replace('.', '_')}' and topic '{name}'"),
        (path, text.replace("name:", "nmae:"), "an entry without a name"),
        (path, text.encode() + b"# \xff\n", f"everything in topics/{path}"),
        (path, text + "topics: []\n", f"everything in topics/{path}"),
        (f"{team(number)}/team.yaml", "caht: x\n", f"team '{team(number)}' (topic '{name}')"),
        (f"{team(number)}/team.yaml", "chat: [\n", f"team '{team(number)}' (topic '{name}')"),
    ]
    place, content, words = ways[number]
    write(path, text)
    write(place, content)
    return words


def test_ten_broken_files_of_two_hundred_teams_stop_ten_teams(world: World) -> None:
    """The others' changes are applied, and each message says what is held back; nothing of that is touched."""
    fleet(200)
    assert world.run("apply", "--yes")[0] == 0
    before, known = rules(), world.recorded()
    fleet(200, days=14)
    words = [broken(number) for number in range(10)]
    code, shown = world.run("apply", "--yes")
    assert code == 1
    assert [world.days(topic(number)) for number in range(200)] == [7] * 10 + [14] * 190
    for held in words:
        assert f"= held back: {held}" in shown
    assert "190 topics updated" in shown
    assert "11 held back" in shown
    assert world.recorded() == known
    assert {name: text for name, text in rules().items() if name < f"kafka-prod+{team(10)}"} == {
        name: text for name, text in before.items() if name < f"kafka-prod+{team(10)}"
    }
    assert world.run("plan")[0] == 1
    fleet(200, days=14)
    assert world.run("apply", "--yes")[0] == 0
    assert {world.days(topic(number)) for number in range(200)} == {14}


def test_what_no_file_has_stays_while_a_file_cannot_be_read(world: World) -> None:
    """That file may have it: its alerts stay, and the record keeps it; once the file is mended, both go."""
    fleet(3)
    world.run("apply", "--yes")
    write(f"{team(0)}/orders.yaml", "topics: [\n")
    Path("topics", team(1), "orders.yaml").unlink()
    code, shown = world.run("apply", "--yes")
    assert code == 1
    assert "2 held back" in shown
    assert topic(1) in world.recorded()
    assert f"kafka-prod+{team(1)}.yml" in rules()
    write(f"{team(0)}/orders.yaml", declared(0))
    assert world.run("apply", "--yes")[0] == 0
    assert topic(1) not in world.recorded()
    assert f"kafka-prod+{team(1)}.yml" not in rules()


def test_a_wrong_folder_is_found_out_behind_a_broken_file(world: World) -> None:
    """Names that the broken file's text does not have are lost as ever: more than a third of them is refused."""
    fleet(30)
    world.run("apply", "--yes")
    write(f"{team(0)}/orders.yaml", declared(0) + "  - [\n")
    for number in range(1, 12):
        Path("topics", team(number), "orders.yaml").unlink()
    assert world.run("plan")[0] == 3
    write(f"{team(0)}/orders.yaml", "".join(map(declared, range(12))) + "  - [\n")
    code, shown = world.run("plan")
    assert code == 1
    assert "? 12 topics" in shown


def test_a_topic_loses_no_alert_to_a_file_that_cannot_be_read(world: World) -> None:
    """A consumer may stand in it: the alert of its group stays, whosever topic it reads."""
    fleet(2)
    write(f"{team(1)}/readers.yaml", f"consumers:\n  - {{topic: {topic(0)}, group: billing}}\n")
    world.run("apply", "--yes")
    before = rules()
    assert "billing" in before[f"kafka-prod+{team(0)}.yml"]
    write(f"{team(1)}/readers.yaml", "consumers: [\n")
    write(f"{team(0)}/orders.yaml", declared(0, 14))
    code, shown = world.run("apply", "--yes")
    assert (code, world.days(topic(0))) == (1, 14)
    assert f"? alerts {topic(0)}" in shown
    assert "billing" in rules()[f"kafka-prod+{team(0)}.yml"]
    Path("topics", team(1), "readers.yaml").unlink()
    assert world.run("apply", "--yes")[0] == 0
    assert "billing" not in rules()[f"kafka-prod+{team(0)}.yml"]


def test_a_reviewed_change_of_what_is_held_back_counts_as_nothing(world: World) -> None:
    """Neither as done nor as outdated: the plan lists it."""
    fleet(1)
    world.run("plan", "--out", "plan.json")
    write(f"{team(0)}/orders.yaml", declared(0) + "    partitions: many\n")
    code, shown = world.run("apply", "--yes", "--plan", "plan.json")
    assert (code, "1 held back" in shown, "stale" in shown) == (1, True, False)
    assert world.store.state == {}


def test_a_broken_entry_moves_no_topic_to_another_cluster(world: World) -> None:
    """Where the default cluster's entry is wrong, the topics that name none live nowhere else."""
    fleet(1)
    other = "  other: {bootstrap: 'kafka:9093', cluster_id: any}\n"
    write("clusters.yaml", CLUSTERS.replace("    bootstrap", "    default: true\n    bootstrap") + other)
    assert world.run("plan")[0] == 0
    write("clusters.yaml", CLUSTERS.replace("    bootstrap", "    default: true\n    botstrap") + other)
    assert cli.main(["apply", "--cluster", "other", "--yes"]) == 1
    assert world.store.state == {}


def test_drift_knows_nothing_of_what_is_held_back(world: World) -> None:
    """It is named, and is no difference."""
    fleet(2)
    world.run("apply", "--yes")
    write(f"{team(0)}/orders.yaml", declared(0) + "    partitions: many\n")
    code, shown = world.run("drift")
    assert code == 1
    assert f"1 topic not known ({topic(0)}): held back by schema/value" in shown


def test_the_record_keeps_its_key() -> None:
    """So that `recorded` above reads what an apply wrote."""
    word = record.decoded(record.encoded("topics", Key("topic", "a")))
    assert word == ("topics", Key("topic", "a"))


def test_what_cannot_be_read_at_the_base_either_turns_no_merge_request_red(world: World) -> None:
    """A link and a file that is too large, which nobody touched: they are there at the base as well."""
    fleet(3)
    Path("topics", team(1), "orders.yaml").unlink()
    Path("topics", team(1), "orders.yaml").symlink_to("team.yaml")
    Path("topics", "linked").symlink_to(team(0))
    write(f"{team(2)}/orders.yaml", declared(2) + "#" * MAX_BYTES)
    committed()
    write(f"{team(0)}/orders.yaml", declared(0, days=14))
    code, shown = world.run("plan", "--base", "HEAD")
    assert "3 errors that the base has, in files that are as they were" in shown
    assert code == 0
    Path("topics", team(0), "orders.yaml").unlink()
    Path("topics", team(0), "orders.yaml").symlink_to("team.yaml")
    assert world.run("plan", "--base", "HEAD")[0] == 1


def test_what_is_derived_goes_without_saying_whichever_error_holds_it_back(world: World) -> None:
    """A topic in a file that cannot be read, and beside it a consumer that hides who reads what."""
    fleet(3)
    write(f"{team(1)}/readers.yaml", f"consumers:\n  - {{topic: {topic(1)}, group: g}}\n")
    world.run("apply", "--yes")
    Path("topics", team(0), "orders.yaml").unlink()
    Path("topics", team(0), "orders.yaml").symlink_to("team.yaml")
    write(f"{team(1)}/readers.yaml", "consumers:\n  - {topic: misspelled, group: g}\n")
    code, shown = world.run("plan")
    assert code == 1
    assert f"? topic {topic(0)}" in shown
    assert "HELD BACK (files/link)" in shown
    assert f"alerts, dashboard {topic(0)}" not in shown


def test_a_broken_template_holds_back_what_is_made_by_templates_and_nothing_else(world: World) -> None:
    """Topics and dashboards go on, no alert is touched or forgotten; mended, everything is in step again."""
    fleet(3)
    world.run("apply", "--yes")
    before, known = rules(), world.recorded("alerts")
    fleet(3, days=14)
    Path("alert_templates").mkdir()
    Path("alert_templates/mine.yaml").write_text("name: mine\nscope: [\n")
    code, shown = world.run("apply", "--yes")
    assert code == 1
    assert "= held back: all alert sets" in shown
    assert "3 topics updated, 3 dashboards updated" in shown
    assert "3 held back" in shown
    assert {world.days(topic(number)) for number in range(3)} == {14}
    assert (rules(), world.recorded("alerts")) == (before, known)
    Path("alert_templates/mine.yaml").unlink()
    assert world.run("apply", "--yes")[0] == 0
    assert "nothing left to do" in world.run("plan")[1]


@pytest.mark.parametrize("word", ["hodl", "topic.nmae"])
def test_a_template_that_fails_for_a_topic_holds_back_what_is_made_for_that(world: World, word: str) -> None:
    """It can be read, and shows its error only when it is rendered; at the base it is nobody's merge request."""
    fleet(3)
    write(f"{team(0)}/readers.yaml", f"consumers:\n  - {{topic: {topic(0)}, group: g}}\n")
    world.run("apply", "--yes")
    before, known = rules(), world.recorded("alerts")
    fleet(3, days=14)
    shutil.copytree(SHIPPED, "alert_templates")
    lag = Path("alert_templates/consumer_lag.yaml")
    lag.write_text(lag.read_text().replace("<< hold >>", f"<< {word} >>"))
    code, shown = world.run("apply", "--yes")
    assert code == 1
    assert "= held back: 1 alert set\n" in shown
    assert "3 topics updated, 3 dashboards updated, 1 held back" in shown
    own = "kafka-prod+team-000.yml"
    assert (rules()[own], world.recorded("alerts")) == (before[own], known)
    committed()
    fleet(4, days=14)
    write(f"{team(3)}/readers.yaml", f"consumers:\n  - {{topic: {topic(3)}, group: g}}\n")
    code, shown = world.run("plan", "--base", "HEAD")
    assert "1 error that the base has" in shown
    assert code == 0


SHARE = """\
name: share
scope: topic
summary: Messages in a partition beyond a share.
needs: [log_end]
parameters: {most: {type: number, default: 5}}
example: {topic: {name: orders.v1}}
rule:
  alert: KafkaShare
  expr: sum(<< metric.log_end >>) > << 100 // most >>
  annotations: {summary: too many}
compact:
  expr: |
    label_replace(
      sum by (<< label.topic >>) (<< metric.log_end >>) > << 100 // most >>, "topic", "$1", "<< label.topic >>", "(.+)"
    )
  annotations: {summary: too many}
"""


@pytest.mark.parametrize("layout", ["readable", "compact"])
def test_a_setting_that_a_template_fails_for_holds_back_the_alerts_of_its_topics_alone(
    world: World, layout: str
) -> None:
    """The owner of a topic cannot stop the alerts of other teams; where two make it fail, it is told once."""
    write("clusters.yaml", CLUSTERS.replace("create: true}", f"create: true, layout: {layout}}}", 1))
    fleet(4)
    Path("alert_templates").mkdir()
    Path("alert_templates/share.yaml").write_text(SHARE)
    assert world.run("apply", "--yes")[0] == 0
    before = rules()
    for number, most in enumerate((0, 0, 7, 9)):
        setting = f"    alert_settings: {{share: {{most: {most}}}}}\n"
        write(f"{team(number)}/orders.yaml", declared(number) + setting)
    code, shown = world.run("apply", "--yes")
    assert code == 1
    assert shown.count("by zero") == 1
    assert "(for topic 'team-000.orders' of cluster 'prod')" in shown
    assert "= held back: 2 alert sets" in shown
    assert f"? alerts {topic(0)}" in shown
    assert f"? alerts {topic(1)}" in shown
    assert "2 alert sets updated, 2 held back" in shown
    assert {name for name, text in before.items() if text != rules()[name]} >= {"kafka-prod+team-002.yml"}
    for number in (0, 1):
        assert rules()[f"kafka-prod+{team(number)}.yml"] == before[f"kafka-prod+{team(number)}.yml"]
    assert {"> 20", "> 14", "> 11"} <= set(re.findall("> [0-9]+", "".join(rules().values())))
    fleet(2)
    assert world.run("apply", "--yes")[0] == 0
    assert "nothing left to do" in world.run("plan")[1]


def test_a_merge_request_that_makes_a_template_fail_for_one_more_topic_is_red(world: World) -> None:
    """The base has the same error for another one; touching that one is nobody's error."""
    fleet(2)
    Path("alert_templates").mkdir()
    Path("alert_templates/share.yaml").write_text(SHARE)
    setting = "    alert_settings: {share: {most: 0}}\n"
    write(f"{team(0)}/orders.yaml", declared(0) + setting)
    committed()
    write(f"{team(0)}/orders.yaml", declared(0, days=14) + setting)
    code, shown = world.run("plan", "--base", "HEAD")
    assert (code, "1 error that the base has" in shown) == (0, True)
    write(f"{team(1)}/orders.yaml", declared(1) + setting)
    code, shown = world.run("plan", "--base", "HEAD")
    assert (code, "1 error that the base has" in shown) == (1, False)
    assert "share.yaml:9:37: error: " in shown


def test_a_topic_for_which_a_template_fails_from_the_first_day_on_has_no_alerts_and_stops_none(world: World) -> None:
    """A template that fails for all of them is told with them all."""
    fleet(2)
    Path("alert_templates").mkdir()
    Path("alert_templates/share.yaml").write_text(SHARE)
    write(f"{team(1)}/orders.yaml", declared(1) + "    alert_settings: {share: {most: 0}}\n")
    code, shown = world.run("apply", "--yes")
    assert code == 1
    assert "2 topics created, 1 alert set created, 2 dashboards created, 1 held back" in shown
    Path("alert_templates/share.yaml").write_text(SHARE.replace("default: 5", "default: 0"))
    assert "= held back: all alert sets" in world.run("plan")[1]


def test_a_broken_dashboard_template_holds_back_dashboards(world: World) -> None:
    """No dashboard goes for that there is no template."""
    fleet(2)
    world.run("apply", "--yes")
    boards = sorted(path.name for path in Path("boards").glob("*.json"))
    fleet(2, days=14)
    Path("dashboards").mkdir()
    Path("dashboards/topic.json").write_text("{")
    code, shown = world.run("apply", "--yes")
    assert code == 1
    assert "= held back: all dashboards" in shown
    assert "2 topics updated" in shown
    assert sorted(path.name for path in Path("boards").glob("*.json")) == boards


def test_a_template_that_the_base_has_broken_turns_no_merge_request_red(world: World) -> None:
    """One that it breaks does."""
    fleet(2)
    Path("alert_templates").mkdir()
    Path("alert_templates/mine.yaml").write_text("name: mine\n")
    committed()
    write(f"{team(0)}/orders.yaml", declared(0, days=14))
    code, shown = world.run("plan", "--base", "HEAD")
    assert "errors that the base has" in shown or "1 error that the base has" in shown
    assert code == 0
    Path("alert_templates/mine.yaml").write_text("name: mine\nsummary: x\n")
    assert world.run("plan", "--base", "HEAD")[0] == 1


MINE = """\
name: mine
summary: x
known_from: run
labels: {topic: t, partition: p, group: g}
metrics: {log_end: my_end}
"""


def with_profile(text: str) -> None:
    """The cluster names a profile that has this text."""
    write("clusters.yaml", CLUSTERS + "    metrics: {profile: mine}\n")
    Path("profiles").mkdir(exist_ok=True)
    Path("profiles/mine.yaml").write_text(text)


def test_a_broken_profile_holds_back_the_alerts_and_dashboards_of_its_clusters(world: World) -> None:
    """Topics go on, no alert is touched or forgotten; mended, everything is in step again."""
    fleet(2)
    with_profile(MINE)
    assert world.run("apply", "--yes")[0] == 0
    before, known = rules(), world.recorded("alerts")
    assert any("my_end" in text for text in before.values())
    fleet(2, days=14)
    with_profile(MINE + "more: 1\n")
    code, shown = world.run("apply", "--yes")
    assert code == 1
    assert "profiles/mine.yaml:6:1: error: unknown field 'more'" in shown
    assert "= held back: alert sets and dashboards of clusters with the profile mine" in shown
    assert "2 topics updated" in shown
    assert (rules(), world.recorded("alerts")) == (before, known)
    with_profile(MINE)
    assert world.run("apply", "--yes")[0] == 0
    assert "nothing left to do" in world.run("plan")[1]


def test_a_merge_request_that_changes_a_profile_alone_changes_alerts(world: World) -> None:
    """Of every topic of its clusters, though no declaration is another one."""
    fleet(2)
    with_profile(MINE)
    world.run("apply", "--yes")
    committed()
    assert "cluster prod: untouched" in world.run("plan", "--base", "HEAD")[1]
    with_profile(MINE.replace("my_end", "your_end"))
    code, shown = world.run("plan", "--base", "HEAD")
    assert code == 0
    assert "2 alert sets" in shown


def test_a_profile_that_the_base_has_broken_turns_no_merge_request_red(world: World) -> None:
    """One that it breaks does."""
    fleet(2)
    with_profile("name: mine\n")
    committed()
    write(f"{team(0)}/orders.yaml", declared(0, days=14))
    code, shown = world.run("plan", "--base", "HEAD")
    assert "errors that the base has" in shown
    assert code == 0
    with_profile("name: mine\nsummary: x\n")
    assert world.run("plan", "--base", "HEAD")[0] == 1
