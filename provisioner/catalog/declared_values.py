"""What one value in a file may be, as annotated types, and what all models of declarations have in common."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from provisioner.catalog.approvers import approvers
from provisioner.catalog.copying import copy_rate, day_hours, size
from provisioner.catalog.durations import doubt, expected, lag, seconds, timeout
from provisioner.catalog.limits import Hours
from provisioner.catalog.model import Presence
from provisioner.catalog.people import chat_room, mentions
from provisioner.catalog.percents import drop, rise, skew
from provisioner.catalog.units import Duration
from provisioner.catalog.wording import (
    config_key,
    consented,
    kafka_version,
    message,
    not_blank,
    once_each,
    parameter,
    scalar,
    slack,
    state,
    web_address,
)

MOST_KEYS = 100
"""Entries of one map or list."""

MOST_SETTINGS = 64
"""Of one `config` or `allow`; Kafka 4.4 has 37 topic configs, and each default counts once for every topic."""


class Strict(BaseModel):
    """Nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True, defer_build=True)


Scalars = Annotated[dict[str, Annotated[Any, BeforeValidator(scalar)]], Field(max_length=MOST_SETTINGS)]
Consents = Annotated[dict[str, Annotated[Any, BeforeValidator(consented)]], Field(max_length=MOST_SETTINGS)]
ConfigKeys = Annotated[list[Annotated[str, AfterValidator(config_key)]], Field(max_length=MOST_KEYS)]
Version = Annotated[str, BeforeValidator(kafka_version)]
Lag = Annotated[Duration | Literal["none"], BeforeValidator(lag)]
Expected = Annotated[Duration | Literal["none"], BeforeValidator(expected)]
Drop = Annotated[int | Literal["none"], BeforeValidator(drop)]
Rise = Annotated[int | Literal["none"], BeforeValidator(rise)]
Skew = Annotated[int | float | Literal["none"], BeforeValidator(skew)]
Seconds = Annotated[Duration, BeforeValidator(seconds)]
Timeout = Annotated[Duration, BeforeValidator(timeout)]
Doubt = Annotated[Duration, BeforeValidator(doubt)]
Slack = Annotated[int, BeforeValidator(slack)]
Size = Annotated[int, BeforeValidator(size)]
Rate = Annotated[int, BeforeValidator(copy_rate)]
DayHours = Annotated[Hours, BeforeValidator(day_hours)]
Count = Annotated[int, Field(ge=1, le=100_000)]
Replicas = Annotated[int, Field(ge=1, le=100)]
Word = Annotated[str, Field(min_length=1, max_length=250), AfterValidator(not_blank)]
Path = Annotated[str, Field(min_length=1, max_length=1000)]
Address = Annotated[str, Field(max_length=2000)]
WebAddress = Annotated[Address, AfterValidator(web_address)]
Description = Annotated[str, Field(max_length=4000)]
MessageName = Annotated[Word, AfterValidator(message)]
Chat = Annotated[Word, AfterValidator(chat_room)]
Mentions = Annotated[list[str], BeforeValidator(mentions)]
Approvers = Annotated[list[str], BeforeValidator(approvers)]
Group = Annotated[str, Field(min_length=1, max_length=255)]
Where = Annotated[list[str], Field(min_length=1), AfterValidator(once_each)]


AlertParameters = Annotated[dict[str, Annotated[Any, BeforeValidator(parameter)]], Field(max_length=MOST_KEYS)]
AlertSettings = Annotated[dict[str, AlertParameters], Field(max_length=MOST_KEYS)]
Wish = Annotated[Presence, BeforeValidator(state)]
