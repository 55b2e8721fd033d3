"""Three real Kafka brokers on this machine, from packages only: a JRE from PyPI, and jars by a lock.."""

from provisioner.sandbox.broker import kill, pause, ready, resume, stop
from provisioner.sandbox.cluster import down, remembered, start, status, up
from provisioner.sandbox.places import names
from provisioner.sandbox.properties import USERS
from provisioner.sandbox.state import Node, Sandbox

__all__ = [
    "USERS",
    "Node",
    "Sandbox",
    "down",
    "kill",
    "names",
    "pause",
    "ready",
    "remembered",
    "resume",
    "start",
    "status",
    "stop",
    "up",
]
