"""Characters that have no business in a template: who reads the file does not see them, or sees something else."""

from __future__ import annotations

from provisioner.catalog.characters import refused


def strange(text: str) -> str | None:
    """What is wrong with the first such character; None where there is none."""
    if not (character := refused(text, breaks=True)):
        return None
    why = "is half a character" if "\ud800" <= character <= "\udfff" else "does not show where it stands"
    return f"character U+{ord(character):04X} {why}"


REMEDY = 'write the text without it ("\\n" for a line end, spaces for a tab)'
