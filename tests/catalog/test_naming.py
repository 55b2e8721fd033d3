"""Names of clusters and teams become folders, file names and git refs: what none of these can be is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from provisioner.catalog import catalog, folder
from provisioner.catalog.naming import refusal
from provisioner.report import problems

GOOD = ["prod", "a", "0", "eu-west-1.prod_2", "A" * 63, "a.lock.b"]
BAD = [
    *(
        "",
        ".",
        "..",
        "a..b",
        "../a",
        "/etc",
        "a/b",
        "a\\b",
        ".hidden",
        "-x",
        "_x",
        "a b",
        "a\n",
        "a\x1b[31m",
        "prod.lock",
    ),
    *("A" * 64, "日本", "é", "a\u202eb", "a\ud800", "٣"),
]


@pytest.mark.parametrize("name", GOOD)
def test_letters_digits_dot_underscore_and_hyphen_make_a_name(name: str) -> None:
    """A letter or a digit first, 63 at most."""
    assert refusal(name) == ""


@pytest.mark.parametrize("name", BAD, ids=ascii)
def test_anything_else_is_no_name(name: str) -> None:
    """It would lead out of a folder, be hidden in one, or be refused by git or by a disk."""
    assert refusal(name)


@pytest.mark.parametrize("name", [name for name in BAD if name.isprintable()])
def test_a_cluster_that_cannot_be_called_so_has_no_catalog(name: str, tmp_path: Path) -> None:
    """So nothing of it is ever planned or rendered; other clusters are."""
    (tmp_path / "clusters.yaml").write_text(
        f"clusters: {{'{name}': {{bootstrap: 'k:1'}}, prod: {{bootstrap: 'k:1', default: true}}}}\n", "utf-8"
    )
    declarations = folder.read(tmp_path)
    assert [problem.check for problem in declarations.problems] == ["clusters/name"]
    assert list(catalog.catalogs(declarations)[0]) == ["prod"]


@pytest.mark.parametrize("name", [b"pay\nPlan: fine", b"p\xffy", b"a b", b"x.lock", "日".encode() * 70, b"pay\x1b[2K"])
def test_a_team_that_cannot_be_called_so_has_no_topics(name: bytes, tmp_path: Path) -> None:
    """The folder is named once, in signs that every terminal and every JSON can hold."""
    team = tmp_path / os.fsdecode(name)
    try:
        team.mkdir()
    except OSError:
        pytest.skip("no such name on this disk")
    (tmp_path / "clusters.yaml").write_text("clusters: {prod: {bootstrap: 'k:1'}}\n")
    for file in ("a.yaml", "b.yaml", "team.yaml"):
        (team / file).write_text("topics: [{name: a}]\n")
    declarations = folder.read(tmp_path)
    assert [problem.check for problem in declarations.problems] == ["teams/name"]
    assert (declarations.topics, declarations.teams) == ([], {})
    text = "".join(line.plain for line in problems.lines(declarations.problems, declarations.sources))
    text += json.dumps(problems.document(declarations.problems), ensure_ascii=False)
    assert text.encode()
    assert "\x1b" not in text


@pytest.mark.parametrize("name", [b"p\xffy.yaml", b"a\nb.yaml", b"a\x1b[2K.yaml"])
def test_a_file_may_be_called_anything(name: bytes, tmp_path: Path) -> None:
    """Its problems name it in signs that can be printed."""
    (tmp_path / "pay").mkdir()
    (tmp_path / "clusters.yaml").write_text("clusters: {prod: {bootstrap: 'k:1'}}\n")
    (tmp_path / "pay/team.yaml").write_text("chat: '#pay'\n")
    (tmp_path / "pay" / os.fsdecode(name)).write_text("topics: [{nam: a}]\n")
    declarations = folder.read(tmp_path)
    paths = {problem.span.path for problem in declarations.problems}
    assert paths <= set(declarations.sources)
    assert all(path.isprintable() and path.encode() for path in paths)
