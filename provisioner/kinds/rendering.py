"""Rendering many topics with a few templates: one that fails is told of once, and the others go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from provisioner.catalog.model import Catalog
from provisioner.errors import InputError
from provisioner.problem import Problem
from provisioner.profiles import NAMES, Profile, named
from provisioner.templates import Template
from provisioner.templates.budget import Clock


@dataclass(slots=True)
class Rendering:
    """The renderings of one cluster: the time they share, and what went wrong so far, by template."""

    cluster: str
    clock: Clock
    problems: dict[str, list[Problem]] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)

    def render(self, template: Template, topic: str, names: Mapping[str, Any]) -> Any:
        """The template's data for a topic; None if it does not apply, or has failed before."""
        if template.name in self.problems:
            return None
        try:
            return template.render(names, self.clock)
        except InputError as error:
            whose = f" (for topic {topic!r} of cluster {self.cluster!r})"
            self.problems[template.name] = [replace(one, message=one.message + whose) for one in error.problems]
            self.sources.update(error.sources)
            return None

    def finish(self) -> None:
        """Raises InputError with every problem there was."""
        if self.problems:
            raise InputError([problem for found in self.problems.values() for problem in found], self.sources)


def profile_of(catalog: Catalog) -> Profile:
    """The cluster's metric profile. Raises InputError if there is none of that name."""
    name = catalog.cluster.metrics.profile
    if name in NAMES:
        return named(name)
    span = catalog.cluster.places.get("metrics.profile", catalog.cluster.span)
    raise InputError([Problem("profile", f"there is no profile {name!r}", span, f"known: {', '.join(NAMES)}")], {})
