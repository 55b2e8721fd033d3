"""What any broker answers from its own, possibly late, view."""

from __future__ import annotations

import uuid
from typing import Any

from tests.fake import reassignments
from tests.fake.apis import APIS, Message
from tests.fake.call import Call
from tests.fake.config_keys import DEFAULTS
from tests.fake.errors import ProtocolError
from tests.fake.mutations import LEGAL
from tests.fake.state import FakeTopic

TOPIC, BROKER = 2, 4
OVERRIDE, DYNAMIC, STATIC, DEFAULT = 1, 2, 4, 5
"""Config sources: DYNAMIC_TOPIC_CONFIG, DYNAMIC_BROKER_CONFIG, STATIC_BROKER_CONFIG and DEFAULT_CONFIG."""

NOBODY = uuid.UUID(int=0)
UNKNOWN = ProtocolError(3, "This server does not host this topic-partition.")
HIDDEN = ProtocolError(29, "Topic authorization failed.")


def api_versions(call: Call) -> Message:
    """ApiVersions."""
    response = call.frame.api.response
    keys = [response.ApiVersion(api_key=key, min_version=api.low, max_version=api.high) for key, api in APIS.items()]
    known = call.frame.version <= call.frame.api.high
    return response(error_code=0 if known else 35, api_keys=keys, throttle_time_ms=0)


def metadata(call: Call) -> Message:
    """Metadata: everything that we may see, or the topics asked for."""
    cluster = call.cluster
    return call.frame.api.response(
        throttle_time_ms=0,
        brokers=[_broker(call, node) for node in cluster.named()],
        cluster_id=cluster.cluster_id,
        controller_id=cluster.next_controller(),
        topics=[_topic(call, name) for name in _asked(call)],
        error_code=0,
    )


def _asked(call: Call) -> list[str]:
    if call.request.topics is None:
        shown = set(call.view) - call.state.hidden
        return sorted(shown | set(call.refused))
    names = [topic.name or _name_of(call, topic.topic_id) for topic in call.request.topics]
    if call.request.allow_auto_topic_creation and call.state.quirks.creates_on_metadata:
        new = {name for name in names if name not in call.state.topics}
        call.state.change({name: FakeTopic(call.state.placed(0, 1, 1)) for name in new})
    return names


def _name_of(call: Call, topic_id: uuid.UUID) -> str:
    return next((name for name, topic in call.view.items() if topic.topic_id == topic_id), "")


def _broker(call: Call, node: int) -> Message:
    host, port = call.cluster.address(node)
    kind = call.frame.api.response.MetadataResponseBroker
    return kind(node_id=node, host=host, port=port, rack=f"r{node}")


def _topic(call: Call, name: str) -> Message:
    kind = call.frame.api.response.MetadataResponseTopic
    try:
        topic = _seen(call, name)
    except ProtocolError as refused:
        return kind(error_code=refused.code, name=name, topic_id=NOBODY, is_internal=False, partitions=[])
    rows = [_partition(kind.MetadataResponsePartition, at, part) for at, part in enumerate(topic.partitions)]
    internal = name.startswith("__")
    return kind(error_code=0, name=name, topic_id=topic.topic_id, is_internal=internal, partitions=rows)


def _partition(kind: type[Message], index: int, partition: Any) -> Message:
    return kind(
        error_code=0,
        partition_index=index,
        leader_id=partition.isr[0] if partition.isr else -1,
        leader_epoch=0,
        replica_nodes=list(partition.replicas),
        isr_nodes=list(partition.isr),
        offline_replicas=[],
    )


def _seen(call: Call, name: str) -> FakeTopic:
    if name in call.refused:
        raise call.refused[name]
    if name in call.state.hidden:
        raise HIDDEN
    if name not in call.view:
        raise UNKNOWN if LEGAL.fullmatch(name) else ProtocolError(17, "The request attempted an invalid topic.")
    return call.view[name]


def describe_configs(call: Call) -> Message:
    """DescribeConfigs of topics: all public keys, each with its source."""
    results = [_described(call, resource) for resource in call.request.resources]
    return call.frame.api.response(throttle_time_ms=0, results=results)


