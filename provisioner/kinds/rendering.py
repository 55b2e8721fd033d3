"""Rendering many topics with a few templates: what fails for many is one problem, and the other topics go on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar

from provisioner.catalog.model import Catalog, Cluster
from provisioner.errors import InputError
from provisioner.problem import Problem, Span
from provisioner.profiles import Profile, Profiles
from provisioner.templates import Template, Templates
from provisioner.templates.budget import Clock

FORM = 1
"""Raised where this program gives all rules or boards another form: each is then rendered anew, once."""

COMPACT_FORM = "compact, with targets"
"""Another one where the compact layout gets another form: its rules alone are then rendered anew."""

FOR_TOPIC = " (for topic "
"""Behind what is wrong with a template stands the first topic that it is wrong for."""

T = TypeVar("T")


class Digests(NamedTuple):
    """`inputs`: of everything that a resource is made of; `declared`: of what the users wrote of that."""

    inputs: str
    declared: str


@dataclass(slots=True)
class Rendering:
    """The renderings of one cluster: the time they share, and what went wrong so far.

    `ingredients`: a digest of what all of them are made of; `declared`: of that, what the users wrote. `compact`: what
    was rendered for many topics at once, by what it was made of. `failed`: what went wrong of the resource in the
    making; `first`: what went wrong at a place of a template, for the first topic for which it did.
    """

    cluster: str
    clock: Clock
    ingredients: str
    declared: str
    failed: dict[Problem, None] = field(default_factory=dict)
    first: dict[Span, Problem] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    compact: dict[Any, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, cluster: Cluster, profile: Profile, templates: Iterable[Template], loaded: Templates) -> Rendering:
        """Renderings with these templates of those that were loaded, and no other.

        Our own version is none of the ingredients: a release must not render ten thousand boards anew.
        """
        chosen = tuple(templates)
        severity = cluster.alerts.severity if cluster.alerts else None
        url = cluster.dashboards.url if cluster.dashboards else None
        texts = tuple(template.source.text for template in chosen)
        own = tuple(template.source.text for template in chosen if template.source.path in loaded.own)
        runbooks = cluster.alerts.runbooks if cluster.alerts else None
        # Left out where nobody wrote it: a word of a newer version moves no digest.
        shared = ("shared",) if cluster.dashboards and cluster.dashboards.shared else ()
        compact = (COMPACT_FORM,) if cluster.alerts and cluster.alerts.layout.compact else ()
        more = (*((runbooks,) if runbooks else ()), *shared, *compact)
        written = (cluster.name, cluster.metrics, severity, url, *more)
        unproven = () if profile.is_run else (profile.is_run,)
        everything = _digest(FORM, *written, profile, texts, *unproven)
        of_user = (profile, *unproven) if profile.name in loaded.profiles.own else ()
        return cls(cluster.name, loaded.clock, everything, _digest(*written, own, *of_user))

    def digests(self, part: object) -> Digests:
        """Of everything that one resource is made of, `part` being its own: equal ones are rendered equally."""
        text = repr(part)
        return Digests(_digest(self.ingredients, text), _digest(self.declared, text))

    def render(self, template: Template, topic: str, names: Mapping[str, Any], compact: bool = False) -> Any:
        """The template's data for a topic; None if it does not apply, or fails: `finish` tells."""
        render = template.render_compact if compact else template.render
        return self._tried(topic, lambda: render(names, self.clock))

    def timed(self, template: Template, topic: str, work: Callable[[], T]) -> T | None:
        """What `work` makes of a topic's data, in the time of one document more; None where that is too little."""
        return self._tried(topic, lambda: template.timed(work, self.clock))

    def _tried(self, topic: str, work: Callable[[], T]) -> T | None:
        try:
            return work()
        except InputError as error:
            whose = f"{FOR_TOPIC}{topic!r} of cluster {self.cluster!r})"
            firsts = ((one.span, replace(one, message=one.message + whose)) for one in error.problems)
            self.failed.update(dict.fromkeys(self.first.setdefault(span, problem) for span, problem in firsts))
            self.sources.update(error.sources)
            return None

    def finish(self) -> None:
        """The resource is made. Raises InputError with everything that went wrong, once for each place."""
        failed, self.failed = self.failed, {}
        if failed:
            raise InputError(list(failed), self.sources)


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode(errors="surrogatepass")).hexdigest()[:32]


def faults_of(catalog: Catalog | None, profiles: Profiles) -> tuple[Problem, ...]:
    """The errors of the cluster's metric profile: nothing can be rendered with it."""
    return profiles.faults(catalog.cluster.metrics.profile) if catalog else ()


def profile_of(catalog: Catalog, profiles: Profiles) -> Profile:
    """The cluster's metric profile. Raises InputError if there is none of that name."""
    name = catalog.cluster.metrics.profile
    if profiles.has(name):
        return profiles.named(name)
    span = catalog.cluster.places.get("metrics.profile", catalog.cluster.span)
    raise InputError([Problem("profile", f"there is no profile {name!r}", span, profiles.listed())], {})
