"""Why GitLab's API gave no usable answer: what was asked, of whom, what is wrong, and what to do about it."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What kind of trouble it is."""

    NO_JOB = "no job of GitLab"
    NO_TOKEN = "no token"  # noqa: S105 - words for people
    NO_RIGHTS = "no rights"
    NOT_THERE = "not there"
    UNREACHABLE = "not reachable"
    NOT_UNDERSTOOD = "answer not understood"
    NOT_TAKEN = "not taken"


HINTS = {
    Kind.NO_JOB: "run it in a job of GitLab, which sets CI_API_V4_URL and CI_PROJECT_ID, or set them",
    Kind.NO_TOKEN: "set PROVISIONER_GITLAB_TOKEN: a project access token with the scope api",
    Kind.NO_RIGHTS: "PROVISIONER_GITLAB_TOKEN wants the scope api, a role in this project, and not to be expired",
    Kind.NOT_THERE: "what does not exist, and what the token may not see, look alike to GitLab: check both",
    Kind.UNREACHABLE: "check CI_API_V4_URL and the way to it from this machine, then run this again",
    Kind.NOT_UNDERSTOOD: "check that CI_API_V4_URL is GitLab's own, version 4, with nothing in between",
    Kind.NOT_TAKEN: "GitLab's own words say why",
}


class GitLabFault(Exception):  # noqa: N818 - a value for callers to word as a hint or as an end of the run
    """`where`: the host; `what`: the question; `why`: what is wrong; `hint`: what to do. Never the token."""

    def __init__(self, kind: Kind, where: str, what: str, why: str) -> None:
        super().__init__(f"{where}: {what}: {why}")
        self.kind, self.where, self.what, self.why, self.hint = kind, where, what, why, HINTS[kind]


class DoubtfulFault(GitLabFault):
    """A post that got no answer, or a server's error: it may have been carried out."""
