"""Shelf 3: what a thing is. Pure: how it is derived from the catalog, reads as fields, and what is dangerous about it.

To add one: a module with NAME, a resource, `wanted` and `hazards`; its line in KINDS; its store's line in wiring.
"""

from __future__ import annotations

from types import ModuleType

from provisioner.kinds import alerts, dashboard, topic

KINDS: tuple[ModuleType, ...] = (topic, alerts, dashboard)
"""In the order of applying: a topic before its alerts, both before the dashboard. Deletions go the other way."""
