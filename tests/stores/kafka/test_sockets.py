"""What a client was connecting when it ended is closed with it."""

from __future__ import annotations

import selectors
import socket
import weakref

from provisioner.stores.kafka.sockets import ClosingSelector


def test_whatever_was_waited_for_is_closed_with_the_selector() -> None:
    """Also what is no longer waited for; what it never had is left alone."""
    mine, theirs = socket.socketpair()
    with theirs:
        selector = ClosingSelector()
        selector.register(mine, selectors.EVENT_READ)
        selector.unregister(mine)
        selector.close()
        assert (mine.fileno(), theirs.fileno() >= 0) == (-1, True)


def test_a_socket_that_nobody_else_knows_is_held_until_it_is_closed() -> None:
    """Or it would go to the collector open; one that was closed is not kept."""
    mine, theirs = socket.socketpair()
    other, last = socket.socketpair()
    selector, held = ClosingSelector(), weakref.ref(mine)
    with theirs, other, last:
        selector.register(mine, selectors.EVENT_READ)
        selector.unregister(mine)
        del mine
        found = held()
        assert found is not None
        found.close()
        del found
        selector.register(other, selectors.EVENT_READ)
        assert held() is None
        selector.close()
