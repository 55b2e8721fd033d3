"""`provisioner note`: what cannot be read is in the note, and only wrong words keep it from being made."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from provisioner import cli
from provisioner.commands import note
from provisioner.report import plan_digests
from tests.report.plans import alerts, change, hazard, plan

CLUSTERS = "clusters:\n  prod: {bootstrap: 'k:1', default: true}\n  eu: {bootstrap: 'k:2'}\n"


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "clusters.yaml": CLUSTERS,
        "payments/team.yaml": "chat: '#p'\nmention: '@payments'\n",
        "payments/orders.yaml": "topics: [{name: orders, clusters: [prod, eu]}]\n",
        "finance/team.yaml": "chat: '#f'\nmention: '@finance/oncall @jo'\n",
        "finance/consumers.yaml": "consumers: [{topic: orders, group: billing, clusters: [prod]}]\n",
    }.items():
        (tmp_path / "topics" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "topics" / name).write_text(text)
    return tmp_path


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text)
    return folder / name


def composed(folder: Path, *paths: Path, expect: Sequence[str] | None = None, base: str | None = None) -> str:
    return note.composed(paths, expect, folder / "topics", ref=base)


def verdict(text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith("**Plan: "))


def test_readers_and_mentions_are_those_of_the_files(fleet: Path) -> None:
    """By cluster: on another one the group reads nothing."""
    risky = change("orders", hazards=[hazard()])
    for cluster, asked in (("prod", True), ("eu", False)):
        path = written(fleet, "p.json", plan(risky, cluster=cluster).model_dump_json())
        text = composed(fleet, path)
        assert ("**Asks for approval by:** finance @finance/oncall @jo" in text) is asked
        assert "- **payments** @payments" in text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "`p.json` is no plan: its plan file cannot be used: "),
        ("[" * 100_000, "`p.json` is no plan: its plan file cannot be used: "),
        (
            '{"format_version": 1, "cluster": "prod"}',
            "prod: not planned: its plan file cannot be used: it is a plan of",
        ),
        ('{"format_version": 2, "cluster": "prod"}', "prod: not planned: its plan file cannot be used: "),
        ('{"format_version": 2, "cluster": ["prod"]}', "`p.json` is no plan: "),
        ('{"format_version": 2, "cluster": "nobody\'s"}', "`p.json` is no plan: "),
        (
            plan(change("a", kind="acl")).model_dump_json(),
            "prod: not planned: its plan file has changes of a kind that",
        ),
    ],
)
def test_a_file_that_is_no_plan_is_named_with_its_reason(
    fleet: Path, capsys: pytest.CaptureFixture[str], text: str, reason: str
) -> None:
    """Its cluster is not planned, and the exit code is 0: the job that made it is red already."""
    written(fleet, "p.json", text)
    assert cli.main(["note", "--plan", "p.json"]) == 0
    shown = capsys.readouterr().out
    assert reason in shown
    assert "no changes" not in shown


def test_a_cluster_without_a_file_is_not_planned(fleet: Path) -> None:
    """Of all clusters, or of those that are expected."""
    assert verdict(composed(fleet)) == "**Plan: prod, eu: not planned: its job left no plan.**"
    assert verdict(composed(fleet, expect=["eu"])) == "**Plan: eu: not planned: its job left no plan.**"
    path = written(fleet, "p.json", plan().model_dump_json())
    assert verdict(composed(fleet, path)) == ("**Plan: eu: not planned: its job left no plan; no changes on prod.**")
    missing = composed(fleet, fleet / "none.json")
    assert "none.json` is no plan: it cannot be read: No such file or directory" in missing


def test_a_link_is_not_followed(fleet: Path) -> None:
    """What lies below the working folder may be anybody's."""
    written(fleet, "real.json", plan().model_dump_json())
    (fleet / "p.json").symlink_to("real.json")
    assert "`p.json` is no plan" in note.composed([Path("p.json")], None, Path("topics"))


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--expect", "prdo"], "did you mean 'prod'?"),
        (["--plan", "staging.json"], "there is no cluster 'staging': staging.json is a plan of it"),
        (["--plan", "one.json", "two.json"], "two.json is another plan of cluster 'prod'"),
    ],
)
def test_clusters_that_nobody_declared_and_two_plans_of_one_are_wrong_usage(
    fleet: Path, capsys: pytest.CaptureFixture[str], words: list[str], why: str
) -> None:
    """Somebody named the wrong files."""
    for name, cluster in (("one", "prod"), ("two", "prod"), ("staging", "staging")):
        written(fleet, f"{name}.json", plan(cluster=cluster).model_dump_json())
    assert cli.main(["note", *words]) == 64
    printed = capsys.readouterr()
    assert (printed.out, why in printed.err) == ("", True)


