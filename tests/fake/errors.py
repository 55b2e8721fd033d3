"""How a fake broker says no."""

from __future__ import annotations


class ProtocolError(Exception):
    """An error code of Kafka's protocol, and the words that go with it. Code 0 is no error."""

    def __init__(self, code: int, text: str = "") -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text


class HangupError(Exception):
    """The broker closes the connection instead of answering."""
