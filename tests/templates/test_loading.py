"""Folders of templates: the shipped ones, a user's own, and all their faults at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from provisioner.catalog.documents import MAX_BYTES
from provisioner.errors import InputError
from provisioner.settings import from_environment
from provisioner.templates import Scope, load
from provisioner.templates.loading import read, shipped_folder
from tests.templates.authors import HEAD, RULE, alert_problems, folder

MINE = HEAD + RULE


def test_the_shipped_templates_are_there_without_asking() -> None:
    """Each under its file's name, in the order of names."""
    names = [path.stem for path in sorted(shipped_folder("alert_templates").glob("*.yaml"))]
    assert list(load().alerts) == names
    assert len(names) >= 5


def test_a_template_of_ones_own_stands_beside_the_shipped_ones(tmp_path: Path) -> None:
    """Its folder need not hold the others."""
    own = load(folder(tmp_path, mine=MINE)).alerts
    assert set(own) == {"mine", *load().alerts}
    assert own["mine"].scope is Scope.TOPIC


def test_ones_own_file_wins_over_the_shipped_one_of_its_name(tmp_path: Path) -> None:
    """To change an alert, copy its file."""
    text = MINE.replace("mine", "dead_letter")
    own = load(folder(tmp_path, dead_letter=text)).alerts
    assert own["dead_letter"].summary == "Mine."
    assert set(own) == set(load().alerts)


def test_templates_of_ones_own_are_known_by_their_text(tmp_path: Path) -> None:
    """A copy of what is shipped is none; one changed sign makes it one's own."""
    copy = load().alerts["dead_letter"].source.text
    place = folder(tmp_path, dead_letter=copy)
    assert load().own == load(place).own == load(tmp_path / "nope", tmp_path / "nope").own == frozenset()
    folder(tmp_path, dead_letter=copy + "\n", mine=MINE)
    assert load(place).own == {str(place / "dead_letter.yaml"), str(place / "mine.yaml")}
    assert list(load(place).alerts) == sorted(load(place).alerts)


def test_a_text_is_compiled_once_and_another_one_anew(tmp_path: Path) -> None:
    """A plan reads the templates of the base, too; a mistake is told each time."""
    own = tmp_path / "consumer_lag.yaml"
    text = (shipped_folder("alert_templates") / own.name).read_text("utf-8")
    own.write_text(text)
    first = read(tmp_path).alerts["consumer_lag"]
    assert read(tmp_path).alerts["consumer_lag"] is first
    own.write_text(text.replace("hold: {type: duration, default: 2m}", "hold: {type: duration, default: 9m}"))
    assert read(tmp_path).alerts["consumer_lag"].parameters != first.parameters
    own.write_text(text.replace("<< hold >>", "<< hold"))
    assert [len(read(tmp_path).wrong) > 0 for _ in range(2)] == [True, True]


def test_the_environment_names_the_folders() -> None:
    """PROVISIONER_ALERT_TEMPLATES and PROVISIONER_DASHBOARDS."""
    settings = from_environment({"PROVISIONER_ALERT_TEMPLATES": "/a", "PROVISIONER_DASHBOARDS": "/d"})
    assert (settings.alert_templates, settings.dashboards) == (Path("/a"), Path("/d"))


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    """With the sources, so that a report can show the lines."""
    place = folder(tmp_path, a=MINE, b=MINE.replace("mine", "b") + "  fro: 1\n", c="rule: [")
    with pytest.raises(InputError) as error:
        load(place)
    assert {Path(problem.span.path).name for problem in error.value.problems} == {"a.yaml", "b.yaml", "c.yaml"}
    assert error.value.sources[str(place / "b.yaml")].endswith("fro: 1\n")


def test_a_dashboard_that_would_never_be_drawn_is_told(tmp_path: Path) -> None:
    """A slip in the name of a file would go unseen: there is no list in which to register it."""
    board = (shipped_folder("dashboards") / "topic.json").read_text()
    for name in ("topics", "mine", "topic"):
        (tmp_path / f"{name}.json").write_text(board.replace('"name": "topic"', f'"name": "{name}"'))
    (tmp_path / "mine.json").write_text("{}")
    found = read(dashboards=tmp_path)
    told = {Path(problem.span.path).stem: problem.hint for problem in found.wrong_dashboards}
    assert (len(found.wrong), list(found.dashboards)) == (2, list(load().dashboards))
    assert told == {
        "topics": "did you mean 'topic'?",
        "mine": "known: dead_letter, team, topic; keep others elsewhere",
    }


