"""What a command ends with, as a value that knows its exit code; `formats` says how each reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from provisioner.comparing import Difference
from provisioner.moves.look import Look
from provisioner.moves.notes import Pause
from provisioner.problem import Problem
from provisioner.reconcile.outcome import Outcome
from provisioner.reconcile.plan import Plan
from provisioner.report.adopted import Adoption
from provisioner.report.drift import Drift
from provisioner.report.imported import Import
from provisioner.report.lag import Look as LagLook
from provisioner.report.since import Since


@dataclass(frozen=True, slots=True)
class Problems:
    """What is wrong in the files. `sources`: path -> text, to show the lines; `fine`: what is said of no problem.

    `verbose`: those that the files accept are listed, too. `old`: errors that the base has, only counted.
    """

    problems: Sequence[Problem]
    sources: Mapping[str, str]
    code: int
    verbose: bool = False
    fine: str = "no problems"
    old: Sequence[Problem] = ()


@dataclass(frozen=True, slots=True)
class Faults:
    """Errors of the files, beside what goes on without what they govern. `words`: what each holds back.

    `old`: those that the base has, in files that nobody touched since; they are counted, and turn nothing red.
    """

    errors: Sequence[Problem] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[Problem, str] = field(default_factory=dict)
    old: Sequence[Problem] = ()


NO_FAULTS = Faults()


@dataclass(frozen=True, slots=True)
class Plans:
    """What would be done. `alone`: one cluster was asked for, and its plan is the whole document."""

    plans: Sequence[Plan]
    code: int
    verbose: bool = False
    alone: bool = False
    faults: Faults = NO_FAULTS


@dataclass(frozen=True, slots=True)
class Applied:
    """A plan and what became of it; `acted` False: nothing was to be done, or nobody wanted it done.

    `doubts`: what may not be on record, in words.
    """

    plan: Plan
    outcomes: Sequence[Outcome]
    seconds: float
    code: int
    verbose: bool = False
    acted: bool = True
    doubts: Sequence[str] = ()
    faults: Faults = NO_FAULTS


@dataclass(frozen=True, slots=True)
class Drifts:
    """The differences of each cluster that could be looked at."""

    drifts: Sequence[Drift]
    code: int
    faults: Faults = NO_FAULTS


@dataclass(frozen=True, slots=True)
class Sinces:
    """What was applied lately to each cluster."""

    sinces: Sequence[Since]
    code: int


@dataclass(frozen=True, slots=True)
class Lags:
    """How late the consumer groups of each cluster are; `verbose`: every row, and every partition."""

    looks: Sequence[LagLook]
    code: int
    verbose: bool = False
    faults: Faults = NO_FAULTS


@dataclass(frozen=True, slots=True)
class Adopted:
    """What was changed by hand, written into the files."""

    done: Adoption
    code: int


@dataclass(frozen=True, slots=True)
class Imported:
    """What was declared of a cluster's topics."""

    done: Import
    code: int


@dataclass(frozen=True, slots=True)
class RenderedCluster:
    """Where one cluster's files lie, and the plans of which not everything was done."""

    name: str
    places: str
    troubled: Sequence[tuple[Plan, Sequence[Outcome]]]


@dataclass(frozen=True, slots=True)
class Rendered:
    """The files of each cluster."""

    clusters: Sequence[RenderedCluster]
    code: int


@dataclass(frozen=True, slots=True)
class Note:
    """What plans would do, in Markdown."""

    text: str
    code: int


@dataclass(frozen=True, slots=True)
class Compared:
    """What tells two renderings apart; `verbose`: with an example of each change."""

    difference: Difference
    code: int
    verbose: bool = False


@dataclass(frozen=True, slots=True)
class SandboxState:
    """The embedded brokers, in lines for people and as a document."""

    lines: Sequence[str]
    document: Mapping[str, Any]
    code: int


@dataclass(frozen=True, slots=True)
class MovesState:
    """Replicas on their way on one cluster. `pause`: the one that holds; `cancelled`: topics that were given up."""

    cluster: str
    look: Look
    pause: Pause | None
    code: int
    cancelled: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Printed:
    """A file's text, as it is or should be."""

    text: str
    code: int


@dataclass(frozen=True, slots=True)
class Issues:
    """Drift as the text of an issue."""

    text: str
    code: int


Derived = Rendered | Compared | Note | Printed | Issues
Live = Plans | Applied | Drifts | Sinces | Lags | MovesState
Result = Problems | Live | Adopted | Imported | Derived | SandboxState
