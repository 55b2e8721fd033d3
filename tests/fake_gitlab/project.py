"""What a GitLab knows of one project: a document that can be written to a file and read again."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Document = dict[str, Any]

BEGUN = datetime(2026, 11, 28, 10, 0, tzinfo=UTC)
TOKEN, READER, NOBODY = "glpat-writer-1234567890", "glpat-reader-1234567890", "glpat-nobody-1234567890"
BOT = 100


def fresh() -> Document:
    """A project with one person, the machine of its token, and nothing else."""
    return {
        "project": {"id": 1, "path_with_namespace": "kafka/topics", "default_branch": "main"},
        "users": [
            {"id": 7, "username": "kim", "name": "Kim", "bot": False},
            {"id": BOT, "username": "project_1_bot_3f2a", "name": "provisioner", "bot": True},
        ],
        "tokens": {
            TOKEN: {"user": BOT, "scope": "api"},
            READER: {"user": BOT, "scope": "read_api"},
            NOBODY: {"user": BOT, "scope": "none"},
        },
        "merge_requests": [],
        "pipelines": [],
        "commits": [],
        "issues": [],
        "quick_actions": [],
        "next": 1000,
    }


class Project:
    """The document, changed by one at a time; `folder`: where it is kept in state.json."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self.lock = threading.RLock()
        self.told = fresh()
        if folder and (folder / "state.json").exists():
            self.told |= json.loads((folder / "state.json").read_text("utf-8"))

    def keep(self) -> None:
        """Write it to its file, whole."""
        if self.folder:
            self.folder.mkdir(parents=True, exist_ok=True)
            new = self.folder / "state.json.new"
            new.write_text(json.dumps(self.told, indent=2) + "\n", "utf-8")
            new.replace(self.folder / "state.json")

    def number(self) -> int:
        """The next number of anything."""
        self.told["next"] += 1
        return int(self.told["next"])

    def now(self) -> str:
        """A time that goes on by a second with each number, so that order is known without a clock."""
        return at(self.told["next"])

    def user(self, number: int) -> Document:
        """Somebody by number."""
        found = next(each for each in self.told["users"] if each["id"] == number)
        return {**found, "state": "active", "web_url": f"https://gitlab.example.com/{found['username']}"}

    def one(self, kind: str, name: str, value: Any) -> Document | None:
        """The thing of a kind whose `name` is the value."""
        return next((each for each in self.told[kind] if each[name] == value), None)

    def merge_request(self, iid: int, **parts: Any) -> Document:
        """One into the default branch, by a person, merged unless told otherwise."""
        made = {
            "iid": iid,
            "title": f"Merge request {iid}",
            "state": "merged",
            "sha": f"{iid:x}" * 40,
            "merged_at": at(500),
            "author": 7,
            "target_branch": "main",
            "target_project_id": 1,
            "source_project_id": 1,
            "commits": [],
            "notes": [],
            **parts,
        }
        self.told["merge_requests"].append(made)
        return made

    def pipeline(self, request: Document, **parts: Any) -> Document:
        """One of a merge request's head, with one job that planned prod."""
        number = self.number()
        made = {
            "id": number,
            "project_id": 1,
            "merge_request": request["iid"],
            "sha": request["sha"],
            "ref": f"refs/merge-requests/{request['iid']}/head",
            "source": "merge_request_event",
            "status": "success",
            "created_at": at(100),
            "jobs": [],
            **parts,
        }
        self.told["pipelines"].append(made)
        return made

    def job(self, pipeline: Document, name: str, artifacts: dict[str, str] | None = None, **parts: Any) -> Document:
        """A job, and the files that it left."""
        made = {"id": self.number(), "name": name, "status": "success", "artifacts": artifacts or {}, **parts}
        pipeline["jobs"].append(made)
        return made

    def note(self, owner: Document, body: str, author: int = 7, system: bool = False, **parts: Any) -> Document:
        """Somebody says something."""
        number = self.number()
        times = {"created_at": self.now(), "updated_at": self.now()}
        made = {"id": number, "body": body, "author": author, "system": system, **times, **parts}
        owner["notes"].append(made)
        return made

    def issue(
        self, title: str, description: str, labels: list[str], author: int = 7, state: str = "opened"
    ) -> Document:
        """A new one."""
        iid = len(self.told["issues"]) + 1
        made = {"id": self.number(), "iid": iid, "title": title, "description": description, "labels": labels}
        made |= {"author": author, "state": "opened", "created_at": self.now(), "notes": []}
        self.told["issues"].append(made)
        return made


def at(second: int) -> str:
    """So many seconds after the beginning, as GitLab writes it."""
    return (BEGUN + timedelta(seconds=second)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
