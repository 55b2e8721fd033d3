"""Replication factors raised and lowered, step by step, on a fake cluster that speaks Kafka's protocol."""
