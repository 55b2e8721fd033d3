"""Where GitLab's API is, for which project, and who asks: what a job of GitLab has in its environment."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from provisioner import trace
from provisioner.stores.gitlab.fault import GitLabFault, Kind

URL, PROJECT, TOKEN = "CI_API_V4_URL", "CI_PROJECT_ID", "PROVISIONER_GITLAB_TOKEN"
PROXY, CA, PAGES = "PROVISIONER_PROXY", "CI_SERVER_TLS_CA_FILE", "CI_PROJECT_URL"
PLAIN = f"{URL} is http: the token goes over the network for everybody to read; use https"
_TOKEN = re.compile(r"[!-~]{1,1000}")


@dataclass(frozen=True, slots=True)
class Api:
    """The API of one project. `ca`: a file that vouches for the server; `pages`: the project's address for people.

    `warning`: what to say before the first question, in words; empty where there is nothing.
    """

    url: str
    project: str
    token: str = field(repr=False)
    proxy: str | None = None
    ca: str | None = None
    pages: str = ""
    warning: str = ""

    def __post_init__(self) -> None:
        """Raises GitLabFault for an address that the token must not go to, and for no token."""
        if not self.project:
            raise GitLabFault(Kind.NO_JOB, self.host, PROJECT, "it is not set")
        _check_address(self.url, is_plain_accepted=bool(self.warning))
        if not self.token:
            raise GitLabFault(Kind.NO_TOKEN, self.host, TOKEN, "there is none")
        if not _TOKEN.fullmatch(self.token):
            raise GitLabFault(Kind.NO_TOKEN, self.host, TOKEN, "it is none: too long, or with a blank or line end")
        trace.hide([self.token])

    @property
    def host(self) -> str:
        """As messages name it, without anybody's password."""
        return shown_host(self.url)


def from_environment(environment: Mapping[str, str]) -> Api:
    """What the job's surroundings say. Raises GitLabFault where they name no API, no project or no token."""
    url = environment.get(URL, "")
    if not url:
        raise GitLabFault(Kind.NO_JOB, "GitLab", URL, "it is not set")
    return Api(
        url.rstrip("/"),
        environment.get(PROJECT, ""),
        environment.get(TOKEN, ""),
        environment.get(PROXY) or None,
        environment.get(CA) or None,
        environment.get(PAGES, ""),
        PLAIN if _is_plain(url) else "",
    )


def shown_host(url: str) -> str:
    """The host and port of an address; of one that is none, a word."""
    try:
        parts = urlsplit(url)
        return f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname or "no host"
    except ValueError:
        return "no host"


def _is_plain(url: str) -> bool:
    parts = _parts(url)
    return parts.scheme == "http" and not is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """True for this machine itself."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise GitLabFault(Kind.UNREACHABLE, "GitLab", URL, "it is no address") from None
    return parts


def _check_address(url: str, *, is_plain_accepted: bool) -> None:
    """https; http for this machine, or where the environment itself says so."""
    parts = _parts(url)
    wrong = ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        wrong = "it must begin with https:// and name a host"
    elif parts.username or parts.password or parts.query or parts.fragment:
        wrong = "it must be an address alone, without a user, a query or a fragment"
    elif parts.scheme == "http" and not is_loopback(parts.hostname) and not is_plain_accepted:
        wrong = "the token does not go over http"
    if wrong:
        raise GitLabFault(Kind.UNREACHABLE, shown_host(url), URL, wrong)
