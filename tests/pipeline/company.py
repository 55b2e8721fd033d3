"""A company in a folder: a repository and its GitLab, whose pipelines run for real against the clusters of its files.

What GitLab does between pipelines is done here: it keeps what jobs leave, and knows what was merged and how jobs ended.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import yaml

from provisioner.stores.gitlab import api
from tests.fake_gitlab import FakeGitLab
from tests.fake_gitlab.project import TOKEN, Document
from tests.pipeline import gitlab_ci
from tests.pipeline.gitlab_ci import ROOT, Ran

IMAGE = "python:3.11@sha256:" + "0" * 64
PERSON = ("-c", "user.name=kim", "-c", "user.email=kim@localhost")


class Company:
    """`secrets`: environment -> variables, as the project's settings have them by their scope."""

    def __init__(self, root: Path, gitlab: FakeGitLab, secrets: Mapping[str, Mapping[str, str]]) -> None:
        self.root, self.gitlab, self.secrets = root, gitlab, secrets
        self.origin, self.desk = root / "origin.git", root / "desk"
        self._pipelines = 0

    def found(self, clusters: str) -> None:
        """The first commit: our example fleet on these clusters, with the pipeline that we ship."""
        self.desk.mkdir()
        shutil.copytree(ROOT / "topics", self.desk / "topics")
        shutil.copy(ROOT / ".gitlab-ci.yml", self.desk)
        (self.desk / "topics/clusters.yaml").write_text(clusters, "utf-8")
        (self.desk / ".gitignore").write_text("build\n.gitlab-ci-local*\n*.json\naudit.jsonl\nrendered\n", "utf-8")
        git(self.root, "init", "-q", "--bare", "-b", "main", str(self.origin))
        git(self.origin, "config", "receive.advertisePushOptions", "true")
        git(self.desk, "init", "-q", "-b", "main")
        git(self.desk, "remote", "add", "origin", str(self.origin))
        self._commit("Our topics")
        git(self.desk, *PERSON, "commit", "-q", "--allow-empty", "-m", "Begin")
        git(self.desk, "push", "-q", "origin", "main")

    def merge_request(self, iid: int, **files: str) -> Document:
        """A branch of `main` with these files (`__` for a slash), and the merge request of it."""
        git(self.desk, "checkout", "-q", "-B", f"change-{iid}", "origin/main")
        return self.gitlab.project.merge_request(
            iid, state="opened", sha=self._push(iid, files), source_branch=f"change-{iid}", merged_at=None
        )

    def pushed(self, request: Document, **files: str) -> None:
        """Another commit on its branch."""
        git(self.desk, "checkout", "-q", request["source_branch"])
        request["sha"] = self._push(request["iid"], files)

    def _push(self, iid: int, files: Mapping[str, str]) -> str:
        for name, text in files.items():
            path = self.desk / "topics" / f"{name.replace('__', '/')}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
        self._commit(f"Change {iid}")
        git(self.desk, "push", "-q", "origin", f"change-{iid}")
        return git(self.desk, "rev-parse", "HEAD")

    def _commit(self, message: str) -> None:
        git(self.desk, "add", ".")
        git(self.desk, *PERSON, "commit", "-q", "-m", message)

    def review(self, request: Document) -> Ran:
        """Its pipeline; GitLab keeps the plans that its jobs left."""
        checkout = self._checkout(request["source_branch"])
        pipeline = self.gitlab.project.pipeline(request, created_at=now())
        ran = gitlab_ci.run(
            checkout,
            {
                **self._variables(pipeline, "merge_request_event"),
                "CI_MERGE_REQUEST_IID": str(request["iid"]),
                "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
                "CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "1",
            },
        )
        for plan in checkout.glob("plan-*.json"):
            cluster = plan.stem.removeprefix("plan-")
            self.gitlab.project.job(pipeline, f"plan: [{cluster}]", {plan.name: plan.read_text("utf-8")})
        return ran

    def merge(self, request: Document) -> None:
        """Into the default branch, with a merge commit."""
        git(self.desk, "checkout", "-q", "main")
        git(self.desk, *PERSON, "merge", "-q", "--no-ff", "-m", f"Merge {request['iid']}", request["source_branch"])
        git(self.desk, "push", "-q", "origin", "main")
        commit = git(self.desk, "rev-parse", "HEAD")
        request.update(state="merged", commits=[request["sha"], commit], merged_at=now())

    def push(self, **files: str) -> None:
        """Straight to the default branch, at night."""
        git(self.desk, "checkout", "-q", "main")
        self._push_main(files)

    def _push_main(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            (self.desk / "topics" / f"{name.replace('__', '/')}.yaml").write_text(text, "utf-8")
        self._commit("At night")
        git(self.desk, "push", "-q", "origin", "main")

    def run(self, source: str, *names: str, commit: str = "main", **more: str) -> dict[str, Ran]:
        """Jobs of a pipeline of the default branch, one after the other, as GitLab lets them."""
        checkout = self._checkout(commit)
        pipeline = self.gitlab.project.pipeline(
            {"iid": None, "sha": commit}, source=source, ref="main", created_at=now()
        )
        variables = {
            **self._variables(pipeline, source),
            "CI_COMMIT_BRANCH": "main",
            "CI_COMMIT_BEFORE_SHA": git(checkout, "rev-parse", "HEAD~1"),
            **more,
        }
        ran = {}
        for name in names:
            ran[name] = gitlab_ci.run(checkout, variables, name)
            status = "failed" if name in ran[name].failed else "success"
            self.gitlab.project.job(pipeline, name, status=status)
        return ran

    def _checkout(self, commit: str) -> Path:
        """A clone of its own, as a runner has it."""
        self._pipelines += 1
        place = self.root / f"runner-{self._pipelines}"
        git(self.root, "clone", "-q", str(self.origin), str(place))
        git(place, "checkout", "-q", commit)
        scoped: dict[str, dict[str, object]] = {}
        for scope, variables in self.secrets.items():
            for name, value in variables.items():
                scoped.setdefault(name, {"type": "variable", "values": {}})["values"][scope] = value  # type: ignore[index]
        (place / ".gitlab-ci-local-variables.yml").write_text(yaml.safe_dump(scoped), "utf-8")
        return place

    def _variables(self, pipeline: Document, source: str) -> dict[str, str]:
        return {
            "CI_PIPELINE_SOURCE": source,
            "CI_PIPELINE_ID": str(pipeline["id"]),
            "CI_DEFAULT_BRANCH": "main",
            "CI_PROJECT_ID": "1",
            "CI_PROJECT_URL": str(self.origin).removesuffix(".git"),
            api.URL: self.gitlab.url,
            "PROVISIONER_IMAGE": IMAGE,
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
        }

    def notes(self, request: Document) -> list[str]:
        """What stands on a merge request."""
        return [note["body"] for note in request["notes"]]


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


SCOPES = {
    "kafka-note": {api.TOKEN: TOKEN},
    "kafka-issue": {api.TOKEN: TOKEN},
}
"""The tokens of both kinds; whoever adds the users of Kafka adds `kafka/*` and `kafka/*-plan`."""
