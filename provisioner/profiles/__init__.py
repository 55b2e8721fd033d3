"""Metric profiles: what Kafka's exporters call their metrics, and those metrics as PromQL."""

from provisioner.profiles.files import NAMES, named
from provisioner.profiles.profile import Metrics, Profile
from provisioner.profiles.profiles import Profiles

__all__ = ["NAMES", "Metrics", "Profile", "Profiles", "named"]
