"""Alert sets <-> the files that Prometheus loads: one file for each team that owns topics, and as few groups as fit.

Never one group a topic: ten thousand groups cost Prometheus more than their rules.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, unquote

import yaml

from provisioner.kinds import alert_classes, alert_targets, rule_text
from provisioner.kinds.alert_set import AlertSet, Rule
from provisioner.kinds.alerts import own_name
from provisioner.kinds.compact_names import POLICY, TARGET
from provisioner.templates.rules import RULE_MAPS

HEADER = "# Written by provisioner for cluster {cluster}, team {team}. Do not edit: the next apply writes it anew.\n"
SHARED_HEADER = "# Written by provisioner for cluster {cluster}. Do not edit: the next apply writes it anew.\n"
_MARK, _SHARED = "kafka ", "kafka-compact "
_PART = "#"
"""Before the number of a group, where a team has several: no encoded name has it."""
_DEPTH = 8


class ForeignFileError(ValueError):
    """A file that is not as `pack` writes it; the text says in what."""


def pack(cluster: str, sets: Iterable[AlertSet], most: int | None = None) -> dict[str, str]:
    """File name -> text. Equal sets give equal text, in whatever order they come; `most`: rules in one group."""
    teams: dict[str, list[AlertSet]] = defaultdict(list)
    for alerts in sets:
        teams[alerts.team].append(alerts)
    files = {file_name(cluster, team): file_text(cluster, team, teams[team], most) for team in sorted(teams)}
    known = alert_classes.classes(rule for each in teams.values() for alerts in each for rule in alerts.rules)
    return {**files, classes_name(cluster): classes_text(cluster, known)} if known else files


def classes_name(cluster: str) -> str:
    """`kafka-prod+#.yml`, the file of what compact rules share: no encoded team has this sign."""
    return f"{prefix(cluster)}{_PART}.yml"


def classes_text(cluster: str, known: Mapping[str, alert_classes.Class]) -> str:
    """The file of these classes, a group for each expression: they are evaluated side by side."""
    cluster = quote(cluster, safe="")
    groups = [group._replace(name=f"{_SHARED}{cluster}/{group.name}") for group in alert_classes.groups(known)]
    return SHARED_HEADER.format(cluster=cluster) + rule_text.written(groups)


def classes(text: str) -> dict[str, alert_classes.Class]:
    """The classes of such a file; none for any other."""
    return alert_classes.read(_ours(text))


def count(text: str) -> int:
    """How many rules a file that `pack` wrote holds, records included."""
    return text.count(f"\n{rule_text.RULE}")


def file_name(cluster: str, team: str) -> str:
    """`kafka-prod+payments.yml`: the names are encoded, so no two pairs share a file and none leaves the folder."""
    return f"{prefix(cluster)}{quote(team, safe='')}.yml"


def team_of(cluster: str, name: str) -> str:
    """The team whose rules a file of that name holds."""
    return unquote(name.removeprefix(prefix(cluster)).removesuffix(".yml"))


def prefix(cluster: str) -> str:
    """How the names of a cluster's files begin."""
    return f"kafka-{quote(cluster, safe='')}+"


def is_file_name(cluster: str, name: str) -> bool:
    """True for a name that `file_name` gives for some team, and for that of the classes."""
    team = team_of(cluster, name)
    return name == classes_name(cluster) or ("/" not in name and bool(team) and name == file_name(cluster, team))


def file_text(cluster: str, team: str, sets: Iterable[AlertSet], most: int | None = None) -> str:
    """The file of a team with these alerts, whatever their order; `most`: rules in one group."""
    parts = _parts(sorted(sets, key=lambda alerts: alerts.topic), team, most)
    cluster, team = quote(cluster, safe=""), quote(team, safe="")
    name = f"{_MARK}{cluster}/{team}"
    names = [f"{name}{_PART}{at}" if len(parts) > 1 else name for at in range(len(parts))]
    groups = [rule_text.Group(*each) for each in zip(names, parts, strict=True)]
    return HEADER.format(cluster=cluster, team=team) + rule_text.written(groups)


def _parts(sets: Sequence[AlertSet], team: str, most: int | None) -> list[list[Rule]]:
    """What is written of the topics, in as many groups as are needed, by a hash of the topic.

    An alert that changes its group begins to wait anew: a topic that comes or goes must not move the others.
    """
    held = [(alerts.topic, *alert_targets.written(alerts.rules, team)) for alerts in sets]
    count, parts = 1, [held]
    while most and any(len(part) > 1 and len(_part(part)) > most for part in parts):
        count *= 2
        parts = [[] for _ in range(count)]
        for each in held:
            parts[_spread(each[0]) % count].append(each)
    return [_part(part, f"-{at}" if count > 1 else "") for at, part in enumerate(parts)]


_Held = tuple[str, list[Rule], dict[str, list[Rule]]]
"""A topic, what is written of it alone, and its policies by their links."""


