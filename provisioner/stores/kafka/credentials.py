"""The client's properties with their secrets read: at the last moment, bounded, and told only by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from provisioner.catalog.model import Secret
from provisioner.errors import UnreachableError
from provisioner.files import FileFault, followed

MAX_BYTES = 64 * 1024
_OF_SEVERAL_LINES = ".pem"

Client = Mapping[str, str | Secret]


def resolved(client: Client, environment: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The properties with their secrets read, and the secret values. Raises UnreachableError if one is missing."""
    secrets = {name: _secret(name, value, environment) for name, value in client.items() if isinstance(value, Secret)}
    properties = {name: value for name, value in client.items() if not isinstance(value, Secret)}
    return {**properties, **secrets}, tuple(secret for secret in secrets.values() if secret)


def introduction(bootstrap: str, client: Client) -> str:
    """Where a run is about to connect, and which secrets go there: nobody has vouched for the address but the files."""
    sent = ", ".join(_sources(client))
    return f"connecting to {bootstrap}, which the files name; " + (f"sent there: {sent}" if sent else "no secret")


def _sources(client: Client) -> Iterator[str]:
    for name, value in client.items():
        if isinstance(value, Secret):
            yield f"{name} (environment {value.env})" if value.env is not None else f"{name} (file {value.file})"


def _secret(name: str, secret: Secret, environment: Mapping[str, str]) -> str:
    value = _of_environment(name, secret.env, environment) if secret.env is not None else _of_file(name, secret.file)
    lines = "\n\r" if not name.endswith(_OF_SEVERAL_LINES) else ""
    if strange := next((character for character in f"\0{lines}" if character in value), None):
        what = "a NUL" if strange == "\0" else "a line end"
        raise UnreachableError(f"{name}: {_place(secret)} holds {what}, which no secret has", "look at what is there")
    return value


def _place(secret: Secret) -> str:
    return f"the environment's {secret.env}" if secret.env is not None else str(secret.file)


def _of_environment(name: str, variable: str, environment: Mapping[str, str]) -> str:
    if variable in environment:
        return environment[variable]
    raise UnreachableError(f"{name}: the environment has no {variable}", f"set {variable} for this job")


def _of_file(name: str, path: str | None) -> str:
    """The file's text; the one line end that editors put last is no part of it, spaces are."""
    try:
        text = followed(Path(path or ""), MAX_BYTES).decode("utf-8")
    except FileFault as fault:
        raise UnreachableError(f"{name}: {path} cannot be read ({fault.reason})", "mount the secret's file") from None
    except UnicodeDecodeError:
        raise UnreachableError(f"{name}: {path} is no UTF-8 text", "mount the file of the secret itself") from None
    return text.removesuffix("\n").removesuffix("\r")
