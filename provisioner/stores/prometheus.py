"""Prometheus beside the rule files: promtool looks at them before, a reload makes it take them."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import requests
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

RELOAD_SECONDS = 60
CHECK_SECONDS = 120


def complaints(files: Mapping[str, str]) -> dict[str, str]:
    """File name -> what promtool says against it. Empty where promtool is not installed: the reload decides then."""
    promtool = shutil.which("promtool")
    if not promtool or not files:
        return {}
    with tempfile.TemporaryDirectory(prefix="provisioner-") as folder:
        for name, text in files.items():
            (Path(folder) / name).write_text(text, "utf-8")
        if not _said(promtool, [str(Path(folder) / name) for name in files]):
            return {}
        each = {name: _said(promtool, [str(Path(folder) / name)]) for name in files}
    return {name: said.replace(f"{folder}/", "") for name, said in each.items() if said}


def _said(promtool: str, paths: Sequence[str]) -> str:
    done = subprocess.run(  # noqa: S603 - a fixed command over files that we just wrote
        [promtool, "check", "rules", *paths], capture_output=True, text=True, timeout=CHECK_SECONDS, check=False
    )
    return (done.stderr or done.stdout).strip() if done.returncode else ""


def reload(addresses: Sequence[str]) -> str | None:
    """Tell every server to read its rules again. Returns what went wrong at the first that did not, or None."""
    for address in addresses:
        if why := _reload(address.rstrip("/")):
            return why
    return None


def _reload(address: str) -> str | None:
    again = Retrying(
        retry=retry_if_exception_type(requests.ConnectionError),
        stop=stop_after_attempt(3),
        wait=wait_random_exponential(0.5, 3),
        reraise=True,
    )
    try:
        answer = again(requests.post, f"{address}/-/reload", timeout=RELOAD_SECONDS)
    except requests.RequestException as error:
        return f"{address} cannot be reached to reload its rules ({type(error).__name__})"
    if answer.ok:
        return None
    return f"{address} did not take the rules: {answer.text.strip()[:500] or answer.status_code}"
