"""Secrets are read at the last moment, bounded, and whole."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from provisioner.catalog.model import Secret
from provisioner.errors import UnreachableError
from provisioner.stores.kafka.credentials import resolved


def of_file(path: Path, name: str = "sasl.password") -> str:
    return resolved({name: Secret(file=str(path))}, {})[0][name]


def test_spaces_belong_to_a_password_and_the_last_line_end_does_not(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b" pass word \n")
    (tmp_path / "b").write_bytes(b"pw\r\n")
    assert [of_file(tmp_path / "a"), of_file(tmp_path / "b")] == [" pass word ", "pw"]


def test_a_mounted_secret_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("pw")
    (tmp_path / "pw").symlink_to("data")
    assert of_file(tmp_path / "pw") == "pw"


@pytest.mark.parametrize("content", [b"A=1\0B=2", b"one\ntwo", b"one\rtwo\n"])
def test_a_secret_of_several_lines_or_with_a_nul_is_refused(tmp_path: Path, content: bytes) -> None:
    """librdkafka cuts at a NUL and shows the rest of it in its errors."""
    (tmp_path / "pw").write_bytes(content)
    with pytest.raises(UnreachableError) as caught:
        of_file(tmp_path / "pw")
    assert "no secret has" in caught.value.message
    assert "one" not in caught.value.message


def test_a_key_has_lines(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"-----BEGIN-----\nabc\n-----END-----\n")
    assert of_file(tmp_path / "key", "ssl.key.pem") == "-----BEGIN-----\nabc\n-----END-----"


def test_the_environment_is_held_to_the_same() -> None:
    with pytest.raises(UnreachableError, match="the environment's PW holds a line end"):
        resolved({"sasl.password": Secret(env="PW")}, {"PW": "a\nb"})


def test_what_is_no_secret_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "large").write_bytes(b"x" * 70_000)
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "binary", tmp_path / "large", tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(UnreachableError, match=r"sasl\.password: .*(cannot be read|no UTF-8)"):
            of_file(path)
