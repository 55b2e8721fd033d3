"""Which consumer groups something is for: some by name, or all but those."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.profiles.metric import Metric
from provisioner.profiles.promql import any_of


@dataclass(frozen=True, slots=True)
class Groups:
    """The named ones; with `others`, every group but them."""

    names: tuple[str, ...]
    others: bool = False

    def narrow(self, metric: Metric, ignored: str = "") -> Metric:
        """The metric of these groups. `ignored`: a regular expression of groups that are none of the others."""
        if self.others:
            return metric.besides(any_of(self.names, ignored))
        return metric.of(self.names[0]) if len(self.names) == 1 else metric.among(any_of(self.names))
