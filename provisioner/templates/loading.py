"""The folders of templates, read. A user's file wins over the shipped one of the same name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from provisioner.catalog.documents import Loc
from provisioner.catalog.findings import MOST
from provisioner.catalog.schema import did_you_mean, validated
from provisioner.errors import InputError
from provisioner.problem import Problem, Span
from provisioner.profiles import Profiles
from provisioner.templates import boards, escapes, folder
from provisioner.templates.budget import Budget, Clock
from provisioner.templates.compiling import QUOTE_IT, compile_tree
from provisioner.templates.expressions import Fault
from provisioner.templates.header import (
    AlertFile,
    DashboardHeader,
    Scope,
    faults,
    field_faults,
    fields,
    parameters,
    takes,
)
from provisioner.templates.problems import CHECK, placed
from provisioner.templates.rules import compact_faults, rendered_faults, rule_faults
from provisioner.templates.source import Source
from provisioner.templates.strict import read_json, strange_texts
from provisioner.templates.template import Compact, Template
from provisioner.templates.tree import Found, Item

HEADER = "__template"
MOST_COMPILED = 256
_Made = tuple[Template | None, list[Problem]]
_COMPILED: dict[tuple[str, str], Template] = {}
"""By path and text: what has no mistake depends on nothing else."""


@dataclass(frozen=True, slots=True)
class Templates:
    """All templates by name, each kind in the order of names, and the metric profiles that they are rendered with.

    `own`: paths of those that are not what is shipped under their name. `clock`: what reading and rendering takes.
    `wrong_alerts`, `wrong_dashboards`: errors of those that are not among them; `texts`: every file's, by path.
    """

    alerts: Mapping[str, Template]
    dashboards: Mapping[str, Template]
    own: frozenset[str] = frozenset()
    clock: Clock = field(default_factory=Clock, compare=False)
    wrong_alerts: tuple[Problem, ...] = ()
    wrong_dashboards: tuple[Problem, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict, compare=False)
    profiles: Profiles = field(default_factory=Profiles)

    @property
    def wrong(self) -> tuple[Problem, ...]:
        """Every error."""
        return (*self.wrong_alerts, *self.wrong_dashboards, *self.profiles.governed())

    @property
    def sources(self) -> dict[str, str]:
        """The text of each file that an error may be in, by path."""
        return {**self.texts, **self.profiles.texts}

    def says_as(self, other: Templates) -> bool:
        """True where each template has the same text there, and is the user's own on both sides or on none.

        The user's profiles are the same ones, too.
        """
        return self._texts() == other._texts() and self.profiles.says_as(other.profiles)

    def _texts(self) -> list[dict[str, tuple[str, bool]]]:
        return [
            {name: (each.source.text, each.source.path in self.own) for name, each in templates.items()}
            for templates in (self.alerts, self.dashboards)
        ]


def load(alerts: Path | None = None, dashboards: Path | None = None, profiles: Path | None = None) -> Templates:
    """The shipped templates, and those of the user's folders. Raises InputError with every problem of every file."""
    found = read(alerts, dashboards, profiles)
    if found.wrong:
        raise InputError(found.wrong, found.sources)
    return found


def read(alerts: Path | None = None, dashboards: Path | None = None, profiles: Path | None = None) -> Templates:
    """The same without those that are wrong, and what is wrong with them: nothing is raised for that."""
    shipped = {**_shipped("alert_templates", "yaml"), **_shipped("dashboards", "json")}
    (own_alerts, no_alerts), (own_dashboards, no_dashboards) = (
        folder.read(alerts, "yaml"),
        folder.read(dashboards, "json"),
    )
    strays = {name: own_dashboards.pop(name) for name in own_dashboards.keys() - shipped.keys()}
    no_dashboards += [_never_drawn(strays[name], shipped) for name in sorted(strays)]
    chosen = dict(sorted({**shipped, **own_alerts, **own_dashboards}.items()))
    sources = {source.path: source for source in chosen.values()}
    clock = Clock()
    made = {path: _once(source, clock) for path, source in sources.items()}
    wrong_alerts = [*no_alerts, *(one for path, (_, some) in made.items() if not sources[path].is_json for one in some)]
    wrong_boards = [*no_dashboards, *(one for path, (_, some) in made.items() if sources[path].is_json for one in some)]
    templates = [template for template, _ in made.values() if template]
    return Templates(
        {template.name: template for template in templates if template.scope is not Scope.DASHBOARD},
        {template.name: template for template in templates if template.scope is Scope.DASHBOARD},
        frozenset(source.path for name, source in chosen.items() if source.text != _text(shipped.get(name))),
        clock,
        tuple(wrong_alerts),
        tuple(wrong_boards),
        {source.path: source.text for source in (*sources.values(), *strays.values())},
        _profiles(profiles),
    )


def _never_drawn(source: Source, shipped: Iterable[str]) -> Problem:
    """An alert template of any name makes alerts; of dashboards there are those of topics, dead letters and teams."""
    names = [name.removesuffix(".json") for name in shipped if name.endswith(".json")]
    hint = did_you_mean(_stem(source), names) or f"known: {', '.join(names)}; keep others elsewhere"
    return Problem(CHECK, "no dashboard is drawn from a file of this name", Span(source.path), hint)