@pytest.mark.parametrize(
    ("name", "text"), [("clusters.yaml", "clusters: ["), ("payments/team.yaml", "mention: '@all'\n"), ("x.yaml", "]")]
)
def test_errors_of_the_files_keep_no_note_from_being_made(fleet: Path, name: str, text: str) -> None:
    """They are counted in it; who could not be read is mentioned by nobody."""
    written(fleet / "topics", name, text)
    called = alerts("orders", ["billing (finance, page): lag 5m -> 1h"], {"finance": [0]})
    path = written(fleet, "p.json", plan(change("orders"), called).model_dump_json())
    shown = composed(fleet, path)
    assert "in the files: what" in shown
    assert "2 alert sets" not in shown
    assert "@all" not in shown
    assert "  - alerts of `orders` on prod: billing (finance, page): lag 5m → 1h" in shown.splitlines()


def test_no_folder_at_all_is_an_error_of_the_files(tmp_path: Path) -> None:
    """The plans are told all the same."""
    path = written(tmp_path, "p.json", plan(change("orders")).model_dump_json())
    assert "1 to update" in verdict(note.composed([path], None, tmp_path / "nowhere"))


def test_the_digests_of_the_plan_files_stand_below_the_marker(fleet: Path) -> None:
    """For the apply that counts no other plan; what is no plan has none."""
    path = written(fleet, "p.json", plan().model_dump_json())
    text = note.composed([path, written(fleet, "q.json", "{}")], ["prod"], fleet / "topics")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert text.splitlines()[1] == f"<!-- plans {digest} -->"
    assert plan_digests.read(text) == {digest}


def test_errors_that_the_base_has_are_no_matter_of_this_merge_request(fleet: Path) -> None:
    """What they hold back is counted at the end; without a base it is named."""
    (fleet / "topics/payments/bad.yaml").write_text("topics: [{name: bad, partitions: many}]\n")
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com"]
    for words in (["init", "-q"], ["add", "topics"], ["commit", "-q", "-m", "x"], ["tag", "base"]):
        subprocess.run([*git, *words], cwd=fleet, check=True)
    reason = "'partitions' must be a whole number, is 'many'"
    place = {"file": "topics/payments/bad.yaml", "line": 1, "column": 1}
    back = {"kind": "topic", "name": "bad", "destination": "", "owner": "payments", "check": "schema/value"}
    made = plan(held_back=[back | {"place": place, "reason": reason}])
    path = written(fleet, "p.json", made.model_dump_json())
    assert "1 held back on prod" in verdict(composed(fleet, path, expect=["prod"]))
    text = note.composed([path], ["prod"], Path("topics"), ref="base")
    assert text.splitlines()[3:] == ["**Plan: no changes on prod.** 1 held back for errors that the base has."]
    (fleet / "topics/payments/bad.yaml").write_text("topics: [{name: bad, partitions: many}] # touched\n")
    assert "1 held back on prod" in verdict(note.composed([path], ["prod"], Path("topics"), ref="base"))
