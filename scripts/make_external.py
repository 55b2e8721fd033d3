"""Make the topics that a fleet declares `state: external`, as their real owners would: with the bare client.

make_external.py FOLDER CLUSTER BOOTSTRAP
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml
from confluent_kafka.admin import AdminClient, NewTopic


def externals(folder: Path) -> list[str]:
    files = [yaml.safe_load(path.read_text("utf-8")) for path in sorted(folder.glob("*/*.yaml"))]
    topics = [topic for file in files for topic in (file or {}).get("topics", [])]
    return [topic["name"] for topic in topics if topic.get("state") == "external"]


def main(folder: str, bootstrap: str) -> None:
    client = AdminClient({"bootstrap.servers": bootstrap})
    there = client.list_topics(timeout=10).topics
    missing = [name for name in externals(Path(folder)) if name not in there]
    if missing:
        for name, future in client.create_topics([NewTopic(name, 3, 3) for name in missing]).items():
            future.result(30)
            print(f"  made {name}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[3])
