"""What ends a run. Anything about one topic alone is a value (a problem, a refusal, an outcome), not an exception.

ProvisionerError
+-- InputError        the files are wrong; carries every problem        exit 1
+-- UsageError        the command line is wrong                        exit 64
+-- RefusedError      the whole run is refused, such as a wrong cluster  exit 3
+-- UnreachableError  a destination does not answer                    exit 4
+-- SandboxError      the embedded brokers cannot be had               exit 1
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provisioner.problem import Problem


class ProvisionerError(Exception):
    """A reason to stop, in words for the person who ran the command: what and why, then what to do."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(ProvisionerError):
    """The declarations are wrong. `sources` maps each path to its text, so that a report can show the lines."""

    def __init__(self, problems: Sequence[Problem], sources: Mapping[str, str]) -> None:
        super().__init__(f"{len(problems)} problems in the input")
        self.problems = tuple(problems)
        self.sources = sources


class UsageError(ProvisionerError):
    """The command line asks for something that cannot be meant."""

    exit_code = 64


class RefusedError(ProvisionerError):
    """Nothing of this run may be done."""

    exit_code = 3


class UnreachableError(ProvisionerError):
    """A destination (brokers, a folder, Prometheus) cannot be reached or will not let us in."""

    exit_code = 4


class SandboxError(ProvisionerError):
    """The embedded brokers cannot be fetched, started or found."""