def _once(source: Source, clock: Clock) -> _Made:
    """A plan reads the templates of two commits, which are the same ones as a rule."""
    key = source.path, source.text
    if known := _COMPILED.get(key):
        return known, []
    template, wrong = (dashboard if source.is_json else alert)(source, clock)
    if template and not wrong:
        if len(_COMPILED) >= MOST_COMPILED:
            _COMPILED.clear()
        _COMPILED[key] = template
    return template, wrong


def _profiles(place: Path | None) -> Profiles:
    files, faults = folder.read(place, "yaml", "profile")
    raw = {source.path: source.text.encode(errors="surrogateescape") for source in files.values()}
    return Profiles.of(raw, faults)


def _shipped(name: str, suffix: str) -> dict[str, Source]:
    return folder.read(shipped_folder(name), suffix)[0]


def _text(source: Source | None) -> str | None:
    return source.text if source else None


def shipped_folder(name: str) -> Path:
    """Where a shipped folder lies: inside an installed wheel, else at the root of the checkout."""
    package = Path(__file__).parents[1]
    installed = package / "shipped" / name
    return installed if installed.is_dir() else package.parent / name


def alert(source: Source, clock: Clock | None = None) -> _Made:
    """An alert template, or None and what is wrong with it."""
    document, wrong = source.yaml
    wrong = [_with_hint(source, problem) for problem in wrong]
    if document.data is None:
        return None, wrong or [Problem(CHECK, "the file is empty", Span(source.path), "see the shipped templates")]
    header, invalid = validated(AlertFile, document, (), document.data)
    if header is None:
        return None, placed(source, [*wrong, *invalid])
    in_header, in_rule = faults(header, document, (), _stem(source)), rule_faults(header.rule, document)
    in_fields, in_compact = (
        field_faults(header, document),
        compact_faults(header.rule, document) if header.compact else (),
    )
    wrong += islice(chain(strange_texts(document), in_header, in_fields, in_rule, in_compact), MOST)
    with (clock or Clock()).document("reading") as budget:
        body, found = compile_tree(header.rule, ("rule",), escapes.in_alert, budget)
        queries, also = compile_tree(header.queries, ("queries",), escapes.in_alert, budget)
        compact, besides = _compact(header, budget)
    wrong = placed(source, wrong, found + also + besides)
    if wrong or body is None:
        return None, wrong
    made = _template(header, Scope(header.scope), source, body)
    asked = queries if header.queries else None
    return replace(made, queries=asked, compact=compact, fields=fields(header), unfit=rendered_faults), []


def _compact(header: AlertFile, budget: Budget) -> tuple[Compact | None, list[Found]]:
    """What a template says of the compact layout; where it says nothing of a part, the rule's own counts."""
    if header.compact is None:
        return None, []
    if Scope(header.scope) is Scope.CLUSTER:
        return None, [(("compact",), "", Fault("the cluster has one rule, in either layout", "remove `compact:`"))]
    rest = {part: value for part, value in header.rule.items() if part not in ("expr", "annotations")}
    own = {"expr": header.compact.expr, "annotations": header.compact.annotations}
    head, found = compile_tree(rest, ("rule",), escapes.in_alert, budget)
    body, also = compile_tree(own, ("compact",), escapes.in_alert, budget)
    queries, more = compile_tree(header.compact.queries, ("compact", "queries"), escapes.in_alert, budget)
    wrong = [*(one for one in found if one not in also), *also, *more]
    if head is None or body is None or wrong:
        return None, [*also, *more]
    return Compact(head, body, queries if header.compact.queries else None, header.compact.besides is not None), []


def dashboard(source: Source, clock: Clock | None = None) -> _Made:
    """A dashboard template, or None and what is wrong with it."""
    data, wrong = read_json(source)
    if wrong:
        return None, placed(source, wrong)
    if not isinstance(data, dict) or HEADER not in data:
        hint = f'add "{HEADER}": {{"name": "{_stem(source)}", "summary": "...", "needs": ["log_end"]}}'
        return None, [Problem(CHECK, f"a dashboard template has a {HEADER!r} at its top", Span(source.path), hint)]
    header, wrong = _header(source, data.pop(HEADER))
    if header is None:
        return None, placed(source, wrong)
    with (clock or Clock()).document("reading") as budget:
        body, found = compile_tree(data, (), escapes.in_dashboard, budget)
    wrong = placed(source, wrong, [*islice(boards.board_faults(data), MOST), *found])
    if wrong or body is None:
        return None, wrong
    return replace(_template(header, Scope.DASHBOARD, source, body), unfit=boards.rendered_faults), []


def _header(source: Source, written: Any) -> tuple[DashboardHeader | None, list[Problem]]:
    loc: Loc = (HEADER,)
    header, wrong = validated(DashboardHeader, source.document, loc, written)
    if header is None:
        return None, wrong
    return header, list(islice(faults(header, source.document, loc, _stem(source)), MOST))


def _template(header: DashboardHeader, scope: Scope, source: Source, body: Item) -> Template:
    return Template(
        name=header.name,
        scope=scope,
        summary=header.summary,
        needs=tuple(header.needs),
        parameters=parameters(header),
        takes=takes(header),
        example=header.example,
        source=source,
        body=body,
    )


def _stem(source: Source) -> str:
    return Path(source.path).stem


def _with_hint(source: Source, problem: Problem) -> Problem:
    """YAML stumbles over an unquoted expression in many ways; the remedy is one."""
    lines = source.text.split("\n")[max(0, problem.span.line - 2) : problem.span.line]
    return replace(problem, hint=QUOTE_IT) if any("<<" in line for line in lines) else problem
