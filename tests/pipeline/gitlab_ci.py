"""GitLab's pipelines run on this machine, by gitlab-ci-local: which jobs an event starts, and what they say.

Its exit code says nothing where a job may fail, so the summary that it prints is read. In GitLab a merge request's
pipeline has no CI_COMMIT_BRANCH.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "build/gitlab-ci-local/node_modules/.bin/gitlab-ci-local"
SECONDS = 600
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

Variables = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a pipeline: the jobs by how they ended, and everything that was printed."""

    passed: frozenset[str]
    warned: frozenset[str]
    failed: frozenset[str]
    text: str


def jobs(folder: Path, variables: Variables) -> dict[str, str]:
    """Job -> when it runs (`on_success`, `always`, `manual`); what does not run is left out."""
    done = _run(folder, ["--list-json"], variables)
    assert done.returncode == 0, done.stderr
    listed = json.loads(done.stdout[done.stdout.index("[") :]) if "[" in done.stdout else []
    return {job["name"]: job["when"] for job in listed if job["when"] != "never"}


def run(folder: Path, variables: Variables, *names: str) -> Ran:
    """A pipeline of the commit that is checked out; with names those jobs alone, as somebody presses them."""
    options = ["--force-shell-executor", "--concurrency", "1", *names]
    done = _run(folder, options, variables)
    text = _COLOUR.sub("", done.stdout + done.stderr)
    return Ran(_ended(text, "PASS"), _ended(text, "WARN"), _ended(text, "FAIL"), text)


def _ended(text: str, word: str) -> frozenset[str]:
    """Of the summary at the end: ` PASS  plan: [prod]`; with an exit code behind what failed."""
    rows = (re.fullmatch(rf"\s*{word}\s+(.+?)(?:\s{{2,}}.*)?", line) for line in text.splitlines())
    return frozenset(row[1].strip() for row in rows if row)


def _run(folder: Path, options: Sequence[str], variables: Variables) -> subprocess.CompletedProcess[str]:
    named = [f"{name}={value}" for name, value in variables.items()]
    unset = ["--unset-variable", "CI_COMMIT_BRANCH"] if "CI_COMMIT_BRANCH" not in variables else []
    return subprocess.run(
        [
            str(PROGRAM),
            *options,
            *unset,
            "--ignore-predefined-vars",
            ",".join(variables),
            *(word for each in named for word in ("--variable", each)),
        ],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
