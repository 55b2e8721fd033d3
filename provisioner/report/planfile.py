"""A plan file: what `plan --out` wrote, read again and trusted no further than its fingerprints."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from provisioner.errors import InputError, RefusedError
from provisioner.problem import Problem, Span
from provisioner.reconcile.change import Action
from provisioner.reconcile.model import FieldChange, Key
from provisioner.reconcile.plan import Plan
from provisioner.reconcile.review import Reviewed
from provisioner.report import machine

MAX_BYTES = 64 * 1024 * 1024
"""A plan file of ten thousand topics, all new, has half of it."""

Name = str
Counts = dict[Name, int]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(_Document):
    """Where in the declarations a change comes from; lines and columns count from 1."""

    file: str
    line: int = Field(ge=1)
    column: int = Field(ge=1)


class FieldOfChange(_Document):
    """One field before and after; null: not set."""

    field: str
    before: str | None
    after: str | None


class HazardOfChange(_Document):
    """A danger; `value` is what a consent must name, `asks` whether one is needed, `possible` whether one helps.

    `hint` says what to do instead, or is empty.
    """

    slug: str
    reason: str
    value: str
    field: str | None
    hint: str
    asks: bool
    possible: bool


class RefusalOfChange(_Document):
    """Why the change will not be done."""

    by: str
    reason: str
    hint: str


class ReaderOfChange(_Document):
    """A consumer group that reads what the change is about, and how far it is: a sentence without its name."""

    group: str
    words: str


class WorkOfChange(_Document):
    """What the change sets going that takes long: `copies` on so many `places`, `bytes` as far as they are known,
    `unsized` of which they are not, `seconds` at the least; `words`: all of that for people. As live as `notes`.
    """

    copies: int
    places: int
    bytes: int
    unsized: int
    seconds: float
    words: list[str]


class ChangeInPlan(_Document):
    """One change. Equal fingerprints do the same to the same thing: they cover whole values.

    `destination` is where it lives: a folder (`files:/srv/rules`), or empty for the Kafka cluster itself.

    Long values in `fields` are digests; `words` say in sentences what alerts and dashboards become, `diff` shows the
    lines that go and come. `allow` is the line to paste where a consent is missing, else empty. `notes` tell what the
    cluster said of it: they are in no digest and no fingerprint. `by_hand`: fields that somebody changed since they
    were applied, with the value that was applied. `second_key`: why a consent is not enough, and only a reviewed plan
    or its name does it. `called`: the teams whom alerts call, each with those of `words` that are about it, counted
    from 0. `readers`: of whom the notes tell; as live as these. `work`: what it sets going that takes long. `alike`:
    equal for changes that differ by nothing but the names of what they change, texts that are not shown here included.
    """

    kind: str
    name: str
    destination: str
    action: Literal["create", "update", "delete"]
    owner: str
    identity: str | None
    fingerprint: str
    place: Place
    fields: list[FieldOfChange]
    words: list[str]
    diff: list[str]
    hazards: list[HazardOfChange]
    allow: str
    refusals: list[RefusalOfChange]
    notes: list[str]
    requires: list[tuple[str, str]]
    by_hand: dict[str, str | None]
    second_key: str
    called: dict[Name, list[int]] = Field(default_factory=dict)
    readers: list[ReaderOfChange] = Field(default_factory=list)
    alike: str = ""
    work: WorkOfChange | None = None


class OtherDifference(_Document):
    """A difference that this plan leaves alone; `why` it stands, or empty."""

    kind: str
    name: str
    destination: str
    fields: list[FieldOfChange]
    why: str


class RecordOfCluster(_Document):
    """Where it is noted what was applied: new (to be made), kept, unreadable, or none. `name`: its topic's."""

    name: str | None
    state: Literal["none", "new", "kept", "unreadable"]


class HeldUp(_Document):
    """A default that the cluster does not know: `without` go without it, `refused` would be new. In no fingerprint."""

    kind: str
    field: str
    place: Place
    reason: str
    without: list[Name]
    refused: list[Name]


class HeldBack(_Document):
    """What an error of the files governs, `check` and `reason` being the error's: nothing of it is done."""

    kind: str
    name: str
    destination: str
    owner: str
    place: Place
    check: str
    reason: str


