"""Three real Kafka brokers on this machine, from packages only: a JRE from PyPI and 45 jars by a locked list."""

from provisioner.sandbox.cluster import Sandbox, down, kill, pause, ready, resume, start, status, up
from provisioner.sandbox.properties import USERS

__all__ = ["USERS", "Sandbox", "down", "kill", "pause", "ready", "resume", "start", "status", "up"]
