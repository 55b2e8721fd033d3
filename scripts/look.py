"""What a cluster holds, asked with a client that shares no code with the provisioner (kafka-python).

look.py BOOTSTRAP
"""

from __future__ import annotations

import logging
import sys

from kafka.admin import KafkaAdminClient


def main(bootstrap: str) -> None:
    logging.disable(logging.WARNING)
    client = KafkaAdminClient(bootstrap_servers=bootstrap.split(","))
    topics = sorted(client.describe_topics(client.list_topics()), key=lambda topic: topic["name"])
    print(f"{'topic':<26} partitions replicas")
    for topic in topics:
        replicas = min(len(partition["replica_nodes"]) for partition in topic["partitions"])
        print(f"{topic['name']:<26} {len(topic['partitions']):>10} {replicas:>8}")
    client.close()


if __name__ == "__main__":
    main(sys.argv[1])
