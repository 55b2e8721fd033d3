"""Write the parts of docs/ that are made from tables: docs.py (run it after changing one; a test compares)."""

from __future__ import annotations

from pathlib import Path

from provisioner.catalog.topic_config import CONFIG_KEYS, INT, LONG, THROTTLES, ConfigKey, Unit

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- made by scripts/docs.py -->", "<!-- end -->"


def configs() -> str:
    rows = [f"| `{key.name}` | {_what(key)} |" for key in CONFIG_KEYS.values() if key.name not in THROTTLES]
    return "\n".join(["| config | value |", "|---|---|", *rows])


def _what(key: ConfigKey) -> str:
    if key.words:
        return ("any of " if key.unit is Unit.LIST else "one of ") + ", ".join(f"`{word}`" for word in key.words)
    bounds = [f"at least {key.low}"] if key.unit in (Unit.MS, Unit.BYTES, Unit.NUMBER) else []
    bounds += [f"at most {key.high}"] if key.high not in (LONG, INT, 1) else []
    return ", ".join([str(key.unit), *bounds])


def with_table(text: str, table: str) -> str:
    head, _, rest = text.partition(BEGIN)
    tail = rest.partition(END)[2]
    return f"{head}{BEGIN}\n{table}\n{END}{tail or chr(10)}"


PAGES = {"docs/configs.md": configs}


def main() -> None:
    for name, table in PAGES.items():
        path = ROOT / name
        path.write_text(with_table(path.read_text("utf-8"), table()), "utf-8")


if __name__ == "__main__":
    main()
