"""One request at one broker, as the handlers and the faults see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.fake.apis import Message
from tests.fake.errors import ProtocolError
from tests.fake.state import State, Topics
from tests.fake.wire import Frame

if TYPE_CHECKING:
    from tests.fake.cluster import FakeCluster

Handler = Callable[["Call"], Message]


@dataclass(frozen=True, slots=True)
class Call:
    """`refused`: subjects that get an error instead of being served."""

    cluster: FakeCluster
    broker: int
    frame: Frame
    handler: Handler
    refused: Mapping[str, ProtocolError]
    view: Topics
    """The topics as this broker sees them."""

    @property
    def request(self) -> Message:
        """The decoded request."""
        return self.frame.message

    @property
    def state(self) -> State:
        """The truth, which the controller knows."""
        return self.cluster.state

    @property
    def dry(self) -> bool:
        """A mutation that is only to be checked."""
        return bool(getattr(self.request, "validate_only", False))

    @property
    def subjects(self) -> list[str]:
        """The topics that the request names."""
        return list(_named(self.request))


def _named(request: Message) -> Iterator[str]:
    for attribute in ("topics", "resources", "topic_names"):
        for item in getattr(request, attribute, None) or ():
            yield item if isinstance(item, str) else _name(item)


def _name(item: Any) -> str:
    return str(getattr(item, "resource_name", None) or getattr(item, "name", ""))
