"""Profiles of the user's own: which there are, what is said of wrong ones, and what is rendered with the others."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path

import promql_parser
import pytest

from provisioner.catalog.documents import MAX_BYTES
from provisioner.checks import Context as CheckContext
from provisioner.checks.clusters import unknown_profile
from provisioner.errors import InputError
from provisioner.kinds import ALERTS, DASHBOARDS
from provisioner.kinds.kind import Context
from provisioner.profiles import NAMES, Profiles, named
from provisioner.profiles.files import FOLDER, LONGEST, parsed
from provisioner.profiles.metric import SHAPES
from provisioner.settings import Settings, from_environment
from provisioner.templates import Templates, load, read
from tests import declared

HEAD = "name: mine\nsummary: Mine.\nknown_from: run\nlabels: {topic: t, partition: p, group: g}\n"
MINE = HEAD + "metrics: {log_end: my_end, committed: my_committed}\n"


def loaded(place: Path, **files: str) -> Templates:
    """With these profiles, each in its file."""
    for name, text in files.items():
        (place / f"{name}.yaml").write_text(text, "utf-8")
    return read(None, None, place)


def expressions(templates: Templates, profile: str) -> list[str]:
    """Of the alerts of a topic with a consumer."""
    made = declared.catalog(consumers=declared.BILLING, metrics={"profile": profile})
    return [rule["expr"] for rule in declared.sets(made, templates)["orders.v1"].rules]


def test_a_file_adds_a_profile(tmp_path: Path) -> None:
    """Beside the shipped ones, and rules are made of its metrics."""
    templates = loaded(tmp_path, mine=MINE)
    assert templates.profiles.names == tuple(sorted([*NAMES, "mine"]))
    assert templates.wrong == ()
    found = expressions(templates, "mine")
    assert found
    assert all("my_" in expression for expression in found)


def test_a_file_of_a_shipped_name_wins(tmp_path: Path) -> None:
    """One who renames metrics on the way to Prometheus writes the whole file anew."""
    text = (FOLDER / "kminion.yaml").read_text("utf-8").replace("kminion_kafka_", "relabelled_")
    own = expressions(loaded(tmp_path, kminion=text), "kminion")
    assert own == [each.replace("kminion_kafka_", "relabelled_") for each in expressions(load(), "kminion")]
    assert "relabelled_" in own[0]


def test_a_folder_that_is_not_there_and_other_files_are_no_profiles(tmp_path: Path) -> None:
    """Hidden files are an editor's."""
    (tmp_path / "README.md").write_text("x")
    (tmp_path / ".mine.yaml").write_text("x")
    assert read(None, None, tmp_path).profiles == read(None, None, tmp_path / "nope").profiles == Profiles()


def test_the_folder_lies_beside_those_of_templates() -> None:
    """Or where PROVISIONER_PROFILES says."""
    assert Settings().templates == (Path("alert_templates"), Path("dashboards"), Path("profiles"))
    assert from_environment({"PROVISIONER_PROFILES": "/p"}).templates[2] == Path("/p")


@pytest.mark.parametrize(
    ("text", "said", "place"),
    [
        (MINE.replace("mine", "other", 1), "'other' is not the file's name", (1, 7)),
        (MINE.replace("group: g", "group: t"), "'t' is the label of the topic already", (4, 41)),
        (MINE.replace("group: g", "group: topic"), "'topic' is the label of alerts", (4, 41)),
        (MINE.replace("group: g", "group: __name__"), "'__name__' is no label name", (4, 41)),
        (MINE.replace("group: g", "group: a:b"), "'a:b' is no label name", (4, 41)),
        (MINE.replace("group: g", f"group: {'g' * (LONGEST + 1)}"), "is no label name", (4, 41)),
        (MINE.replace("my_end", "m" * (LONGEST + 1)), "is no metric name", (5, 20)),
        (MINE.replace("my_end", "Inf"), "'Inf' is no metric name", (5, 20)),
    ],
)
def test_a_wrong_one_is_explained_at_its_place(text: str, said: str, place: tuple[int, int]) -> None:
    """What everyone else would find out from empty panels."""
    profile, (problem, *more) = parsed("profiles/mine.yaml", text.encode())
    assert (profile, more) == (None, [])
    assert said in problem.message
    assert (problem.span.line, problem.span.column) == place


def test_of_too_many_metrics_no_one_is_looked_at() -> None:
    """Ten thousand that nobody knows."""
    text = HEAD + "metrics:\n" + "".join(f"  nope{number}: a\n" for number in range(10_000))
    (problem,) = parsed("profiles/mine.yaml", text.encode())[1]
    assert (problem.check, problem.span.line) == ("schema/value", 6)


@pytest.mark.parametrize("name", ["two words", "x" * 61, 'x"y'])
def test_a_profile_has_a_name_that_can_be_written_anywhere(tmp_path: Path, name: str) -> None:
    """Plans name it."""
    found = loaded(tmp_path, **{name: MINE.replace("mine", json.dumps(name), 1)})
    assert [problem.message for problem in found.wrong] == ["the file's name is none for a profile"]


def test_a_file_that_is_not_read_governs_the_profile_of_its_name(tmp_path: Path) -> None:
    """A link and one that is too large; the shipped one is not taken in its place."""
    (tmp_path / "kminion.yaml").symlink_to("/proc/self/environ")
    (tmp_path / "mine.yaml").write_text("#" * (MAX_BYTES + 1))
    found = read(None, None, tmp_path).profiles
    assert [problem.message for problem in found.faults("kminion")] == ["a link is not followed here"]
    assert "more than 1 MiB" in found.faults("mine")[0].message
    assert found.faults("kafka_exporter") == ()
    assert set(found.governed()) == {*found.faults("kminion"), *found.faults("mine")}


