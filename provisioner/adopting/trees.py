"""What is to be changed in a text, as a tree of its keys; and as YAML on one line."""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.catalog.places import Loc, Step

Change = Mapping[Loc, str | None]
"""Location -> the value as YAML, None: the pair goes."""

Tree = dict[Step, "Tree | str | None"]


def flow(tree: Tree | str | None) -> str:
    """As YAML on one line."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{key}: {flow(value)}" for key, value in tree.items()) + "}"
    return tree or ""


def pasted(changes: Change) -> str:
    """What an entry would say, to be pasted; the locations are below it."""
    return "\n".join(f"{key}: {flow(value)}" for key, value in tree_of(changes).items())


def tree_of(changes: Change) -> Tree:
    """Locations that begin alike share a branch."""
    tree: Tree = {}
    for loc, value in changes.items():
        inner = tree
        for step in loc[:-1]:
            below = inner.setdefault(step, {})
            assert isinstance(below, dict)
            inner = below
        inner[loc[-1]] = value
    return tree


def kept(tree: Tree | str | None) -> Tree | str | None:
    """What there is to write, without what is to go: that is not there."""
    if not isinstance(tree, dict):
        return tree
    inner = {key: kept(value) for key, value in tree.items()}
    return {key: value for key, value in inner.items() if value is not None and value != {}}
