"""The faults of brokers, topics and the tool itself: each starts an apply, and hurts something at a moment by chance.

It gives back what the apply said. What the fault itself did to topics (as some other client) is named in `excepted`:
nobody blames the tool for that.
"""

from __future__ import annotations

import random
import signal
import time

from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from provisioner import sandbox
from tests.faults import tool, truth
from tests.faults.case import PLAIN, SASL, Case
from tests.faults.fault import ANY_END, Fault, Told, during, moment

STEPS, STRIDE = 360, 37
"""The steps of one apply (358 were counted), and how far apart two runs kill it: each is taken before any is again."""


def controller_killed(case: Case, chance: random.Random) -> Told:
    """The active controller dies."""
    controller = truth.active_controller(case.brokers.bootstrap)
    result = during(case, moment(chance), lambda: sandbox.kill(case.brokers, controller))
    return Told([result], ANY_END)


def controller_paused(case: Case, chance: random.Random) -> Told:
    """The active controller stands still for some seconds, and then goes on as if nothing had been."""
    controller = truth.active_controller(case.brokers.bootstrap)

    def hurt() -> None:
        sandbox.pause(case.brokers, controller)
        time.sleep(chance.uniform(3, 12))
        sandbox.resume(case.brokers, controller)

    return Told([during(case, moment(chance), hurt)], ANY_END)


def broker_killed(case: Case, chance: random.Random) -> Told:
    """Some broker dies, often the one that we are connected to."""
    victim = chance.choice([1, 2, 3])
    return Told([during(case, moment(chance), lambda: sandbox.kill(case.brokers, victim))], ANY_END)


def one_down(case: Case, chance: random.Random) -> Told:
    """One of three is down the whole time: new topics with three replicas may have to wait, the rest goes on."""
    sandbox.kill(case.brokers, chance.choice([1, 2, 3]))
    return Told([case.apply()], ANY_END)


def no_quorum(case: Case, chance: random.Random) -> Told:
    """Two of three die: a clean failure in bounded time, and nothing is called done that is not.

    Where they die before the run's own entry is on record nothing is begun.
    """
    victims = chance.sample([1, 2, 3], 2)

    def hurt() -> None:
        for each in victims:
            sandbox.kill(case.brokers, each)

    return Told([during(case, moment(chance), hurt)], ANY_END, unreported=True)


def tool_killed(case: Case, chance: random.Random) -> Told:
    """SIGKILL before or after one step: a request, a file, the audit of a batch, an entry. RUNS=STEPS takes each."""
    result = case.apply(step=case.number * STRIDE % STEPS + 1)
    return Told([result], {-signal.SIGKILL, 0})


def tool_stopped(case: Case, chance: random.Random) -> Told:
    """SIGTERM: the batch in flight is finished, the rest is stopped, and the report says which is which."""
    began = time.monotonic()
    process = case.start()
    time.sleep(moment(chance))
    process.send_signal(signal.SIGTERM)
    return Told([tool.ended(process, began)], {0, 1, -signal.SIGTERM})


def two_at_once(case: Case, chance: random.Random) -> Told:
    """Two applies of the same files."""
    began = time.monotonic()
    processes = [case.start("--audit", "one.jsonl"), case.start("--audit", "two.jsonl")]
    return Told([tool.ended(process, began) for process in processes], {0, 1, 3}, unreported=True)


def recreated(case: Case, chance: random.Random) -> Told:
    """Between the review and the apply somebody deletes a topic and makes it again under its name."""
    case.plan("--out", "plan.json")
    name = case.old(chance.randrange(4))
    client = AdminClient({"bootstrap.servers": case.brokers.bootstrap})
    client.delete_topics([name], operation_timeout=30)[name].result(40)
    time.sleep(1)
    client.create_topics([NewTopic(name, 2, 3, config={"min.insync.replicas": "2", "retention.ms": "604800000"})])[
        name
    ].result(40)
    time.sleep(2)
    result = case.apply("--plan", "plan.json")
    refused = {each["name"] for each in result.report.get("outcomes", ()) if each["state"] == "refused"}
    if name not in refused:
        raise AssertionError(f"{name} was made again, and its reviewed change was not refused")
    return Told([result], {3}, {name})


def drift_during(case: Case, chance: random.Random) -> Told:
    """Somebody alters a topic of ours while the apply runs."""
    name = case.old(chance.randrange(OLD_TOUCHED))
    entry = ConfigEntry("segment.ms", "7200000", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, name, incremental_configs=[entry])

    def hurt() -> None:
        client = AdminClient({"bootstrap.servers": case.brokers.bootstrap})
        for future in client.incremental_alter_configs([resource]).values():
            future.result(30)

    return Told([during(case, moment(chance), hurt)], {0, 1, 3}, {name})


OLD_TOUCHED = 12


def one_refused(case: Case, chance: random.Random) -> Told:
    """The cluster refuses one topic of fifty: its name collides in metrics with one that others made."""
    client = AdminClient({"bootstrap.servers": case.brokers.bootstrap})
    taken = f"{case.prefix}_refused"
    client.create_topics([NewTopic(taken, 1, 3)])[taken].result(30)
    case.extra = f"  - {{name: {case.prefix}.refused}}\n"
    case.changed()
    result = case.apply()
    case.extra = ""
    case.changed()
    return Told([result], {3}, {taken, f"{case.prefix}.refused"})


def quota(case: Case, chance: random.Random) -> Told:
    """A mutation quota of a few partitions a second: slow, whole, nothing twice."""
    from tests.faults import quotas

    with quotas.mutations(case.brokers.bootstrap, rate=chance.choice([3.0, 8.0])):
        return Told([case.apply()], {0, 1})


def hidden_topics(case: Case, chance: random.Random) -> Told:
    """Our user may not see two of the topics: they are refused by name, never made, and the rest goes on."""
    hidden = {case.old(0), case.old(8)}
    rights = AclOperation.CREATE, AclOperation.ALTER, AclOperation.ALTER_CONFIGS, AclOperation.DELETE
    acls = [_acl(case.prefix, ResourcePatternType.PREFIXED, right, AclPermissionType.ALLOW) for right in rights]
    acls += [_acl(name, ResourcePatternType.LITERAL, AclOperation.ALL, AclPermissionType.DENY) for name in hidden]
    client = AdminClient({"bootstrap.servers": case.brokers.bootstrap})
    for future in client.create_acls(acls).values():
        future.result(30)
    time.sleep(2)
    case.reached(case.brokers.secure_bootstrap, SASL)
    result = case.apply()
    case.reached(case.brokers.bootstrap, PLAIN)
    refused = {each["name"] for each in result.report.get("outcomes", ()) if each["state"] == "refused"}
    if not hidden <= refused:
        raise AssertionError(f"{hidden} are hidden, and refused are {refused}: {result.text[-800:]}")
    return Told([result], {4})


def _acl(name: str, pattern: ResourcePatternType, right: AclOperation, may: AclPermissionType) -> AclBinding:
    return AclBinding(ResourceType.TOPIC, name, pattern, "User:writer", "*", right, may)


ON_TOPICS: tuple[Fault, ...] = (
    controller_killed,
    controller_paused,
    broker_killed,
    one_down,
    no_quorum,
    tool_killed,
    tool_stopped,
    two_at_once,
    recreated,
    drift_during,
    one_refused,
    quota,
    hidden_topics,
)
