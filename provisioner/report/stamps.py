"""Which run applied something: the commit, the merge request, the run, the time; in a line and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from provisioner.printable import cut
from provisioner.reconcile.entry import Stamp

RUN = ("merge_request", "user", "pipeline", "job")


def stamped(stamp: Stamp) -> str:
    """`45d0c32af4af 2026-11-29T03:07, merge request 7, by jo, https://...`; empty where nothing is known."""
    when = f"{(stamp.commit or '')[:12]} {stamp.at[:16]}".strip()
    return ", ".join(filter(None, (when, *run_parts(stamp))))


def run_parts(stamp: Stamp) -> Iterator[str]:
    """What is known of the run, in words."""
    run = stamp.run
    if "merge_request" in run:
        yield f"merge request {cut(run['merge_request'])}"
    if "user" in run:
        yield f"by {cut(run['user'])}"
    if "pipeline" in run:
        yield cut(run["pipeline"])
    if "files" in run:
        yield f"files {cut(run['files'])}"


def stamp_document(stamp: Stamp) -> dict[str, Any] | None:
    """None where nothing is known."""
    if not (stamp.commit or stamp.at):
        return None
    return {"commit": stamp.commit, "at": stamp.at, **{word: stamp.run.get(word) for word in RUN}}