class ErrorOfFiles(_Document):
    """An error of the files, only in what `--output json` prints. `held_back`: what it governs.

    `in_base`: the base has it, and its file is as it was.
    """

    check: str
    severity: str
    message: str
    hint: str
    file: str
    line: int | None
    column: int | None
    held_back: str
    in_base: bool


class PlanDocument(_Document):
    """The plan of one cluster. Equal input gives an equal document: no clock time, no secret.

    Live figures stand in `notes`, `readers` and `remarks` alone, which are in no digest. `standing`: changed by hand,
    or of nobody knows whom; `waiting`: of earlier merges; `ahead`: applied from a commit that the base does not have.
    `untouched`: the files change nothing of the cluster, and it was not connected to; `not_looked_at`: by kind, how
    many the files do not change, and nobody read.
    """

    format_version: Literal[2]
    cluster: str
    cluster_id: str | None
    record: RecordOfCluster
    base: str | None
    digest: str
    declared: Counts
    unchanged: Counts
    unmanaged: int
    stopped: dict[Name, str]
    held: list[HeldUp]
    held_back: list[HeldBack]
    remarks: list[str]
    changes: list[ChangeInPlan]
    standing: list[OtherDifference]
    waiting: list[OtherDifference]
    ahead: list[OtherDifference]
    problems: list[ErrorOfFiles] = Field(default_factory=list)
    untouched: bool = False
    not_looked_at: Counts = Field(default_factory=dict)


def parsed(raw: bytes, path: str, cluster: str) -> PlanDocument:
    """The plan in a file's bytes, if it is one of this cluster. Raises InputError or RefusedError."""
    document = of_any_cluster(raw, path)
    if document.cluster != cluster:
        raise RefusedError(f"{path} is a plan of cluster {document.cluster}, not of {cluster}", "name its own file")
    return document


def of_any_cluster(raw: bytes, path: str) -> PlanDocument:
    """The plan in a file's bytes. Raises InputError."""
    try:
        return PlanDocument.model_validate_json(_current(raw, path))
    except ValidationError as errors:
        raise InputError(list(_problems(path, errors)), {}) from None


_VERSION = re.compile(rb'\A\s*\{\s*"format_version"\s*:\s*(\d{1,9})\b')


def _current(raw: bytes, path: str) -> bytes:
    """Raises InputError with one problem for a plan of another version, which would have many."""
    match = _VERSION.match(raw)
    if match and int(match[1]) != machine.PLAN_VERSION:
        why = f"it is a plan of version {int(match[1])}, and this program reads version {machine.PLAN_VERSION}"
        raise InputError([Problem("plan/format", why, Span(path), _AGAIN)], {})
    return raw


_AGAIN = "plan again with this version: provisioner plan --cluster ... --out FILE"


def _problems(path: str, errors: ValidationError) -> list[Problem]:
    told = [(".".join(map(str, error["loc"])), error["msg"]) for error in errors.errors(include_url=False)[:20]]
    return [Problem("plan/format", f"{loc or 'the file'}: {why}", Span(path), _AGAIN) for loc, why in told]


def same_cluster(document: PlanDocument, now: Plan) -> None:
    """Raises RefusedError where the brokers are not those that the plan was made of."""
    if document.cluster_id and now.cluster_id and document.cluster_id != now.cluster_id:
        raise RefusedError(
            f"the plan was made of cluster {document.cluster_id}, the brokers are {now.cluster_id}",
            "plan again, and have that plan reviewed",
        )


def reviewed(document: PlanDocument) -> dict[Key, Reviewed]:
    """The changes of the file by key."""
    return {found.key: found for found in map(_reviewed, document.changes)}


def _reviewed(change: ChangeInPlan) -> Reviewed:
    fields = tuple(FieldChange(f.field, f.before, f.after) for f in change.fields)
    span = Span(change.place.file, change.place.line, change.place.column)
    key, action = Key(change.kind, change.name, change.destination), Action(change.action)
    size = change.work.bytes if change.work else None
    return Reviewed(key, action, fields, change.fingerprint, bool(change.refusals), span, change.owner, size)