def test_a_folder_that_is_not_read_governs_every_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any of them may be another one there; and none is called unknown."""
    (tmp_path / "here").mkdir()
    (tmp_path / "outside").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    Path("profiles").symlink_to("../outside")
    found = read(None, None, Path("profiles")).profiles
    assert [problem.check for problem in found.faults("kafka_exporter")] == ["profile"]
    assert found.has("anything")


def test_what_a_wrong_profile_governs_is_that_of_its_clusters(tmp_path: Path) -> None:
    """Of both kinds; nothing is remarked on what nobody knows, and what there would be has its names."""
    context = Context(loaded(tmp_path, mine=HEAD))
    mine, other = (declared.catalog(metrics={"profile": profile}) for profile in ("mine", "kminion"))
    for kind in (ALERTS, DASHBOARDS):
        assert [problem.message for problem in kind.wrong(context, mine)] == ["'metrics' is missing"]
        assert kind.wrong(context, other) == ()
        assert kind.wrong(context) == ()
        assert list(kind.remarks(mine, context)) == []
        assert list(kind.wanted(mine, context)) == ["orders.v1"]


def test_rendering_takes_no_wrong_one(tmp_path: Path) -> None:
    """`render` and `validate` end with it."""
    loaded(tmp_path, mine=HEAD)
    with pytest.raises(InputError) as raised:
        load(None, None, tmp_path)
    assert [problem.message for problem in raised.value.problems] == ["'metrics' is missing"]
    assert list(raised.value.sources.values())[-1] == HEAD


def digests(templates: Templates, profile: str = "mine") -> list[str]:
    """Of what the alerts and the board of a topic are made of; then, of that, what the users wrote."""
    made = declared.catalog(metrics={"profile": profile})
    found = [kind.wanted(made, Context(templates))["orders.v1"] for kind in (ALERTS, DASHBOARDS)]
    return [*(each.inputs for each in found), *(each.declared for each in found)]


@pytest.mark.parametrize(("old", "new"), [("my_end", "your_end"), ("topic: t,", "topic: x,"), ("run", "documents")])
def test_another_profile_is_another_ingredient(tmp_path: Path, old: str, new: str) -> None:
    """All that is rendered with it is rendered anew, and it is the users' own change; a comment is none."""
    text = HEAD + "metrics: {log_end: my_end, log_start: s, committed: c, lag: l}\n"
    before = digests(loaded(tmp_path, mine=text))
    assert digests(loaded(tmp_path, mine=text + "# more\n")) == before
    after = digests(loaded(tmp_path, mine=text.replace(old, new)))
    assert [a == b for a, b in zip(before, after, strict=True)] == [False] * 4
    assert digests(load(), "kminion") == digests(loaded(tmp_path, mine=text), "kminion")


def test_a_base_says_as_today_where_its_profiles_do(tmp_path: Path) -> None:
    """Its files lie elsewhere."""
    (tmp_path / "then").mkdir()
    then, now = loaded(tmp_path / "then", mine=MINE), loaded(tmp_path, mine=MINE)
    assert now.says_as(then)
    assert not now.says_as(load())
    assert not loaded(tmp_path, mine=MINE.replace("my_end", "x")).says_as(then)


def test_a_cluster_may_name_ones_own_and_a_slip_is_told(tmp_path: Path) -> None:
    """Where the profiles are not at hand nothing is said of a name."""
    made = tuple(declared.catalog(metrics={"profile": name}) for name in ("mine", "minne"))
    (problem,) = unknown_profile(CheckContext(made, templates=loaded(tmp_path, mine=MINE)))
    assert (problem.message, problem.hint) == ("there is no profile 'minne'", "did you mean 'mine'?")
    assert list(unknown_profile(CheckContext(made))) == []


KNOWN = [known for count in (0, 1, 2) for known in combinations(("in_sync", "leader", "under_replicated"), count)]


@pytest.mark.parametrize(
    "lacking", [(), *((name,) for name in SHAPES), *KNOWN[1:], ("members", "replicas", *KNOWN[-1])]
)
def test_whatever_a_profile_lacks_the_rest_can_be_rendered(tmp_path: Path, lacking: tuple[str, ...]) -> None:
    """Rules are PromQL, and no two panels of a board lie upon each other."""
    metrics = {name: f"my_{name}" for name in SHAPES if name not in lacking}
    templates = loaded(tmp_path, mine=HEAD + f"metrics: {json.dumps(metrics)}\n")
    topic = {**declared.ORDERS, "dead_letter": "orders.v1.dlq"}
    made = declared.catalog(topic, declared.BILLING, metrics={"profile": "mine"}, team="payments")
    for found in declared.sets(made, templates).values():
        for rule in found.rules:
            promql_parser.parse(rule["expr"])
    for want in DASHBOARDS.wanted(made, Context(templates)).values():
        assert want.resource
        _apart(want.resource.text)


def _apart(board: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in json.loads(board)["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not taken & cells, panel["title"]
        assert all(x < 24 for x, _ in cells)
        taken |= cells


def test_the_profile_of_the_documents_is_one() -> None:
    """Whoever copies it has no errors; each meaning stands there."""
    text = (Path(__file__).parents[2] / "docs/alerts.md").read_text("utf-8")
    (block,) = re.findall(r"```yaml\n(# profiles/jmx\.yaml\n.*?)```", text, flags=re.DOTALL)
    profile, problems = parsed("profiles/jmx.yaml", block.encode())
    assert (profile is not None, problems) == (True, [])
    assert [name for name in SHAPES if f"`{name}`" not in text] == []


def test_every_shipped_one_says_what_it_is_known_from() -> None:
    """The alerts of the others are warnings at most."""
    assert {name for name in NAMES if named(name).is_run} == {"kafka_exporter", "kminion"}
