"""The docs say what the program does: every check, hazard and command has its words, and the tables are fresh."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from provisioner import cli
from provisioner.catalog import wording
from provisioner.catalog.topic_config import CONFIG_KEYS, THROTTLES
from provisioner.commands import fleet
from provisioner.kinds.hazard_table import HAZARDS, SAFE
from provisioner.kinds.topic_hazards import SLUGS
from provisioner.reconcile import entry

ROOT = Path(__file__).parents[1]
SOURCES = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "provisioner").rglob("*.py")))
THEMES = "files|schema|teams|topics|consumers|clusters|names|durability|configs|lag|consents|rules|alerts"
CHECKS = sorted(
    {*re.findall(rf'"((?:{THEMES})/[a-z-]+)"', SOURCES)}
    | {f"yaml/{name}" for name in re.findall(r'_(?:problem|damage)\(\s*(?:loc,\s*)?"([a-z-]+)"', SOURCES)}
    | {"yaml/syntax", "yaml/encoding"}
)
SCENARIOS = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests/scenarios").glob("*/expected.txt"))
NOT_IN_SCENARIOS = {
    *(
        "files/link",
        "files/kind",
        "files/unreadable",
        "files/missing",
        "files/too-many",
        "files/too-large",
        "files/more",
        "yaml/key",
    ),
    "topics/too-many",
}
"""What a checked-out file cannot be, or what nobody would read; tests/catalog has these."""


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_has_its_row(check: str) -> None:
    """By the name that the output shows."""
    assert f"`{check}`" in page("checks.md")


@pytest.mark.parametrize("check", sorted(set(CHECKS) - NOT_IN_SCENARIOS))
def test_every_check_is_seen_in_a_scenario(check: str) -> None:
    """So that its message has been read by a person."""
    assert f"({check})" in SCENARIOS


def test_no_check_is_described_that_does_not_exist() -> None:
    """A page that promises more than the program does is wrong too."""
    described = set(re.findall(rf"`((?:yaml|{THEMES})/[a-z-]+)`", page("checks.md")))
    assert described - set(CHECKS) == set()


ASKING = {*SLUGS, *(row.slug for row in HAZARDS if row.asks), "external-missing"}


@pytest.mark.parametrize("slug", sorted(ASKING))
def test_every_hazard_is_described_and_seen(slug: str) -> None:
    """In docs/hazards.md and in a scenario."""
    assert f"`{slug}`" in page("hazards.md")
    assert f"! {slug}: " in SCENARIOS


def test_every_config_has_a_class_in_both_directions() -> None:
    """Dangerous, costly or safe: no key of Kafka's is forgotten, and none is made up."""
    judged = {row.field.removeprefix("config.") for row in HAZARDS if row.field.startswith("config.")}
    assert judged | SAFE | THROTTLES == set(CONFIG_KEYS)
    assert not judged & (SAFE | THROTTLES)


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_and_option_has_its_page(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One page a command, naming each of its own options."""
    with pytest.raises(SystemExit):
        cli.main([command, "--help"])
    options = set(re.findall(r"(?<![\w-])--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    text = page(f"commands/{command}.md") + (
        page("commands/plan.md") if "Options as of `plan`" in page(f"commands/{command}.md") else ""
    )
    assert {option for option in options if option not in text} == set()


def test_tables_in_the_docs_are_fresh(tmp_path: Path) -> None:
    """`python scripts/docs.py` would change nothing."""
    sys.path.insert(0, str(ROOT / "scripts"))
    import docs

    for name, table in docs.PAGES.items():
        text = (ROOT / name).read_text("utf-8")
        assert docs.with_table(text, table()) == text
    assert (ROOT / docs.SCHEMA).read_text("utf-8") == docs.schema()
    for name, text in docs.schemas().items():
        assert (ROOT / name).read_text("utf-8") == text


def test_the_entry_of_the_record_on_its_page_is_one() -> None:
    """And its table has each field that an entry can have, but for what alerts and dashboards have in place of it."""
    text = page("record.md")
    block = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert block
    entry.parsed(block[1].encode())
    shown, rendered = set(json.loads(block[1])), {"inputs", "written"}
    assert shown | rendered == {"version", *entry.Applied.__slots__, *entry.Stamp.__slots__} - {"stamp"}
    assert [name for name in (*shown, *rendered) if f"`{name}`" not in text] == []


ROWS = re.compile(r"\btest_row_\w+")
VERDICTS = ROOT / "tests/reconcile/test_verdict.py"


def test_every_row_of_the_table_of_verdicts_is_a_test() -> None:
    """And the other way round, by name."""
    rows = ROWS.findall(page("decisions/0009-a-record-says-what-was-applied.md"))
    assert len(rows) == len(set(rows))
    assert set(rows) == set(ROWS.findall(VERDICTS.read_text("utf-8")))


def test_links_between_pages_lead_somewhere() -> None:
    """Relative ones."""
    for source in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", source.read_text("utf-8")):
            assert (source.parent / target).exists(), f"{source.name}: {target}"


def test_the_readmes_first_topic_is_valid(tmp_path: Path) -> None:
    """The files of the first five minutes, as printed."""
    blocks = re.findall(r"```yaml\n# (topics/\S+)\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 2
    for name, text in blocks:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    cluster = re.search(r"```yaml\n(clusters:.*?)```", page("clusters.md"), re.DOTALL)
    assert cluster
    (tmp_path / "topics/clusters.yaml").write_text(cluster[1])
    done = subprocess.run(
        [sys.executable, "-m", "provisioner", "validate"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def snippets() -> list[tuple[str, str]]:
    """Every example of topics and consumers on any page."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    blocks = [
        (path.name, text)
        for path in pages
        for text in re.findall(r"```yaml\n(.*?)```", path.read_text("utf-8"), re.DOTALL)
    ]
    return [(name, text) for name, text in blocks if re.match(r"(#[^\n]*\n)*(topics|consumers):", text)]


@pytest.mark.parametrize(("name", "text"), snippets(), ids=[name for name, _ in snippets()])
def test_every_example_on_a_page_is_valid(name: str, text: str, tmp_path: Path) -> None:
    """As printed, in a team's folder; the topics of its consumers may stand in another example."""
    folder = tmp_path / "topics"
    (folder / "payments").mkdir(parents=True)
    (folder / "clusters.yaml").write_text("clusters:\n  prod: {bootstrap: kafka:9092}\n")
    (folder / "payments/team.yaml").write_text('chat: "#payments"\n')
    (folder / "payments/example.yaml").write_text(text)
    wrong = [problem for problem in fleet.read(folder).problems if problem.check != "consumers/unknown-topic"]
    assert [f"{problem.span} {problem.message}" for problem in wrong] == []


def test_the_repository_names_no_registry_host() -> None:
    """Packages come by name; where from is the reader's business."""
    locks = sorted((ROOT / "provisioner/sandbox/locks").iterdir())
    for path in (*(ROOT / name for name in ("requirements.txt", "requirements-dev.txt", "pyproject.toml")), *locks):
        assert "://" not in path.read_text("utf-8"), path


def test_the_readme_says_which_kafka_is_supported() -> None:
    """From the oldest to the newest whose configs are known."""
    assert f"Kafka {wording.OLDEST} to {wording.NEWEST}" in (ROOT / "README.md").read_text("utf-8")
