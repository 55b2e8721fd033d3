"""Kafka topics, their lag alerts and their dashboards, kept as the files in a repository say."""

__version__ = "0.1.0"