def test_all_faults_of_one_file_are_told_at_once() -> None:
    """Header, expressions and rule."""
    text = "name: other\nscope: topic\nsummary: x\nneeds: [nope]\nrule:\n  expr: << x + >>\n  for: << y( >>\n  fro: a\n"
    found = [problem.span.line for problem in alert_problems(text)]
    assert sorted(found) == [1, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("raw", "check"),
    [
        (b"\xff\xfe", "yaml/encoding"),
        (b"a: \x00", "yaml/syntax"),
        (b"[" * 50_000, "yaml/too-large"),
        (b"x" * (MAX_BYTES + 10), "template"),
        (b"a: &x [*x]", "yaml/alias"),
    ],
)
def test_a_hostile_file_is_a_problem_and_no_crash(tmp_path: Path, raw: bytes, check: str) -> None:
    """Bytes, depth, size and aliases."""
    (tmp_path / "mine.yaml").write_bytes(raw)
    with pytest.raises(InputError) as error:
        load(tmp_path)
    assert check in {problem.check for problem in error.value.problems}


def test_a_byte_order_mark_and_windows_line_ends_are_nothing_special(tmp_path: Path) -> None:
    """Editors write them."""
    (tmp_path / "mine.yaml").write_bytes(b"\xef\xbb\xbf" + MINE.replace("\n", "\r\n").encode())
    assert load(tmp_path).alerts["mine"].summary == "Mine."


def test_a_folder_that_is_not_there_adds_nothing(tmp_path: Path) -> None:
    """The default is a folder that most people do not have."""
    assert list(load(tmp_path / "nope").alerts) == list(load().alerts)


def test_loading_asks_for_no_network_and_no_client() -> None:
    """Templates are rendered where no broker is: by `render` and `validate`."""
    code = "import sys; from provisioner.templates import load; load(); sys.exit('confluent_kafka' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("place", ["link", "out", "pipe", "folder", "nowhere", "large"])
def test_what_stands_in_a_templates_place_is_told_and_not_opened(
    tmp_path: Path, place: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """A link would show whatever it leads to in the excerpt of a problem."""
    own, path = tmp_path / "alert_templates", tmp_path / "alert_templates/x.yaml"
    own.mkdir()
    (tmp_path / "secret").write_text("hunter2\n")
    making = {
        "link": lambda: path.symlink_to("/proc/self/environ"),
        "out": lambda: path.symlink_to("../secret"),
        "pipe": lambda: os.mkfifo(path),
        "folder": path.mkdir,
        "nowhere": lambda: path.symlink_to("nowhere"),
        "large": lambda: path.write_bytes(b"#" * 1_100_000),
    }
    making[place]()
    with pytest.raises(InputError) as caught:
        load(own, None)
    (problem,) = caught.value.problems
    assert problem.span.path == str(path)
    assert not any("hunter2" in text or "PATH=" in text for text in caught.value.sources.values())


def test_a_folder_of_templates_that_leads_out_of_where_we_stand_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/x.yaml").write_text("token: hunter2\n")
    (tmp_path / "here").mkdir()
    (tmp_path / "here/alert_templates").symlink_to("../outside")
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(InputError) as caught:
        load(Path("alert_templates"), None)
    assert [problem.message for problem in caught.value.problems] == ["a link that leads out of the working folder"]


def test_a_repository_among_the_templates_is_refused_by_name(tmp_path: Path) -> None:
    for name in ("HEAD", "objects", "refs"):
        (tmp_path / "dashboards/x" / name).mkdir(parents=True)
    with pytest.raises(InputError) as caught:
        load(None, tmp_path / "dashboards")
    assert [problem.check for problem in caught.value.problems] == ["files/repository"]
