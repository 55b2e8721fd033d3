"""Annotations of compact rules: what is the same for a class, and the pieces that are a target's or a policy's own.

A piece has a mark in the class's text. When the alert fires it is asked for, or computed from the alert's labels; of a
dashboard's address nothing but the hash has to be asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from provisioner.kinds import dashboard_links
from provisioner.templates.escapes import go_template

ANNOTATION = "annotation_"
"""Before the name of a piece, as a label."""
CHAT, DASHBOARD_URL, RUNBOOK_URL = "chat", "dashboard_url", "runbook_url"
DASHBOARD = "dashboard"
"""The hash in the address of the topic's own dashboard."""
OF_TARGET = tuple(f"{ANNOTATION}{piece}" for piece in (DASHBOARD, DASHBOARD_URL, f"{DASHBOARD_URL}_end"))
"""Pieces that differ from topic to topic; the others are a policy's."""

_OWN = (CHAT, DASHBOARD_URL, RUNBOOK_URL)
_BRACE = go_template("{")
_BEGIN, _END = "\ue000", "\ue001"
_MARK = re.compile(f"{_BEGIN}([a-z_]+){_END}")


class _Computed(NamedTuple):
    """A piece that follows from labels; `action`: as Prometheus computes it."""

    action: str
    of: Callable[[Mapping[str, str]], str]


def _encoded(label: str) -> _Computed:
    """Go spells a space as `+`."""
    action = f'{{{{ $labels.{label} | urlquery | reReplaceAll "[+]" "%20" }}}}'
    return _Computed(action, lambda labels: quote(labels[label], safe="", errors="surrogatepass"))


_COMPUTED = {
    "of_topic": _encoded("topic"),
    "of_group": _encoded("consumer_group"),
    "slug": _Computed(
        '{{ $labels.topic | toLower | reReplaceAll "[^a-z0-9]+" "-" | reReplaceAll "^-|-$" "" }}',
        lambda labels: dashboard_links.slug(labels["topic"]),
    ),
}


def cut(rule: str, name: str, text: str, labels: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """An annotation of the alert `rule` with marks in place of its pieces, and these."""
    if name not in _OWN or text.endswith(f"/{rule}.md"):
        return text, {}
    bare = text.replace(_BRACE, "\0")
    first, opened, rest = bare.partition("{{")
    middle, closed, last = (opened + rest).rpartition("}}")
    if not opened:
        middle, closed, last = "", "", ""
    if "{" in first + last or bool(opened) != bool(closed) or "\0" in middle:
        return text, {}
    parts = {name: first.replace("\0", "{"), f"{name}_end": last.replace("\0", "{")}
    known = {part: _known(part, words, labels) for part, words in parts.items()}
    begin, end = (one[0] for one in known.values())
    return f"{begin}{middle}{closed}{end}", {part: words for one in known.values() for part, words in one[1].items()}


def _known(part: str, words: str, labels: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """What a class has of these words, and the pieces."""
    if part == DASHBOARD_URL and (made := _address(words, labels.get("topic", ""), labels.get("kafka_cluster", ""))):
        return made[0], dict(made[1])
    group = labels.get("consumer_group")
    if part == f"{DASHBOARD_URL}_end" and group is not None and words == f"&var-group={quote(group, safe='')}":
        return f"&var-group={_mark('of_group')}", {}
    return (_mark(part), {ANNOTATION + part: words}) if words else ("", {})


@lru_cache(256)
def _address(words: str, topic: str, cluster: str) -> tuple[str, Mapping[str, str]] | None:
    """That of the topic's own dashboard, or of the one for all topics."""
    slug, chosen = dashboard_links.slug(topic), f"?var-topic={quote(topic, safe='')}&from="
    hashed = dashboard_links.uid(cluster, topic).removeprefix(dashboard_links.PREFIX)
    own = f"/d/{dashboard_links.PREFIX}{hashed}/{slug}?from="
    if "{" in words or not topic:
        return None
    if words.endswith(own) and slug == _slug_of_go(topic):
        begin = f"{words.removesuffix(own)}/d/{dashboard_links.PREFIX}"
        return f"{begin}{_mark(DASHBOARD)}/{_mark('slug')}?from=", {ANNOTATION + DASHBOARD: hashed}
    if words.endswith(chosen):
        return f"{words.removesuffix(chosen)}?var-topic={_mark('of_topic')}&from=", {}
    return None


def _slug_of_go(topic: str) -> str:
    """As `slug` is computed: nothing, where no letter is left."""
    return re.sub("^-|-$", "", re.sub("[^a-z0-9]+", "-", topic.lower()))


def _mark(piece: str) -> str:
    return f"{_BEGIN}{piece}{_END}"


def whole(text: str, target: Mapping[str, str]) -> str:
    """A class's annotation with the pieces of a target and its policy."""

    def piece(mark: re.Match[str]) -> str:
        computed = _COMPUTED.get(mark[1])
        return computed.of(target) if computed else go_template(target.get(ANNOTATION + mark[1], ""))

    return _MARK.sub(piece, text)


def asking(text: str, fetch: Callable[[str], str]) -> str:
    """A class's annotation as Prometheus makes it whole; `fetch`: the action that asks for a piece."""
    return _MARK.sub(lambda mark: _COMPUTED[mark[1]].action if mark[1] in _COMPUTED else fetch(mark[1]), text)


def marked(text: str, fetched: re.Pattern[str]) -> str:
    """The other way round; the first group of `fetched` is a piece."""
    for piece, computed in _COMPUTED.items():
        text = text.replace(computed.action, _mark(piece))
    return fetched.sub(lambda match: _mark(match[1]), text)