def _described(call: Call, resource: Any) -> Message:
    kind, name = call.frame.api.response.DescribeConfigsResult, resource.resource_name
    fields = {"resource_type": resource.resource_type, "resource_name": name}
    if resource.resource_type != TOPIC:
        refused = call.refused.get(name)
        own = {} if refused or resource.resource_type != BROKER else call.state.own.get(int(name), {})
        rows = [_row(kind.DescribeConfigsResourceResult, key, value) for key, value in own.items()]
        rows += [_row(kind.DescribeConfigsResourceResult, *row, DYNAMIC) for row in _set_on(call, name, refused)]
        return kind(error_code=refused.code if refused else 0, error_message=None, configs=rows, **fields)
    try:
        topic = _seen(call, name)
    except ProtocolError as refused:
        return kind(error_code=refused.code, error_message=refused.text, configs=[], **fields)
    values = {**DEFAULTS, **call.state.inherits.get(call.broker, {})}
    entries = [
        _entry(kind.DescribeConfigsResourceResult, key, value, topic)
        for key, value in values.items()
        if value is not None or key in topic.configs
    ]
    return kind(error_code=0, error_message=None, configs=entries, **fields)


def _set_on(call: Call, name: str, refused: ProtocolError | None) -> list[tuple[str, str]]:
    return [] if refused or not name.isdecimal() else list(call.state.dynamic.get(int(name), {}).items())


def _row(kind: type[Message], key: str, value: str | None, source: int = STATIC) -> Message:
    """One of a broker's own configs."""
    more = {"is_default": False, "read_only": False, "is_sensitive": False, "documentation": None}
    return kind(name=key, value=value, config_source=source, synonyms=[], config_type=0, **more)


def _entry(kind: type[Message], key: str, inherited: str | None, topic: FakeTopic) -> Message:
    levels = [(topic.configs[key], OVERRIDE)] if key in topic.configs else []
    levels.append((inherited or "", DEFAULT))
    value, source = levels[0]
    synonyms = [kind.DescribeConfigsSynonym(name=key, value=text, source=level) for text, level in levels]
    more = {"is_default": source == DEFAULT, "read_only": False, "is_sensitive": False, "documentation": None}
    return kind(name=key, value=value, config_source=source, synonyms=synonyms, config_type=0, **more)


def describe_cluster(call: Call) -> Message:
    """DescribeCluster."""
    kind = call.frame.api.response.DescribeClusterBroker
    brokers = [_node(kind, node, *call.cluster.address(node)) for node in call.cluster.named()]
    ids = {"cluster_id": call.cluster.cluster_id, "controller_id": call.cluster.next_controller()}
    fields = {"throttle_time_ms": 0, "error_code": 0, "error_message": None, "endpoint_type": 1}
    return call.frame.api.response(brokers=brokers, **ids, **fields)


def _node(kind: type[Message], node: int, host: str, port: int) -> Message:
    return kind(broker_id=node, host=host, port=port, rack=f"r{node}", is_fenced=False)


def list_reassignments(call: Call) -> Message:
    """ListPartitionReassignments: of all topics, whatever is asked for."""
    if call.state.moving:
        return reassignments.running(call)
    return call.frame.api.response(throttle_time_ms=0, error_code=0, error_message=None, topics=[])


def log_dirs(call: Call) -> Message:
    """DescribeLogDirs: one log dir a broker, with its replicas of the topics asked for."""
    response, sizes = call.frame.api.response, call.state.sizes
    if sizes is None:
        return response(throttle_time_ms=0, error_code=31, results=[])
    result = response.DescribeLogDirsResult
    topics = [
        result.DescribeLogDirsTopic(name=each.topic, partitions=[_log(call, result, each.topic, at) for at in there])
        for each in call.request.topics or ()
        if (there := [at for at in each.partitions if call.broker in _replicas(call, each.topic, at)])
    ]
    only = result(error_code=0, log_dir="/data", topics=topics, total_bytes=10**12, usable_bytes=10**11)
    return response(throttle_time_ms=0, error_code=0, results=[only])


def _replicas(call: Call, name: str, number: int) -> tuple[int, ...]:
    topic = call.state.topics.get(name)
    return topic.partitions[number].replicas if topic and number < len(topic.partitions) else ()


def _log(call: Call, result: Message, name: str, number: int) -> Message:
    size = (call.state.sizes or {}).get(name, 0)
    log = result.DescribeLogDirsTopic.DescribeLogDirsPartition
    return log(partition_index=number, partition_size=size, offset_lag=0, is_future_key=False)
