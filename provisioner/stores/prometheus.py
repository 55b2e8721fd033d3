"""Prometheus beside the rule files: promtool looks at them before, a reload makes it take them."""

from __future__ import annotations

import queue
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import requests
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from provisioner import child, trace

RELOAD_SECONDS = 30.0
"""For all servers together, from the first word to the last."""
CHECK_SECONDS = 120
MAX_ANSWER = 64 * 1024
SHOWN = 500
COMPLAINTS = 3
"""Of promtool about one file: a wrong template makes one of each topic."""
_FAILED = "FAILED:"
"""The line above promtool's complaints."""


A = TypeVar("A")


def complaints(files: Mapping[str, str]) -> dict[str, str]:
    """File name -> what promtool says against it. Empty where promtool is not installed: the reload decides then."""
    promtool = shutil.which("promtool")
    if not promtool or not files:
        return {}
    with tempfile.TemporaryDirectory(prefix="provisioner-") as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text, "utf-8")
        if not _complaint(promtool, [str(Path(folder) / name) for name in files]):
            return {}
        each = {name: _complaint(promtool, [str(Path(folder) / name)]) for name in files}
    return {name: why.replace(f"{folder}/", "") for name, why in each.items() if why}


def _complaint(promtool: str, paths: Sequence[str]) -> str:
    """What promtool says against these files, in one line."""
    try:
        with trace.asked("promtool", f"check rules, {len(paths)} files"):
            done = subprocess.run(  # noqa: S603 - a fixed command over files that we just wrote
                [promtool, "check", "rules", *paths],
                env=child.environment(),
                capture_output=True,
                text=True,
                errors="replace",
                timeout=CHECK_SECONDS,
                check=False,
            )
    except subprocess.TimeoutExpired:
        return f"promtool gave no answer in {CHECK_SECONDS} s"
    words = (done.stderr or done.stdout) if done.returncode else ""
    lines = [line.strip() for line in words.splitlines() if line.strip() and line.strip() != _FAILED]
    more = len(lines) - COMPLAINTS
    return "; ".join([*lines[:COMPLAINTS], *([f"and {more} more"] if more > 0 else [])])


@dataclass(frozen=True, slots=True)
class Reloaded:
    """Which servers took the rules; what the others said, or that they said nothing, in words."""

    taken: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()


class _SilentError(Exception):
    """A server that gave no answer to the end."""


class _RefusedError(Exception):
    """A server that answered, and did not take the rules."""


def reload(addresses: Sequence[str], proxy: str | None = None) -> Reloaded:
    """Tell every server to read its rules again.

    One that has not answered in time, to the end, has not confirmed. No redirect is followed, and no proxy is used but
    the one named.
    """
    servers = dict.fromkeys(addresses)
    work = {each: partial(_reload, each.rstrip("/"), proxy) for each in servers}
    confirmed = in_time(work, RELOAD_SECONDS)
    late = f"did not confirm within {RELOAD_SECONDS:.0f} s that it took the rules"
    said = {each: confirmed.get(each, _SilentError(f"{each} {late}")) for each in servers}
    return Reloaded(
        tuple(each for each, why in said.items() if why is None),
        tuple(str(why) for why in said.values() if isinstance(why, _RefusedError)),
        tuple(str(why) for why in said.values() if isinstance(why, _SilentError)),
    )


def in_time(work: Mapping[str, Callable[[], A]], seconds: float) -> dict[str, A]:
    """Do all at once; what has an answer in time.

    In threads, since a time-out of requests begins anew with each byte that a server lets drip.
    """
    answers: queue.Queue[tuple[str, A]] = queue.Queue()
    for name, task in work.items():
        threading.Thread(target=lambda n=name, t=task: answers.put((n, t())), daemon=True).start()
    done: dict[str, A] = {}
    deadline = time.monotonic() + seconds
    while len(done) < len(work) and (left := deadline - time.monotonic()) > 0:
        try:
            name, answer = answers.get(timeout=left)
        except queue.Empty:
            break
        done[name] = answer
    return done


def _reload(address: str, proxy: str | None) -> Exception | None:
    again = Retrying(
        retry=retry_if_exception_type(requests.ConnectionError),
        stop=stop_after_attempt(3),
        wait=wait_random_exponential(0.5, 3),
        reraise=True,
    )
    try:
        again(_posted, address, proxy)
    except _RefusedError as error:
        return error
    except (requests.RequestException, OSError) as error:
        return _SilentError(f"{address} cannot be reached to reload its rules ({type(error).__name__})")
    return None


def _posted(address: str, proxy: str | None) -> None:
    with (
        trace.asked(address, "POST /-/reload"),
        session(proxy) as asking,
        asking.post(f"{address}/-/reload", timeout=RELOAD_SECONDS, allow_redirects=False, stream=True) as answer,
    ):
        words = next(answer.iter_content(MAX_ANSWER), b"").decode(errors="replace").strip()
    if 300 <= answer.status_code < 400:
        what = "answers with a redirect, which is not followed: name the server itself under reload:"
        raise _RefusedError(f"{address} {what}")
    if not 200 <= answer.status_code < 300:
        raise _RefusedError(f"{address} did not take the rules: {words[:SHOWN] or answer.status_code}")


def session(proxy: str | None) -> requests.Session:
    """One that uses no proxy, and no password, of the environment."""
    made = requests.Session()
    made.trust_env = False
    made.proxies = {"http": proxy, "https": proxy} if proxy else {}
    return made
