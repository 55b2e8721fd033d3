"""Questions about consumer groups, each in a process of its own.

librdkafka's group calls can abort the process (librdkafka#4605, seen on 4.4 when a broker dies), and a run must not die
of a question.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from provisioner import child, printable, trace
from provisioner.stores.kafka.connection import Connection

_FOR_LOGINS = ("KRB5_CONFIG", "KRB5CCNAME", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""What librdkafka reads besides its properties."""


class NoAnswerError(Exception):
    """Why a probe told nothing, in words."""


def answer(
    connection: Connection, probe: ModuleType, question: Mapping[str, Any], seconds: float, what: str
) -> dict[str, Any]:
    """What the probe, a module that runs as a script, says to the question; `what`: the same for `--debug`.

    The connection's settings are part of every question. Raises NoAnswerError where it died, or took longer.
    """
    asked = json.dumps({"settings": connection.settings(), **question})
    try:
        with trace.asked(connection.bootstrap, f"{what}, in a process of its own"):
            done = subprocess.run(  # noqa: S603 -- our own file, by our own Python
                [sys.executable, *child.PYTHON, str(probe.__file__)],
                env=child.python_environment(*_FOR_LOGINS),
                input=asked,
                capture_output=True,
                text=True,
                timeout=seconds,
                check=True,
            )
        told: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise NoAnswerError(f"no answer within {seconds:.0f} s") from None
    except subprocess.CalledProcessError as error:
        raise NoAnswerError(f"the process that asked {printable.cut(connection.clean(_ended(error)))}") from None
    except (OSError, ValueError):
        raise NoAnswerError("the process that asked gave no answer") from None
    return told


def _ended(error: subprocess.CalledProcessError) -> str:
    """How; a client that cannot be made, or a cluster that nobody answers for, ends in an exception's last line."""
    if error.returncode < 0:
        return f"was ended by signal {-error.returncode}"
    last = str(error.stderr or "").strip().rpartition("\n")[2]
    return f"failed: {last}" if last else f"ended with {error.returncode}"