def _part(held: Sequence[_Held], mark: str = "") -> list[Rule]:
    """The rules of a group: the policies of its topics, then the topics. `mark`: behind links, where it is one of many.

    A target and its policies change at once, or an alert would end for a moment.
    """
    policies = {link: rules for _, _, used in held for link, rules in used.items()}
    rules = [rule for link in sorted(policies) for rule in policies[link]]
    rules += [rule for _, own, _ in held for rule in own]
    return [alert_targets.relinked(rule, mark) for rule in rules] if mark else rules


def _spread(topic: str) -> int:
    return int.from_bytes(hashlib.sha256(topic.encode(errors="surrogatepass")).digest()[:8])


def unpack(text: str, known: Mapping[str, alert_classes.Class] = MappingProxyType({})) -> dict[str, AlertSet]:
    """Topic -> its alerts, from a file that `pack` wrote. Raises ForeignFileError for any other.

    `known`: the classes of the compact ones.
    """
    try:
        found = [group._asdict() for group in _ours(text)] or _data(text)["groups"]
        policies = alert_targets.policies(rule for group in found for rule in group["rules"])
        return {topic: alerts for group in found for topic, alerts in _group(group, known, policies).items()}
    except (yaml.YAMLError, UnicodeError) as error:
        raise ForeignFileError(f"it is not YAML: {error}") from error
    except (TypeError, KeyError, AttributeError) as error:
        raise ForeignFileError(f"it is not as provisioner writes rules: {error!r}") from error


def groups(text: str) -> Any:
    """What stands under `groups`, whoever wrote the file: maps, lists and texts. Raises ForeignFileError."""
    try:
        return _data(text)["groups"]
    except (yaml.YAMLError, UnicodeError) as error:
        raise ForeignFileError(f"it is not YAML: {error}") from error
    except (TypeError, KeyError) as error:
        raise ForeignFileError("it has no `groups`, as every file of rules has") from error


def _ours(text: str) -> Sequence[rule_text.Group]:
    """The groups of a file that is as `pack` writes it, below its comment; nothing for any other."""
    try:
        return rule_text.read(text.partition("\n")[2] if text.startswith("#") else text)
    except rule_text.NotOursError:
        return []


def _data(text: str) -> Any:
    """Maps, lists and texts of whatever YAML. Walked event by event: a deep file would crash PyYAML's composer.

    Nothing is taken for a number or a date, as Prometheus reads a rule's parts.
    """
    events = yaml.parse(text, Loader=yaml.CSafeLoader)
    for event in events:
        if not isinstance(event, (yaml.StreamStartEvent, yaml.DocumentStartEvent)):
            return _value(event, events, 0)
    return None


def _value(event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Any:
    if isinstance(event, yaml.ScalarEvent):
        return event.value
    if depth >= _DEPTH:
        raise ForeignFileError(f"it is nested more than {_DEPTH} levels deep")
    if isinstance(event, yaml.SequenceStartEvent):
        return [_value(inner, events, depth + 1) for inner in _inside(events, yaml.SequenceEndEvent)]
    if isinstance(event, yaml.MappingStartEvent):
        keys = _inside(events, yaml.MappingEndEvent)
        return {_value(key, events, _DEPTH): _value(next(events), events, depth + 1) for key in keys}
    raise ForeignFileError("it is not as provisioner writes rules: it has an alias")


def _inside(events: Iterator[yaml.Event], end: type[yaml.Event]) -> Iterator[yaml.Event]:
    return takewhile(lambda event: not isinstance(event, end), events)


def _group(
    group: Mapping[str, Any],
    known: Mapping[str, alert_classes.Class],
    policies: Mapping[str, Sequence[Mapping[str, str]]],
) -> dict[str, AlertSet]:
    name = group["name"]
    if not name.startswith(_MARK) or "/" not in name:
        raise ForeignFileError(f"group {name!r} is not one of provisioner's")
    team = unquote(name.rsplit("/", 1)[1].partition(_PART)[0])
    topics: dict[str, list[Rule]] = {}
    targets: dict[str, list[alert_classes.Joined]] = defaultdict(list)
    for rule in group["rules"]:
        _check(rule)
        if rule.get("record") == POLICY:
            continue
        rules = topics.setdefault(_topic(rule), [])
        if rule.get("record") == TARGET:
            targets[_topic(rule)] += alert_targets.joined(rule["labels"], policies)
        else:
            rules.append(rule)
    return {
        topic: AlertSet(topic, team, alert_classes.arranged([*rules, *alert_classes.whole(targets[topic], known)]))
        for topic, rules in topics.items()
    }


def _check(rule: Rule) -> None:
    """Raises ForeignFileError where a rule has something else than texts, KeyError where it is none of ours."""
    maps = [rule.get(part, {}) for part in RULE_MAPS]
    name = rule["record"] if rule.get("record") in (POLICY, TARGET) else rule["alert"]
    texts = [name, *(value for part, value in rule.items() if part not in RULE_MAPS)]
    texts += [text for values in maps for text in values.values()]
    if not all(isinstance(text, str) for text in texts):
        raise ForeignFileError("it is not as provisioner writes rules: a list or a map stands where a text should")


def _topic(rule: Rule) -> str:
    labels = rule["labels"]
    topic: str = labels["topic"] if "topic" in labels else own_name(labels["kafka_cluster"])
    return topic
