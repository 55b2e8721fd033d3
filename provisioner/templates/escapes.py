"""Values are made harmless for the place they land in, chosen by the key of the leaf and not by the template's author.

PromQL strings, Go templates in annotations (Prometheus executes them), variables in Grafana's texts.
"""

from __future__ import annotations

import html
import re
from urllib.parse import quote

from provisioner.profiles.promql import escaped, escaped_in_grafana
from provisioner.templates.values import Escape

_GRAFANA_VARIABLE = re.compile(r"\$(?=[\w{]|\Z)|\[(?=\[|\Z)")
_MARKDOWN = re.compile(r"([\\`*_\[\]|#~!])")
WORD_JOINER = "\u2060"


_OF_THE_WEB = re.compile(r"https?://", re.IGNORECASE)
_IN_ADDRESS = "/:?#@!&'*+,;=%~"


def nothing(text: str) -> str:
    """As it is."""
    return text


def go_template(text: str) -> str:
    """For a label or an annotation of Prometheus: no brace of a value can open an action."""
    return text.replace("{", '{{ "{" }}') if "{" in text else text


def grafana(text: str) -> str:
    """Grafana has no escape for its variables (grafana#40603): an invisible word joiner keeps them from matching."""
    if "$" not in text and "[" not in text:
        return text
    return _GRAFANA_VARIABLE.sub(lambda match: match[0] + WORD_JOINER, text)


def legend(text: str) -> str:
    """For the name of a line: `{{label}}` would be replaced by the label's value."""
    return re.sub(r"\{(?=\{|\Z)", lambda match: match[0] + WORD_JOINER, grafana(text))


def markdown(text: str) -> str:
    """For a text panel: neither markup, nor HTML, nor variables."""
    return grafana(_MARKDOWN.sub(r"\\\1", html.escape(text, quote=False)))


def web_address(text: str) -> str:
    """An http or https address as a link may hold it; nothing for any other: `javascript:` is a program."""
    return quote(text, safe=_IN_ADDRESS) if _OF_THE_WEB.match(text) else ""


def address(text: str) -> str:
    """For a link: an http or https address stays one, anything else is a part of an address and has no scheme."""
    return web_address(text) or quote(text, safe="")


ALERT: dict[str, Escape] = {
    "expr": escaped,
    "queries": escaped,
    "labels": go_template,
    "annotations": go_template,
}
"""By the key of a rule's part."""

DASHBOARD: dict[str, Escape] = {
    "expr": escaped_in_grafana,
    "query": escaped_in_grafana,
    "definition": escaped_in_grafana,
    "content": markdown,
    "url": address,
    "legendFormat": legend,
}
"""By the leaf's own key; every other text of a dashboard is read by Grafana."""


def in_alert(loc: tuple[str | int, ...]) -> Escape:
    """The escape for a leaf of an alert template; `loc` leads from the file's root to the leaf."""
    return next((ALERT[step] for step in loc if isinstance(step, str) and step in ALERT), nothing)


def in_dashboard(loc: tuple[str | int, ...]) -> Escape:
    """The escape for a leaf of a dashboard template."""
    key = next((step for step in reversed(loc) if isinstance(step, str)), "")
    return DASHBOARD.get(key, grafana)
