"""The JSON of `drift` read again: what differs on each cluster, by whom it was applied, and the ways out of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from provisioner.reconcile.drift import Verdict

MOST_BYTES = 64 << 20


class DriftFileError(ValueError):
    """Why a file is no drift that this version reads, in words."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Place(_Part):
    """Where an entry stands."""

    file: str
    line: int


class Run(_Part):
    """The apply that is on record for a resource."""

    commit: str | None
    at: str | None
    merge_request: str | None
    user: str | None
    pipeline: str | None


class Difference(_Part):
    """Whose one field is, and the ways out; `field` None: the whole resource."""

    kind: str
    name: str
    owner: str
    place: Place
    field: str | None
    verdict: Verdict
    last_applied: Run | None
    undo: str | None
    why: str | None


class Unknown(_Part):
    """What was not read, and why."""

    kind: str
    name: str
    why: str


class Resource(_Part):
    """One that differs, in words; `adopt`: the YAML that its entry would have to say for all of it to stay."""

    kind: str
    name: str
    words: tuple[str, ...]
    adopt: str | None


class Cluster(_Part):
    """One cluster. `stopped`: kinds that could not be asked at all; `unreadable`: why the record could not be read."""

    cluster: str
    stopped: Mapping[str, str]
    unreadable: str | None
    unknown: tuple[Unknown, ...]
    differences: tuple[Difference, ...]
    resources: tuple[Resource, ...]

    @property
    def is_whole(self) -> bool:
        """True where everything could be looked at."""
        return not (self.stopped or self.unreadable or self.unknown)

    @property
    def by_hand(self) -> list[Difference]:
        """What an apply of the files alone does not mend."""
        return [one for one in self.differences if one.verdict is not Verdict.NOT_APPLIED]


class _Document(_Part):
    format_version: Literal[1]
    clusters: tuple[Cluster, ...]


def parsed(raw: bytes) -> tuple[Cluster, ...]:
    """The clusters of a file. Raises DriftFileError."""
    try:
        return _Document.model_validate_json(raw).clusters
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise DriftFileError(f"it is not what `drift --report json=FILE` writes ({place}: {first['msg']})") from None
