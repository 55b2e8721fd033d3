"""Where things live on this machine: templates, and what the sandbox leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Folders; a user's own template, or profile, of the same name wins over the shipped one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    alert_templates: Path = Path("alert_templates")
    dashboards: Path = Path("dashboards")
    profiles: Path = Path("profiles")
    build: Path = Path("build")

    @property
    def templates(self) -> tuple[Path, Path, Path]:
        """Where everything lies that alerts and dashboards are rendered from."""
        return self.alert_templates, self.dashboards, self.profiles

    def audit_of(self, cluster: str) -> Path:
        """Where a cluster's audit lines go, unless --audit names a file."""
        return self.build / "audit" / f"{cluster}.jsonl"

    def played(self, cluster: str) -> Path:
        """Where a cluster's alerts and dashboards go when it is played in the sandbox."""
        return self.build / "sandbox" / cluster


def from_environment(environment: Mapping[str, str]) -> Settings:
    """PROVISIONER_ALERT_TEMPLATES, _DASHBOARDS, _PROFILES and _BUILD name other folders."""
    given = {name: environment.get(f"PROVISIONER_{name.upper()}") for name in Settings.model_fields}
    return Settings.model_validate({name: Path(path) for name, path in given.items() if path})
