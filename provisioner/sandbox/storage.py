"""A node's formatted storage: made once by Kafka's own tool, then copied with an identity of its own."""

from __future__ import annotations

import base64
import shutil
import subprocess
import uuid
from pathlib import Path

from provisioner.errors import SandboxError
from provisioner.sandbox.jvm import Jvm


def new_id() -> str:
    """A Kafka uuid: 22 characters of base64url; not beginning with a hyphen, which tools take for an option."""
    while True:
        made = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not made.startswith("-"):
            return made


def template(jvm: Jvm, cache: Path, properties: str) -> Path:
    """A formatted folder to copy from. The checkpoint in it holds no cluster id (since Kafka 4.3)."""
    ready = cache / "formatted"
    if ready.exists():
        return ready
    work = cache / f"formatting-{new_id()}"
    work.mkdir(parents=True)
    config = work / "server.properties"
    config.write_text(properties.replace("@DATA@", str(work / "data")), "utf-8")
    command = jvm.command("kafka.tools.StorageTool", "format", "-t", new_id(), "-c", str(config))
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603 - our own Java
    if done.returncode:
        raise SandboxError(f"Kafka's storage could not be formatted: {(done.stdout + done.stderr).strip()[-500:]}")
    try:
        (work / "data").rename(ready)
    except OSError:
        if not ready.exists():
            raise
    shutil.rmtree(work, ignore_errors=True)
    return ready


def copied(source: Path, target: Path, node: int, cluster_id: str) -> None:
    """The template as the storage of one node."""
    shutil.copytree(source, target)
    meta = target / "meta.properties"
    ours = {"node.id": str(node), "cluster.id": cluster_id, "directory.id": new_id()}
    meta.write_text(identified(meta.read_text("utf-8"), ours), "utf-8")


def identified(text: str, ours: dict[str, str]) -> str:
    """meta.properties with these values in place of its own."""
    lines = (line.partition("=") for line in text.splitlines())
    return "".join(f"{key}={ours.get(key, value)}\n" if mark else f"{key}\n" for key, mark, value in lines)
