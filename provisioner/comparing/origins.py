"""Which template an alert comes from: by its name, and by whether it is one consumer's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from provisioner.templates import Scope, Template

Origins = Mapping[tuple[str, bool], str]
"""Name of an alert, and whether it is about one consumer group -> name of its template."""


def origins(templates: Iterable[Template]) -> Origins:
    """Of these alert templates. One whose alert's name is an expression is left out; two of one name are named both."""
    found: dict[tuple[str, bool], list[str]] = {}
    for template in templates:
        data = template.source.yaml[0].data
        alert = data["rule"].get("alert") if isinstance(data, dict) else None
        if isinstance(alert, str) and "<<" not in alert:
            found.setdefault((alert, template.scope is Scope.CONSUMER), []).append(template.name)
    return {key: " or ".join(names) for key, names in found.items()}
