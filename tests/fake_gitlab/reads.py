"""What can be looked at: users, the project, commits, merge requests, pipelines, jobs, artifacts."""

from __future__ import annotations

from typing import Any

from tests.fake_gitlab.call import Call, Reply, not_found
from tests.fake_gitlab.project import Document, Project


def me(call: Call) -> Reply:
    return Reply(call.project.user(call.user))


def user(call: Call) -> Reply:
    found = call.project.one("users", "id", int(call.parts["id"]))
    return Reply(call.project.user(found["id"])) if found else not_found("User")


def project(call: Call) -> Reply:
    return Reply({**call.project.told["project"], "web_url": web(call)})


def commit(call: Call) -> Reply:
    found = call.project.one("commits", "id", call.parts["sha"])
    return Reply(found) if found else not_found("Commit")


def merge_requests_of(call: Call) -> Reply:
    """Every one that has the commit, whatever its state."""
    sha, told = call.parts["sha"], call.project.told
    having = [each for each in told["merge_requests"] if sha in each["commits"]]
    if not having and not call.project.one("commits", "id", sha):
        return not_found("Commit")
    return Reply([shown_request(call, each) for each in having])


def merge_request(call: Call) -> Reply:
    found = call.project.one("merge_requests", "iid", int(call.parts["iid"]))
    return Reply(shown_request(call, found)) if found else not_found()


def pipelines_of(call: Call) -> Reply:
    """The newest first; those of a fork are listed, too."""
    iid = int(call.parts["iid"])
    if not call.project.one("merge_requests", "iid", iid):
        return not_found()
    ours = [each for each in call.project.told["pipelines"] if each["merge_request"] == iid]
    kept = ("id", "project_id", "sha", "ref", "status", "source", "created_at")
    return Reply([{name: each[name] for name in kept} for each in sorted(ours, key=_id, reverse=True)])


def pipeline(call: Call) -> Reply:
    found = here(call)
    if not found:
        return not_found()
    return Reply(
        {**{n: v for n, v in found.items() if n != "jobs"}, "web_url": f"{web(call)}/-/pipelines/{found['id']}"}
    )


def jobs(call: Call) -> Reply:
    found = here(call)
    if not found:
        return not_found()
    return Reply([_shown_job(call, each) for each in sorted(found["jobs"], key=_id, reverse=True)])


def artifact(call: Call) -> Reply:
    """The bytes, or where the object storage has them."""
    found = file_of(call.project, int(call.parts["id"]), call.parts["path"])
    if found is None:
        return not_found()
    if call.storage:
        place = f"{call.storage}/{call.parts['id']}/{call.parts['path']}?X-Amz-Signature=as-good-as-a-password"
        return Reply(b"", 302, {"Location": place})
    return Reply(found, headers={"Content-Type": "application/octet-stream"})


def file_of(project: Project, job: int, path: str) -> bytes | None:
    """What a job left: in the document, or in the folder `artifacts/JOB/` beside it."""
    found = next((each for run in project.told["pipelines"] for each in run["jobs"] if each["id"] == job), None)
    if found is None or found.get("expired"):
        return None
    if path in found["artifacts"]:
        return str(found["artifacts"][path]).encode()
    file = project.folder / "artifacts" / str(job) / path if project.folder else None
    return file.read_bytes() if file and file.is_file() else None


def here(call: Call) -> Document | None:
    """A pipeline of this project: what ran in a fork is elsewhere."""
    found = call.project.one("pipelines", "id", int(call.parts["id"]))
    return found if found and found["project_id"] == call.project.told["project"]["id"] else None


def shown_request(call: Call, request: Document) -> Document:
    shown = {name: value for name, value in request.items() if name not in ("commits", "notes")}
    web_url = f"{web(call)}/-/merge_requests/{request['iid']}"
    return {**shown, "author": call.project.user(request["author"]), "web_url": web_url}


def _shown_job(call: Call, job: Document) -> Document:
    shown = {name: value for name, value in job.items() if name not in ("artifacts", "expired")}
    return {"artifacts_expire_at": None, **shown, "web_url": f"{web(call)}/-/jobs/{job['id']}"}


def web(call: Call) -> str:
    """The project's address for people."""
    return f"{call.root}/{call.project.told['project']['path_with_namespace']}"


def _id(each: Document) -> Any:
    return each["id"]
