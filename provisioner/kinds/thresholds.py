"""What a topic or a consumer has of its own for a template: the parameters that are fields of a declaration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.catalog import model
from provisioner.kinds.template_values import Consumer, Topic
from provisioner.templates import Template
from provisioner.templates.parameters import RETENTION


def of(template: Template, topic: model.Topic | Topic, consumer: model.Consumer | Consumer | None) -> Mapping[str, Any]:
    """Parameter -> value; None for one that nobody declared, or that is switched off."""
    return {name: _value(field, topic, consumer) for name, field in template.fields.items()}


def _value(field: str, topic: model.Topic | Topic, consumer: model.Consumer | Consumer | None) -> Any:
    whose = topic if consumer is None or field == RETENTION else consumer
    return getattr(whose, field.replace(".", "_"))
