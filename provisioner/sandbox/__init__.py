"""Three real Kafka brokers on this machine, from packages only: a JRE from PyPI and 45 jars by a locked list."""

from provisioner.sandbox.broker import kill, pause, ready, resume, stop
from provisioner.sandbox.cluster import down, start, status, up
from provisioner.sandbox.properties import USERS
from provisioner.sandbox.state import Node, Sandbox

__all__ = ["USERS", "Node", "Sandbox", "down", "kill", "pause", "ready", "resume", "start", "status", "stop", "up"]
