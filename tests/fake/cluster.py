"""The whole fake: brokers on sockets, one state, a script of faults, a record of every request."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from tests.fake import mutations, reads, reassignments
from tests.fake.apis import Api, Message
from tests.fake.broker import HOST, Broker
from tests.fake.call import Call, Handler
from tests.fake.faults import Reply
from tests.fake.script import Script
from tests.fake.state import State
from tests.fake.views import Views
from tests.fake.wire import Frame

T = TypeVar("T")

HANDLERS: Mapping[str, Handler] = {
    "ApiVersions": reads.api_versions,
    "Metadata": reads.metadata,
    "CreateTopics": mutations.create,
    "CreatePartitions": mutations.grow,
    "DeleteTopics": mutations.delete,
    "IncrementalAlterConfigs": mutations.alter,
    "AlterPartitionReassignments": reassignments.alter,
    "DescribeConfigs": reads.describe_configs,
    "DescribeCluster": reads.describe_cluster,
    "ListPartitionReassignments": reads.list_reassignments,
    "DescribeLogDirs": reads.log_dirs,
}


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that reached a broker; `at`: when, by the monotonic clock; served it may be later."""

    api: Api
    broker: int
    client: str
    message: Message
    subjects: tuple[str, ...]
    dry: bool
    at: float


class FakeCluster:
    """A context manager: inside it the brokers run, in a thread of their own.

    `controller`: which broker Metadata calls the controller; None: each in turn, as any live one in KRaft.
    """

    def __init__(self, brokers: int = 3, cluster_id: str = "fakeClusterForTestsOnlyA") -> None:
        nodes = tuple(range(1, brokers + 1))
        self.cluster_id = cluster_id
        self.state = State(nodes)
        self.views = Views(self.state)
        self.script = Script()
        self.requests: list[Sent] = []
        self.controller: int | None = None
        self.ghosts: set[int] = set()
        """Brokers that Metadata names though they are down."""
        self.brokers = {node: Broker(node, self._answer) for node in nodes}
        self._turn = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake Kafka", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        for broker in self.brokers.values():
            self._run(broker.start())
        return self

    def __exit__(self, *_: object) -> None:
        for broker in self.brokers.values():
            self._run(broker.stop())
            broker.close()
        self._run(_ended())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        crashes = [crash for broker in self.brokers.values() for crash in broker.crashes]
        if crashes:
            raise ExceptionGroup("the fake cluster itself failed", crashes)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    @property
    def bootstrap(self) -> str:
        """What a client connects to."""
        return ",".join(f"{HOST}:{broker.port}" for broker in self.brokers.values())

    def stop(self, node: int, *, named: bool = False) -> None:
        """Kill a broker; `named`: the others go on naming it in Metadata."""
        if named:
            self.ghosts.add(node)
        self._run(self.brokers[node].stop())

    def start(self, node: int) -> None:
        """Bring a broker back on its old port."""
        self.ghosts.discard(node)
        self._run(self.brokers[node].start())

    def idle(self) -> None:
        """Let the brokers go on with what they have begun, until they wait."""
        self._run(asyncio.sleep(0))

    def named(self) -> list[int]:
        """The brokers in Metadata."""
        return [node for node, broker in self.brokers.items() if broker.runs or node in self.ghosts]

    def address(self, node: int) -> tuple[str, int]:
        """Where that broker listens."""
        return HOST, self.brokers[node].port

    def next_controller(self) -> int:
        """The broker that the next Metadata answer calls the controller."""
        if self.controller is not None:
            return self.controller
        named = self.named()
        self._turn += 1
        return named[self._turn % len(named)]

    def sent(self, api: str, *, dry: bool = False) -> list[Sent]:
        """The requests of that API, in order."""
        return [sent for sent in self.requests if sent.api.name == api and sent.dry == dry]

    @property
    def mutations(self) -> list[Sent]:
        """Every request that asked for a change."""
        return [sent for sent in self.requests if sent.api.mutates and not sent.dry]

    async def _answer(self, node: int, frame: Frame) -> Reply:
        call = Call(self, node, frame, HANDLERS[frame.api.name], {}, self._view(node, frame))
        subjects = tuple(call.subjects)
        self.requests.append(Sent(frame.api, node, frame.client, frame.message, subjects, call.dry, frame.at))
        return await self.script.take(call).play(call)

    def _view(self, node: int, frame: Frame) -> Mapping[str, Any]:
        reading = frame.api.name in ("Metadata", "DescribeConfigs")
        return self.views.read(node) if reading else self.state.topics


async def _ended() -> None:
    """Whatever still runs is cancelled, and each connection gets the turns of the loop that closing takes."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    for _ in range(20):
        await asyncio.sleep(0)
