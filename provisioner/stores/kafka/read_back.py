"""Live topics beside a change: before it is sent (is it outdated?), and after (is it visible? who was first?).

A look is made once here; it is repeated by whoever looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provisioner.kinds.topic import CONFIG
from provisioner.kinds.topic_spec import TopicSpec
from provisioner.kinds.topic_words import REPLICAS
from provisioner.reconcile.change import Action, Change
from provisioner.reconcile.model import Key
from provisioner.reconcile.outcome import Outcome, State
from provisioner.stores.kafka import codes, reading
from provisioner.stores.kafka.connection import Connection
from provisioner.stores.kafka.reading import Described

Changes = Sequence[Change[TopicSpec]]
Fields = Mapping[str, str]

ONCE = 1
"""The tries of a look."""
AGAIN = "plan again"


def visible(connection: Connection, changes: Changes) -> set[str]:
    """The names whose live topic shows every field of its change."""
    shown = live(connection, changes)
    return {change.key.name for change in changes if _shows(change, shown.get(change.key.name))}


def live(connection: Connection, changes: Changes) -> dict[str, Fields]:
    """The fields of those topics that a broker shows; configs only where a change is about them.

    Configs first: a description's answer names another controller, and so another broker for the next question.
    """
    names = [change.key.name for change in changes]
    asked = names if any(map(_is_about_configs, changes)) else []
    none: reading.Configs | int = codes.UNKNOWN_TOPIC if asked else reading.Configs({}, {})
    configs = dict(reading.configs(connection, asked, frozenset(), ONCE))
    described = reading.by_name(connection, names, ONCE)
    answers = {name: (answer.shape, configs.get(name, none)) for name, answer in described.items()}
    return {
        name: reading.observed(shape, config).resource.fields()
        for name, (shape, config) in answers.items()
        if shape and isinstance(config, reading.Configs)
    }


def _is_about_configs(change: Change[TopicSpec]) -> bool:
    return change.before is None or any(field.field.startswith(CONFIG) for field in change.fields)


def _shows(change: Change[TopicSpec], shown: Fields | None) -> bool:
    return shown is not None and all(shown.get(field.field) == field.after for field in change.fields)


def gone(connection: Connection, changes: Changes) -> set[str]:
    """The names that no longer exist, or belong to a topic made since."""
    described = reading.by_name(connection, [change.key.name for change in changes], ONCE)
    return {change.key.name for change in changes if _is_gone(change, described[change.key.name])}


def _is_gone(change: Change[TopicSpec], described: Described) -> bool:
    return described.code == codes.UNKNOWN_TOPIC or (
        described.shape is not None and described.topic_id != change.identity
    )


def differences(connection: Connection, changes: Changes) -> dict[str, str]:
    """Name -> in words how a topic that somebody else made or changed first differs from what is wanted."""
    shown = live(connection, changes) if changes else {}
    differing = {change.key.name: _difference(change, shown.get(change.key.name)) for change in changes}
    return {name: words for name, words in differing.items() if words}


def _difference(change: Change[TopicSpec], shown: Fields | None) -> str:
    """Empty where nothing differs or nothing can be compared."""
    if shown is None or change.after is None:
        return ""
    differing = {name: value for name, value in _comparable(change, shown).items() if shown.get(name) != value}
    return ", ".join(
        f"{name} is {shown.get(name) or 'not set'}, wanted {value or 'not set'}"
        for name, value in sorted(differing.items())
    )


def _comparable(change: Change[TopicSpec], shown: Fields) -> dict[str, str | None]:
    """What must hold: all of a new topic; of an old one only what has moved, as the rest may just be late."""
    if change.before is None:
        return {**dict.fromkeys(shown), **{field.field: field.after for field in change.fields}}
    return {field.field: field.after for field in change.fields if shown.get(field.field) != field.before}


def drop_outdated(connection: Connection, batch: Changes) -> tuple[list[Change[TopicSpec]], list[Outcome]]:
    """The changes that are still to be sent, and the outcomes of those that are not.

    What somebody else did since the plan is neither overwritten nor repeated. New topics are sent in any case: the
    cluster says itself which of them exist.
    """
    known = [change for change in batch if change.before is not None]
    described = reading.by_name(connection, [change.key.name for change in known])
    updates = [change for change in known if change.action is Action.UPDATE]
    shown = live(connection, updates) if updates else {}
    outdated: dict[Key, Outcome] = {}
    for change in known:
        answer = described[change.key.name]
        outcome = _of_update(change, answer, shown) if change in updates else _of_deletion(change, answer)
        if outcome:
            outdated[change.key] = outcome
    return [change for change in batch if change.key not in outdated], list(outdated.values())


def _of_update(change: Change[TopicSpec], described: Described, shown: Mapping[str, Fields]) -> Outcome | None:
    """None: it is as it was planned, or a broker does not show it right now; sending tells then."""
    if described.topic_id and change.identity and described.topic_id != change.identity:
        why = "it is another topic than the one that was planned, made again under the same name"
        return Outcome(change.key, State.FAILED, f"{why}: {AGAIN}")
    fields = shown.get(change.key.name)
    if fields is None:
        return None
    if _shows(change, fields):
        return Outcome(change.key, State.DONE, "it was as wanted already", change.fields)
    # Replicas come one partition after the other, and by whichever run has its turn.
    firm = [each for each in change.fields if each.field != REPLICAS]
    if moved := [f for f in firm if fields.get(f.field) not in (f.before, f.after)]:
        words = ", ".join(f"{f.field} is {fields.get(f.field) or 'not set'} by now" for f in moved)
        return Outcome(change.key, State.FAILED, f"changed by somebody else meanwhile: {words}; {AGAIN}")
    return None


def _of_deletion(change: Change[TopicSpec], described: Described) -> Outcome | None:
    """None: it is the very topic that was planned."""
    if described.topic_id is not None and described.topic_id == change.identity:
        return None
    if described.code == codes.UNKNOWN_TOPIC:
        return Outcome(change.key, State.DONE, "it was gone already", change.fields)
    if described.shape:
        return Outcome(change.key, State.FAILED, f"it is another topic than the one that was planned: {AGAIN}")
    return Outcome(change.key, State.FAILED, f"nothing was sent: {described.hidden}")
