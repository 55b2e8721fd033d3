"""One topic's rule in the compact layout: rendered once for all that share its parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from provisioner.kinds.alert_classes import GROUP, TOPIC, serves
from provisioner.kinds.alert_set import Rule
from provisioner.kinds.compact_names import BESIDES, JOINS, SERVES
from provisioner.kinds.rendering import Rendering
from provisioner.kinds.template_context import TemplateContext
from provisioner.kinds.template_values import Consumer
from provisioner.profiles.promql import Fragment
from provisioner.templates import Scope, Template

_URL = Fragment("\ue000url\ue001")
"""Stands for the address of the topic's dashboard."""


def is_for(here: TemplateContext, template: Template) -> bool:
    """Whether the cluster's rules are compact, and the template has that form."""
    place = here.cluster.alerts
    return bool(place and place.layout.compact and template.compact)


def rule(
    here: TemplateContext,
    template: Template,
    consumer: Consumer | None,
    known: Mapping[str, Any],
    chosen: Mapping[str, Any],
    rendering: Rendering,
) -> Rule | None:
    """As the template gives it. `known`: its parameters that are declared; `chosen`: those that are set."""
    url = here.dashboard_url(consumer.group if consumer else None)
    slack = consumer.slack if consumer else 0
    key = (template.name, slack, url is None, repr(sorted({**known, **chosen}.items())))
    made: Rule | None = rendering.compact.get(key)
    if key not in rendering.compact:
        names = {**here.compact(consumer, known), **chosen, "dashboard_url": url and _URL}
        made = rendering.render(template, here.topic.name, names, compact=True)
        if not rendering.failed:
            rendering.compact[key] = made
    if made is None or url is None:
        return made
    annotations = {
        name: text.replace(_URL, url) if isinstance(text, str) else text
        for name, text in made.get("annotations", {}).items()
    }
    return {**made, "annotations": annotations}


def joined(rule: Rule, template: Template, here: TemplateContext) -> Rule:
    """The finished rule with what it is joined by."""
    by = f"{TOPIC}, {GROUP}" if template.scope is Scope.CONSUMER else TOPIC
    besides = template.compact is not None and template.compact.besides
    declared = {BESIDES: json.dumps(sorted(here.topic.groups))} if besides else {}
    served = {SERVES: here.topic.dead_letter_of or ""} if serves(rule) else {}
    return {**rule, JOINS: by, **declared, **served}
