"""The part of Kafka's protocol that the fake brokers speak, with the versions that a 4.4 broker offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kafka.protocol import admin
from kafka.protocol.metadata import ApiVersionsRequest, ApiVersionsResponse, MetadataRequest, MetadataResponse

Message = Any
"""One of kafka-python's generated messages: it encodes and decodes itself."""


@dataclass(frozen=True, slots=True)
class Api:
    """One row: its messages, its versions, and how its answers keep their results (list, class, name's field)."""

    name: str
    request: type[Message]
    response: type[Message]
    low: int
    high: int
    results: str = ""
    result: str = ""
    subject: str = "name"
    mutates: bool = False


def _admin(name: str, low: int, high: int, *results: Any, **more: Any) -> Api:
    return Api(name, getattr(admin, f"{name}Request"), getattr(admin, f"{name}Response"), low, high, *results, **more)


_ROWS = (
    Api("ApiVersions", ApiVersionsRequest, ApiVersionsResponse, 0, 4),
    Api("Metadata", MetadataRequest, MetadataResponse, 0, 13, "topics", "MetadataResponseTopic"),
    _admin("CreateTopics", 2, 7, "topics", "CreatableTopicResult", mutates=True),
    _admin("CreatePartitions", 0, 3, "results", "CreatePartitionsTopicResult", mutates=True),
    _admin("DeleteTopics", 1, 6, "responses", "DeletableTopicResult", mutates=True),
    _admin("IncrementalAlterConfigs", 0, 1, "responses", "AlterConfigsResourceResponse", "resource_name", mutates=True),
    _admin("AlterPartitionReassignments", 0, 1, mutates=True),
    _admin("DescribeConfigs", 1, 4, "results", "DescribeConfigsResult", "resource_name"),
    _admin("DescribeCluster", 0, 2),
    _admin("ListPartitionReassignments", 0, 0),
    _admin("DescribeLogDirs", 1, 5),
)

APIS: dict[int, Api] = {int(api.request.API_KEY): api for api in _ROWS}
BY_NAME: dict[str, Api] = {api.name: api for api in _ROWS}
