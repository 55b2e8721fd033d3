"""Write the parts of docs/ that are made from tables, and schemas/: run it after changing one; a test compares."""

from __future__ import annotations

import json
from pathlib import Path

from described import FIXED, what, when

import schemas as made
from provisioner.catalog.cluster_declarations import TimeoutsDeclaration
from provisioner.catalog.topic_config import CONFIG_KEYS, THROTTLES
from provisioner.catalog.units import Duration
from provisioner.kinds.hazard_table import HAZARDS, SAFE, Row
from provisioner.report.planfile import PlanDocument
from provisioner.stores.kafka.timeouts import Timeouts
from provisioner.templates.filters import FILTERS

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- made by scripts/docs.py -->", "<!-- end -->"


def configs() -> str:
    rows = [
        f"| `{key.name}` | {what(key)} | {key.where} |" for key in CONFIG_KEYS.values() if key.name not in THROTTLES
    ]
    return "\n".join(["| config | value | Kafka |", "|---|---|---|", *rows])


def hazards() -> str:
    asking = [f"| `{row.slug}` | {when(row)} | {_why(row)} |" for row in HAZARDS if row.asks and row.possible]
    never = [f"| `{row.slug}` | {when(row)} | {_way_out(row)} |" for row in HAZARDS if not row.possible]
    said = [f"| {when(row)} | {_why(row)} |" for row in HAZARDS if not row.asks]
    safe = ", ".join(f"`{key}`" for key in sorted(SAFE))
    return "\n".join(
        [
            "| name | when | why |",
            "|---|---|---|",
            f"| `delete-topic` | {FIXED['delete-topic']} | it and all its records are gone for good |",
            f"| `in-use` | {FIXED['in-use']} | where nobody can tell, too |",
            f"| `extra-config` | {FIXED['extra-config']} | nothing is known of it here |",
            f"| `other-message` | {FIXED['other-message']} | readers of the live topic know the old one |",
            *asking,
            "\nNever permitted, whatever the file accepts:\n",
            "| name | when | the way out |",
            "|---|---|---|",
            *never,
            "| `external-missing` | `state: external` and no such topic | create it where it belongs |",
            "\nSaid beside the change, without a consent being needed:\n",
            "| when | what it means |",
            "|---|---|",
            *said,
            f"\nSafe in either direction: {safe}.",
            "The two `*.throttled.replicas` belong to whoever moves replicas: never declared, never drift.",
        ]
    )


def _why(row: Row) -> str:
    if not isinstance(row.reason, str):
        return {"more-partitions": "order per key breaks", "cleanup-policy": "other records are removed"}[row.slug]
    return row.reason.format(before="(old)", after="(new)")


def _way_out(row: Row) -> str:
    return row.hint.format(before="what is there", after="the new value")


def filters() -> str:
    ours = [made for made in FILTERS.items() if made[1].__module__ == "provisioner.templates.filters"]
    rows = [f"| `{name}` | {_sentence(made.__doc__)} |" for name, made in ours]
    return "\n".join(["| filter | what it gives |", "|---|---|", *rows])


def _sentence(text: str | None) -> str:
    return " ".join(str(text).split()).replace("|", "\\|")


WAITED_FOR = {
    "connect": "the first answer: name, TLS, login and the metadata of all topics. It is tried four times, the first "
    "three shorter; an address at which nothing listens is given up after half of it",
    "read": "one answer to a read or a dry run; three tries without one, and a topic is not known",
    "request": "one answer to a change. What got none is looked up and sent again, for twice as long and at least 1m",
    "visible": "brokers that do not show yet what the cluster has accepted; 20ms more for each topic of the run",
    "doubt": "a request without an answer that may still be carried out; then its change is called failed or stays in "
    "doubt. Not less than the default",
}


def timeouts() -> str:
    default = Timeouts()
    rows = [
        f"| `{word}` | {Duration(int(getattr(default, word)))} | {WAITED_FOR[word]} |"
        for word in TimeoutsDeclaration.model_fields
    ]
    return "\n".join(["| word | default | what is waited for |", "|---|---|---|", *rows])


def with_table(text: str, table: str) -> str:
    head, _, rest = text.partition(BEGIN)
    tail = rest.partition(END)[2]
    return f"{head}{BEGIN}\n{table}\n{END}{tail or chr(10)}"


SCHEMA = "docs/plan.schema.json"
PAGES = {
    "docs/clusters.md": timeouts,
    "docs/configs.md": configs,
    "docs/hazards.md": hazards,
    "docs/templates.md": filters,
}


def schema() -> str:
    """What a plan file may be, for other programs."""
    made = PlanDocument.model_json_schema()
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **made}, indent=2) + "\n"


def schemas() -> dict[str, str]:
    """File -> what an editor is told of what people write."""
    return {f"schemas/{name}.schema.json": made.text(name) for name in made.SCHEMAS}


def main() -> None:
    for name, text in schemas().items():
        (ROOT / name).parent.mkdir(exist_ok=True)
        (ROOT / name).write_text(text, "utf-8")
    (ROOT / SCHEMA).write_text(schema(), "utf-8")
    for name, table in PAGES.items():
        path = ROOT / name
        path.write_text(with_table(path.read_text("utf-8"), table()), "utf-8")


if __name__ == "__main__":
    main()
