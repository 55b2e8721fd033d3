"""Shelf 3: what a thing is. Pure: how it is derived from the catalog, reads as fields, and what is dangerous about it.

To add one: a module with a resource and its Kind; its line in KINDS; its store's line in wiring.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.kinds.alerts import ALERTS
from provisioner.kinds.dashboard import DASHBOARDS
from provisioner.kinds.kind import Kind
from provisioner.kinds.topic import TOPICS

__all__ = ["ALERTS", "DASHBOARDS", "KINDS", "TOPICS"]

KINDS: Mapping[str, Kind[Any]] = {kind.lane: kind for kind in (TOPICS, ALERTS, DASHBOARDS)}
"""By the words of --lane, in the order of applying: a topic before its alerts, both before the dashboard.

Deletions go the other way.
"""
