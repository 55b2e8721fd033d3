"""Whether a Prometheus has the rules of our files: a reload succeeds as well where rule_files: names another folder."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import requests

from provisioner import trace
from provisioner.stores.prometheus import in_time, session

LISTING_SECONDS = 30.0
"""For all servers together. A reload of Prometheus itself is over when it answers; who stands in front may be late."""
PAUSE_SECONDS = 1.0
ANSWER_SECONDS = 10.0
MAX_ANSWER = 256 * 1024 * 1024


def lacking(addresses: Sequence[str], wanted: Mapping[str, int], proxy: str | None = None) -> str | None:
    """Why a server does not have all rules, or None. `wanted`: name of a rule file -> how many rules it holds."""
    work = {each: partial(_lacking, each.rstrip("/"), wanted, proxy) for each in addresses}
    answers = in_time(work, LISTING_SECONDS + ANSWER_SECONDS)
    late = "was reloaded, and did not list its rules in time"
    return next((why for each in addresses if (why := answers.get(each, f"{each} {late}"))), None)


def _lacking(address: str, wanted: Mapping[str, int], proxy: str | None) -> str | None:
    deadline = time.monotonic() + LISTING_SECONDS
    while (why := _look(address, wanted, proxy)) and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
    return why


def _look(address: str, wanted: Mapping[str, int], proxy: str | None) -> str | None:
    try:
        listed = _listed(address, proxy)
    except (requests.RequestException, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        return f"{address} was reloaded, and does not say which rules it has (/api/v1/rules: {type(error).__name__})"
    missing = [name for name, count in wanted.items() if listed[name] != count]
    what = f"{address} was reloaded, and does not have the rules of {', '.join(missing[:1])}"
    return f"{what}: does its rule_files: name the folder?" if missing else None


def _listed(address: str, proxy: str | None) -> Counter[str]:
    """The name of each rule file that the server reads, and the number of its rules in all groups."""
    listed: Counter[str] = Counter()
    for group in _answer(address, proxy)["data"]["groups"]:
        listed[str(group["file"]).rsplit("/", 1)[-1]] += len(group["rules"])
    return listed


def _answer(address: str, proxy: str | None) -> Any:
    """The server's whole answer, up to a size."""
    text = bytearray()
    with (
        trace.asked(address, "GET /api/v1/rules"),
        session(proxy) as asking,
        asking.get(f"{address}/api/v1/rules", timeout=ANSWER_SECONDS, allow_redirects=False, stream=True) as answer,
    ):
        answer.raise_for_status()
        for part in answer.iter_content(1024 * 1024):
            text += part
            if len(text) > MAX_ANSWER:
                raise ValueError("the answer does not end")
    return json.loads(text)
