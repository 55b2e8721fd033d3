"""A node's formatted storage: made once by Kafka's own tool, then copied with an identity of its own."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

from provisioner import child
from provisioner.errors import SandboxError
from provisioner.sandbox.jvm import Jvm
from provisioner.sandbox.properties import SCRAM, USERS, Ports, server, text

FORMAT_SECONDS = 120
_AGAIN = "run it again; if it fails again, remove the cache folder kafka-topic-provisioner"


def new_id() -> str:
    """A Kafka uuid: 22 characters of base64url; not beginning with a hyphen, which tools take for an option."""
    while True:
        made = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not made.startswith("-"):
            return made


def template(jvm: Jvm, kept: Path) -> Path:
    """A formatted folder to copy from. The checkpoint in it holds no cluster id, and every user's SCRAM credentials."""
    ready = kept / f"formatted-{hashlib.sha256(repr(list(_credentials())).encode()).hexdigest()[:12]}"
    if not ready.exists():
        with tempfile.TemporaryDirectory(prefix="formatting-", dir=kept) as work:
            _placed(_formatted(jvm, Path(work)), ready)
    return ready


def _formatted(jvm: Jvm, work: Path) -> Path:
    config, data = work / "server.properties", work / "data"
    # Nothing listens while formatting: any port will do.
    config.write_text(text(server(1, [Ports(20_001, 20_002)], data, {})), "utf-8")
    arguments = ("format", "-t", new_id(), "-c", str(config), *_credentials())
    command = jvm.command("kafka.tools.StorageTool", *arguments, home=work)
    try:
        subprocess.run(  # noqa: S603 - our own Java
            command, env=child.environment(), capture_output=True, text=True, check=True, timeout=FORMAT_SECONDS
        )
    except subprocess.CalledProcessError as error:
        said = (error.stdout + error.stderr).strip()[-500:]
        raise SandboxError(f"Kafka's storage cannot be formatted:\n{said}", _AGAIN) from None
    except subprocess.TimeoutExpired:
        raise SandboxError(f"Kafka's storage was not formatted in {FORMAT_SECONDS} s", _AGAIN) from None
    return data


def _credentials() -> Iterator[str]:
    """Written into the storage: a client could only add them once the brokers run, and each would learn of it late."""
    for mechanism in SCRAM:
        for name, password in USERS.items():
            yield from ("--add-scram", f"{mechanism}=[name={name},password={password}]")


def _placed(made: Path, ready: Path) -> None:
    try:
        made.rename(ready)
    except OSError:
        # Another sandbox was quicker, and its template is as good.
        if not ready.exists():
            raise


def copied(source: Path, target: Path, node: int, cluster_id: str) -> None:
    """The template as the storage of one node."""
    shutil.copytree(source, target)
    meta = target / "meta.properties"
    ours = {"node.id": str(node), "cluster.id": cluster_id, "directory.id": new_id()}
    meta.write_text(identified(meta.read_text("utf-8"), ours), "utf-8")


def identified(meta: str, ours: Mapping[str, str]) -> str:
    """meta.properties with these values in place of its own."""
    lines = (line.partition("=") for line in meta.splitlines())
    return "".join(f"{key}={ours.get(key, value)}\n" if mark else f"{key}\n" for key, mark, value in lines)
