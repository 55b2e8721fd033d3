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

from provisioner.kinds import alert_classes, rule_text
from provisioner.kinds.alert_rules import Rule
from provisioner.kinds.alerts import AlertSet, own_name
from provisioner.kinds.compact_names import POLICY
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
    groups = [(f"{_SHARED}{cluster}/{name}", rules) for name, rules in alert_classes.groups(known)]
    return SHARED_HEADER.format(cluster=cluster) + rule_text.written(groups)


def classes(text: str) -> dict[str, alert_classes.Class]:
    """The classes of such a file; none for any other."""
    return alert_classes.read([(group["name"], group["rules"]) for group in _ours(text)])


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
    cluster, team = quote(cluster, safe=""), quote(team, safe="")
    parts = _parts(sorted(sets, key=lambda alerts: alerts.topic), most)
    name = f"{_MARK}{cluster}/{team}"
    groups = [
        (f"{name}{_PART}{at}" if len(parts) > 1 else name, [rule for _, rules in part for rule in rules])
        for at, part in enumerate(parts)
    ]
    return HEADER.format(cluster=cluster, team=team) + rule_text.written(groups)


def _parts(sets: Sequence[AlertSet], most: int | None) -> list[list[tuple[str, list[Rule]]]]:
    """The topics, each with what is written of it, in as many groups as are needed, by a hash of the topic.

    An alert that changes its group begins to wait anew: a topic that comes or goes must not move the others.
    """
    held = [(alerts.topic, alert_classes.written(alerts.rules)) for alerts in sets]
    count, parts = 1, [held]
    while most and any(len(part) > 1 and sum(len(rules) for _, rules in part) > most for part in parts):
        count *= 2
        parts = [[] for _ in range(count)]
        for topic, rules in held:
            parts[_spread(topic) % count].append((topic, rules))
    return parts


def _spread(topic: str) -> int:
    return int.from_bytes(hashlib.sha256(topic.encode(errors="surrogatepass")).digest()[:8])


def unpack(text: str, known: Mapping[str, alert_classes.Class] = MappingProxyType({})) -> dict[str, AlertSet]:
    """Topic -> its alerts, from a file that `pack` wrote. Raises ForeignFileError for any other.

    `known`: the classes of the compact ones.
    """
    try:
        found = _ours(text) or _data(text)["groups"]
        return {topic: alerts for group in found for topic, alerts in _group(group, known).items()}
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


def _ours(text: str) -> list[Mapping[str, Any]]:
    """The groups of a file that is as `pack` writes it, below its comment; nothing for any other."""
    try:
        groups = rule_text.read(text.partition("\n")[2] if text.startswith("#") else text)
    except rule_text.NotOursError:
        return []
    return [{"name": name, "rules": rules} for name, rules in groups]


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


def _group(group: Mapping[str, Any], known: Mapping[str, alert_classes.Class]) -> dict[str, AlertSet]:
    name = group["name"]
    if not name.startswith(_MARK) or "/" not in name:
        raise ForeignFileError(f"group {name!r} is not one of provisioner's")
    team = unquote(name.rsplit("/", 1)[1].partition(_PART)[0])
    topics: dict[str, list[Rule]] = {}
    policies: dict[str, list[alert_classes.Policy]] = defaultdict(list)
    for rule in group["rules"]:
        rules = topics.setdefault(_topic(rule), [])
        if rule.get("record") == POLICY:
            policies[rule["labels"]["topic"]].append(rule["labels"])
        else:
            rules.append(rule)
    return {
        topic: AlertSet(topic, team, alert_classes.arranged([*rules, *alert_classes.whole(policies[topic], known)]))
        for topic, rules in topics.items()
    }


def _topic(rule: Rule) -> str:
    maps = [rule.get(part, {}) for part in RULE_MAPS]
    texts = [
        POLICY if rule.get("record") == POLICY else rule["alert"],
        *(value for part, value in rule.items() if part not in RULE_MAPS),
    ]
    texts += [text for values in maps for text in values.values()]
    if not all(isinstance(text, str) for text in texts):
        raise ForeignFileError("it is not as provisioner writes rules: a list or a map stands where a text should")
    labels = rule["labels"]
    topic: str = labels["topic"] if "topic" in labels else own_name(labels["kafka_cluster"])
    return topic
