"""How long everything takes: the shipped times in half an hour, or all of it in three minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.catalog.units import Duration, duration
from tests import declared


@dataclass(frozen=True)
class Pace:
    """Seconds; `length` is in lags. `settings`: what is set of alerts, by template; all else is as shipped."""

    name: str
    scrape: int
    lag: int
    length: float
    is_long: bool
    settings: Mapping[str, Mapping[str, Any]]

    def at(self, lags: float) -> float:
        """So many lags after the beginning."""
        return lags * self.lag

    def of(self, template: str, parameter: str = "hold") -> int:
        """What is set of it, or shipped; in seconds."""
        chosen = self.settings.get(template, {}).get(parameter)
        lasts = duration(chosen) if chosen else declared.shipped().alerts[template].parameters[parameter]
        assert isinstance(lasts, Duration)
        return lasts.seconds

    @property
    def settled(self) -> float:
        """When those that stopped first have been called for, in lags."""
        return STOP + 1 + (self.of("consumer_lag") + 3 * self.scrape) / self.lag

    @property
    def whole(self) -> float:
        """How long it all is, in seconds."""
        return self.at(self.length)


STOP = 1.2
"""In lags: when the first groups stop. Before one lag nothing is known."""

_OTHERS = ("throughput_drop", "throughput_rise", "partition_skew")

SHORT = Pace(
    "short",
    scrape=3,
    lag=30,
    length=4.8,
    is_long=False,
    settings={
        **{
            name: {"hold": "9s"}
            for name in ("consumer_lag", "other_consumers_lag", "consumer_retention_risk", *_OTHERS)
        },
        "consumer_partition_unread": {"watched": "15s", "hold": "9s"},
        "messages_lost": {"recent": "1m"},
        "topic_no_traffic": {"hold": "15s"},
        "consumer_no_progress": {"hold": "15s"},
        "many_consumers_late": {"hold": "3s"},
    },
)
LONG = Pace(
    "long",
    scrape=5,
    lag=120,
    length=15.8,
    is_long=True,
    settings={
        "consumer_partition_unread": {"watched": "2m", "hold": "2m"},
        "messages_lost": {"recent": "2m"},
        **{name: {"hold": "2m"} for name in _OTHERS},
    },
)
