"""Where resources live: declared values, told apart by their type. Only its store knows what one is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Layout:
    """What a destination takes at most: rules in one group, bytes in one file; None: any number.

    `compact`: a few rules for all topics, and what they look after as series; else each topic has rules of its own.
    """

    rules: int | None = None
    size: int | None = None
    compact: bool = False


FILES = Layout(rules=2_000, size=128 * 1024 * 1024)
"""A group is evaluated rule by rule: more of them than that may not be done before it is their turn again."""

COMPACT = replace(FILES, compact=True)


class Destination(Protocol):
    """A place for the resources of one kind."""

    @property
    def identity(self) -> str:
        """Equal for two that are one place; a resource's key has it."""
        ...

    @property
    def addresses(self) -> tuple[tuple[str, str], ...]:
        """The servers that are named: the field, below the kind's own, and the URL."""
        ...

    @property
    def layout(self) -> Layout:
        """What it takes at most."""
        ...


class AlertDestination(Destination, Protocol):
    """A place for rules. `severity` replaces every team's own; `runbooks`: where the pages of alerts are read."""

    @property
    def severity(self) -> str | None: ...  # noqa: D102 -- the class says it

    @property
    def runbooks(self) -> str | None: ...  # noqa: D102 -- the class says it


class DashboardDestination(Destination, Protocol):
    """A place for dashboards. `url`: Grafana's address, for links; `declarations`: where the files can be read.

    `shared`: one for all topics of the cluster, not one for each; `teams`: one for each team besides.
    """

    @property
    def url(self) -> str | None: ...  # noqa: D102 -- the class says it

    @property
    def declarations(self) -> str | None: ...  # noqa: D102 -- the class says it

    @property
    def shared(self) -> bool: ...  # noqa: D102 -- the class says it

    @property
    def teams(self) -> bool: ...  # noqa: D102 -- the class says it


@dataclass(frozen=True, slots=True)
class Brokers:
    """The Kafka cluster itself: what is there needs no other name for its place."""

    identity: str = ""
    addresses: tuple[tuple[str, str], ...] = ()
    layout: Layout = Layout()


@dataclass(frozen=True, slots=True)
class AlertFolder:
    """A folder that Prometheus loads rules from, and the servers to tell. `severity` replaces every team's own.

    `create`: the folder may be made; without, a missing one is a job that runs where nobody would look. `runbooks`:
    the address below which each alert has a page.
    """

    folder: str
    reload: tuple[str, ...] = ()
    severity: str | None = None
    create: bool = False
    runbooks: str | None = None
    layout: Layout = FILES

    @property
    def identity(self) -> str:
        """The folder."""
        return f"files:{self.folder}"

    @property
    def addresses(self) -> tuple[tuple[str, str], ...]:
        """Who is told to reload."""
        return tuple(("reload", url) for url in self.reload)


@dataclass(frozen=True, slots=True)
class DashboardFolder:
    """A folder that Grafana's file provider reads; the rest as with every place for dashboards."""

    folder: str
    url: str | None = None
    create: bool = False
    layout: Layout = Layout()
    declarations: str | None = None
    shared: bool = False
    teams: bool = False

    @property
    def identity(self) -> str:
        """The folder."""
        return f"files:{self.folder}"

    @property
    def addresses(self) -> tuple[tuple[str, str], ...]:
        """Grafana's own, for links."""
        return (("url", self.url),) if self.url else ()
