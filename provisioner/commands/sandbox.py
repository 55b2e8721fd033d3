"""`provisioner sandbox up|status|down`: three real brokers on this machine."""

from __future__ import annotations

import json

from provisioner.commands import exits
from provisioner.commands.console import Console
from provisioner.settings import Settings


def up(name: str, secure: bool, heap: str, settings: Settings, console: Console) -> int:
    """Start the brokers and say how to reach them."""
    from provisioner import sandbox

    running = sandbox.up(name, settings.sandboxes / name, secure=secure, heap=heap, progress=console.say)
    console.out(f"sandbox {name} is up: cluster {running.cluster_id} at {running.bootstrap}")
    return exits.DONE


def status(name: str, output: str, settings: Settings, console: Console) -> int:
    """Say whether the brokers run; 1 if they do not."""
    from provisioner import sandbox

    running = sandbox.status(name, settings.sandboxes / name)
    if output == "json":
        console.out(json.dumps(running.document() if running else {"name": name, "nodes": []}, indent=2))
    elif running:
        console.out(f"sandbox {name}: cluster {running.cluster_id} at {running.bootstrap}")
    else:
        console.out(f"there is no sandbox {name}")
    return exits.DONE if running else exits.FAILED


def down(name: str, settings: Settings, console: Console) -> int:
    """Stop the brokers and remove what they wrote."""
    from provisioner import sandbox

    sandbox.down(name, settings.sandboxes / name)
    console.out(f"sandbox {name} is gone")
    return exits.DONE
