"""Metric profiles: what Kafka's exporters call their metrics, and those metrics as PromQL."""

from provisioner.profiles.files import NAMES, named
from provisioner.profiles.profile import Metrics, Profile

__all__ = ["NAMES", "Metrics", "Profile", "named"]
