"""Profiles are data: a YAML file each, beside this module, checked as strictly as everything else people write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from provisioner.catalog.declarations import Strict
from provisioner.catalog.documents import Document, parse
from provisioner.catalog.schema import did_you_mean, validated
from provisioner.errors import InputError
from provisioner.problem import Problem
from provisioner.profiles.metric import GROUP, PARTITION, SHAPES, TOPIC, Difference, Series
from provisioner.profiles.profile import Profile

FOLDER = Path(__file__).parent
NAMES: tuple[str, ...] = tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))
"""The profiles that a cluster may name."""

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_DIFFERENCE = re.compile(r"(\w+) - (\w+)")


class _Labels(Strict):
    topic: str
    partition: str
    group: str


class _ProfileFile(Strict):
    name: str
    summary: str = Field(min_length=1)
    known_from: Literal["run", "documents"]
    labels: _Labels
    metrics: dict[str, str]


@cache
def named(name: str) -> Profile:
    """A shipped profile. Raises InputError if its file is wrong, KeyError if there is none of that name."""
    if name not in NAMES:
        raise KeyError(name)
    path, raw = _read(name)
    profile, problems = parsed(path, raw)
    if profile is None or problems:
        raise InputError(problems, {path: raw.decode(errors="replace")})
    return profile


def _read(name: str) -> tuple[str, bytes]:
    path = FOLDER / f"{name}.yaml"
    return str(path), path.read_bytes()


def parsed(path: str, raw: bytes) -> tuple[Profile | None, list[Problem]]:
    """A profile from the bytes of its file, or None and everything that is wrong with it."""
    document, problems = parse(path, raw)
    written, wrong = validated(_ProfileFile, document, (), document.data)
    problems += wrong
    if written is None:
        return None, problems
    problems += _wrong_names(written, document)
    return (None if problems else _profile(written)), problems


def _wrong_names(written: _ProfileFile, document: Document) -> Iterator[Problem]:
    for meaning, text in written.metrics.items():
        place = document.span(("metrics", meaning))
        parts = _DIFFERENCE.fullmatch(text)
        if meaning not in SHAPES:
            hint = did_you_mean(meaning, SHAPES) or f"known: {', '.join(SHAPES)}"
            yield Problem("profile", f"there is no metric {meaning!r}", document.key_span(("metrics", meaning)), hint)
        elif parts and not _subtractable(written, parts[1], parts[2]):
            hint = "subtract a metric of groups from one of partitions, such as log_end - lag, both named here"
            yield Problem("profile", f"{text!r} cannot be computed from this profile's metrics", place, hint)
        elif not parts and not _NAME.fullmatch(text):
            yield Problem("profile", f"{text!r} is no metric name", place, "write a name, or `log_end - lag`")
    for meaning in ("topic", "partition", "group"):
        if not _NAME.fullmatch(label := getattr(written.labels, meaning)):
            place = document.span(("labels", meaning))
            yield Problem("profile", f"{label!r} is no label name", place, "write letters, digits and _")


def _subtractable(written: _ProfileFile, of: str, less: str) -> bool:
    shapes = [SHAPES.get(name) if _NAME.fullmatch(written.metrics.get(name, "")) else None for name in (of, less)]
    return shapes == [(TOPIC, PARTITION), (GROUP, TOPIC, PARTITION)]


def _profile(written: _ProfileFile) -> Profile:
    labels = written.labels.model_dump()
    metrics = {meaning: _source(meaning, text, written.metrics, labels) for meaning, text in written.metrics.items()}
    return Profile(written.name, written.summary, labels, metrics, written.known_from == "run")


def _source(meaning: str, text: str, names: Mapping[str, str], labels: Mapping[str, str]) -> Series | Difference:
    if parts := _DIFFERENCE.fullmatch(text):
        of, less = (_series(part, names[part], labels) for part in parts.groups())
        return Difference(of, less)
    return _series(meaning, text, labels)


def _series(meaning: str, name: str, labels: Mapping[str, str]) -> Series:
    shape = SHAPES[meaning]
    return Series(name, shape, tuple(labels[label] for label in shape))
