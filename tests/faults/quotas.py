"""Setting a controller mutation quota, which neither client has a method for: the raw request."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka.protocol.admin import AlterClientQuotasRequest

from tests.faults import truth

CLIENT = "provisioner"


@contextmanager
def mutations(bootstrap: str, rate: float) -> Iterator[None]:
    """At most so many partitions a second for our client id, while the block runs."""
    _set(bootstrap, rate)
    try:
        yield
    finally:
        _set(bootstrap, None)


def _set(bootstrap: str, rate: float | None) -> None:
    data: Any = AlterClientQuotasRequest.EntryData
    entity = [data.EntityData(entity_type="client-id", entity_name=CLIENT)]
    change = data.OpData(key="controller_mutation_rate", value=rate or 0.0, remove=rate is None)
    admin = truth.admin(bootstrap)
    try:
        request = AlterClientQuotasRequest(entries=[data(entity=entity, ops=[change])], validate_only=False)
        admin._manager.run(admin._manager.send, request)
    finally:
        admin.close()
    time.sleep(1.5)
