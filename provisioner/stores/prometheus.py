"""Prometheus beside the rule files: promtool looks at them before, a reload makes it take them."""

from __future__ import annotations

import queue
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import requests
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from provisioner import child, trace

RELOAD_SECONDS = 30.0
"""For all servers together, from the first word to the last."""
CHECK_SECONDS = 120
MAX_ANSWER = 64 * 1024
SHOWN = 500


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
    words = (done.stderr or done.stdout).strip() if done.returncode else ""
    return "; ".join(line.strip() for line in words.splitlines() if line.strip())


def reload(addresses: Sequence[str], proxy: str | None = None) -> str | None:
    """Tell every server to read its rules again. Returns what went wrong at the first that did not, or None.

    A server that has not answered in time, to the end, has not confirmed. No redirect is followed, and no proxy is
    used but the one named.
    """
    answers: queue.Queue[tuple[str, str | None]] = queue.Queue()
    servers = dict.fromkeys(addresses)
    for address in servers:
        # A thread, since a time-out of requests begins anew with each byte that a server lets drip.
        work = lambda server=address: answers.put((server, _reload(server.rstrip("/"), proxy)))  # noqa: E731
        threading.Thread(target=work, daemon=True).start()
    confirmed = _collected(answers, len(servers))
    late = f"did not confirm within {RELOAD_SECONDS:.0f} s that it took the rules"
    return next((why for each in servers if (why := confirmed.get(each, f"{each} {late}"))), None)


def _collected(answers: queue.Queue[tuple[str, str | None]], count: int) -> dict[str, str | None]:
    """What came in time."""
    confirmed: dict[str, str | None] = {}
    deadline = time.monotonic() + RELOAD_SECONDS
    while len(confirmed) < count and (left := deadline - time.monotonic()) > 0:
        try:
            address, why = answers.get(timeout=left)
        except queue.Empty:
            break
        confirmed[address] = why
    return confirmed


def _reload(address: str, proxy: str | None) -> str | None:
    again = Retrying(
        retry=retry_if_exception_type(requests.ConnectionError),
        stop=stop_after_attempt(3),
        wait=wait_random_exponential(0.5, 3),
        reraise=True,
    )
    try:
        return again(_posted, address, proxy)
    except (requests.RequestException, OSError) as error:
        return f"{address} cannot be reached to reload its rules ({type(error).__name__})"


def _posted(address: str, proxy: str | None) -> str | None:
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"http": proxy, "https": proxy} if proxy else {}
        with (
            trace.asked(address, "POST /-/reload"),
            session.post(f"{address}/-/reload", timeout=RELOAD_SECONDS, allow_redirects=False, stream=True) as answer,
        ):
            words = next(answer.iter_content(MAX_ANSWER), b"").decode(errors="replace").strip()
    if 200 <= answer.status_code < 300:
        return None
    if 300 <= answer.status_code < 400:
        return f"{address} answers with a redirect, which is not followed: name the server itself under reload:"
    return f"{address} did not take the rules: {words[:SHOWN] or answer.status_code}"
