"""Who gets it among brokers that are equal in all else."""

from __future__ import annotations

import hashlib


def lot(topic: str, number: int, broker: int) -> bytes:
    """The lowest wins. The same for equal input in every run, and another order of brokers for each partition."""
    return hashlib.blake2b(f"{topic}/{number}/{broker}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
