"""How a topic's name may stand in the texts that are made for it."""

from __future__ import annotations

from provisioner.kinds import dashboard_links


def spellings(name: str, cluster: str) -> tuple[str, ...]:
    """Plain, as part of a regular expression in PromQL, and as a dashboard's id."""
    return name, name.replace(".", r"\\."), name.replace(".", r"\."), dashboard_links.uid(cluster, name)
