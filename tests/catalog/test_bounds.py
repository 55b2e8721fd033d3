"""Whatever stands in a file of at most 1 MiB, reading it ends within five seconds of CPU time, and in few problems."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioner.catalog import reader
from provisioner.catalog.documents import MAX_BYTES
from provisioner.catalog.findings import MOST, Findings, bounded
from provisioner.catalog.suggesting import LONGEST, MOST_A_KIND, Suggestions, did_you_mean
from provisioner.commands import fleet
from provisioner.problem import Problem, Severity, Span
from tests.pace import within

LIMIT = 5.0
CLUSTERS = "clusters: {prod: {bootstrap: 'kafka:9092', default: true}}\n"
SIGNS = "0123456789_.:+-eEyYnNxX<>&*!%@#|?,[]{}'\"\\\t \n/="


def entries(word: str, count: int, line: str) -> str:
    return f"{word}:\n" + "".join(f"- {line.format(n=n)}\n" for n in range(count))


def one_value(text: str) -> str:
    return f"topics:\n- name: a\n  description: {text}\n"


def dotted(number: int) -> str:
    """`a_a.a_a`: names that differ in dots alone, which metrics do not show."""
    return "".join("._"[number >> bit & 1] + "a" for bit in range(15))


ALMOST_ALL = reader.MAX_VALUES // 2 - 100
NASTY = {
    "underscores": one_value("1" + "_" * 1_000_000 + "x"),
    "base 60": one_value("1" + ":1" * 500_000),
    "blanks": one_value("x" + " " * 1_000_000 + "y"),
    "addresses": one_value("'" + "://@" * 250_000 + "'"),
    "secrets": "a: '" + "password" * 130_000 + "'",
    "secrets, broken": "password" * 130_000,
    "brackets": "[" * MAX_BYTES,
    "braces": "{a: " * (MAX_BYTES // 4),
    "dashes": "- " * (MAX_BYTES // 2),
    "question marks": "? " * (MAX_BYTES // 2),
    "directives": "".join(f"%TAG !a{n}! tag:x\n" for n in range(45_000)),
    "200,000 values": "topics: [" + "1," * 200_000 + "1]",
    "100,000 unknown fields": "topics:\n- {name: a," + ",".join(f"f{n}: 1" for n in range(100_000)) + "}\n",
    "unknown fields": "topics:\n- {name: a," + ",".join(f"partitionz{n}: 1" for n in range(48_000)) + "}\n",
    "unknown words": "".join(f"topicz{n}: 1\n" for n in range(48_000)),
    "100,000 wrong topics": "topics:\n" + "- {}\n" * 100_000,
    "wrong topics": entries("topics", ALMOST_ALL, "{{nam: x}}"),
    "duplicate keys": "a: 1\n" * 48_000,
    "short topics": entries("topics", ALMOST_ALL, "{{name: t{n}}}"),
    "one topic": entries("topics", ALMOST_ALL, "{{name: t}}"),
    "unknown configs": entries("topics", 12_000, "{{name: t{n}, config: {{retention.mz: 1}}}}"),
    "unknown consents": entries("topics", 12_000, "{{name: t{n}, allow: {{low-replicatio: 1}}}}"),
    "unknown clusters": "topics:\n- {name: a, clusters: [" + ",".join(f"prodd{n}" for n in range(48_000)) + "]}\n",
    "consumers of one topic": "topics: [{name: a}]\n" + entries("consumers", 16_000, "{{topic: a, group: g{n}}}"),
    "one consumer": "topics: [{name: a}]\n" + entries("consumers", 16_000, "{{topic: a, group: g}}"),
    "near names": entries("topics", 11_000, "{{name: orders-{n:05}-abcdefgh}}")
    + entries("consumers", 11_000, "{{topic: orders_{n:05}-abcdefgx, group: g}}"),
    "one name in metrics": "topics:\n" + "".join(f"- {{name: '{dotted(n)}'}}\n" for n in range(20_000)),
    "controls": "topics:\n- {name: a, description: [" + '"\\e",' * 48_000 + "]}",
    "anchors": "topics: [" + "".join(f"&a{n} x," for n in range(48_000)) + "]",
}


def folder(root: Path, text: str, clusters: str = CLUSTERS) -> Path:
    (root / "pay").mkdir(exist_ok=True)
    (root / "clusters.yaml").write_text(clusters)
    (root / "pay/team.yaml").write_text("chat: '#pay'\n")
    (root / "pay/a.yaml").write_bytes(text.encode()[:MAX_BYTES])
    return root


def problems(root: Path) -> list[Problem]:
    with within(LIMIT):
        return list(fleet.read(root).problems)


@pytest.mark.parametrize("name", NASTY)
def test_a_file_ends_in_time(name: str, tmp_path: Path) -> None:
    """And nobody gets more than the first problems of each step, and a word for the rest."""
    assert len(problems(folder(tmp_path, NASTY[name]))) <= 3 * (MOST + 1)


@given(sign=st.sampled_from(SIGNS), other=st.sampled_from(SIGNS), count=st.integers(1, MAX_BYTES), quoted=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_long_runs_of_any_two_signs_end_in_time(
    sign: str, other: str, count: int, quoted: bool, tmp_path: Path
) -> None:
    """In a plain value and in a quoted one."""
    run = (sign + other) * (count // 2)
    problems(folder(tmp_path, one_value(f'"{run}"' if quoted else f"a{sign}{run}")))


def test_many_clusters_and_many_topics_are_no_product(tmp_path: Path) -> None:
    """Two short files could ask for hundreds of millions of topics."""
    names = [f"c{n}" for n in range(900)]
    clusters = "clusters:\n" + "".join(f"  {name}: {{bootstrap: 'kafka:9092'}}\n" for name in names)
    where = ",".join(names[:300])
    root = folder(tmp_path, entries("topics", 150, f"{{{{name: t{{n}}, clusters: [{where}]}}}}"), clusters)
    for copy in range(5):
        text = entries("topics", 150, f"{{{{name: t{copy}-{{n}}, clusters: [{where}]}}}}")
        (root / f"pay/b{copy}.yaml").write_text(text)
    found = fleet.read(root).problems
    assert [problem.check for problem in found] == ["topics/too-many"]


def test_the_rest_of_a_file_is_counted(tmp_path: Path) -> None:
    """One mistake that made 5,000 problems is one mistake."""
    found = problems(folder(tmp_path, entries("topics", 5000, "{{nam: x}}")))
    (closing,) = [problem for problem in found if problem.check == "files/more"]
    assert closing.message == "and 9,800 more problems in this file"
    assert len(found) == MOST + 1


def test_an_error_is_never_hidden_behind_warnings() -> None:
    """The first of a file are its errors, and what counts errors is one."""
    place = Span("a.yaml")
    warnings = [Problem("names/near-twin", str(n), place, severity=Severity.WARNING) for n in range(2 * MOST)]
    found = bounded([*warnings, Problem("names/legal", "x", place)])
    assert (found[0].check, found[-1].severity) == ("names/legal", Severity.WARNING)
    errors = bounded([*warnings, *(Problem("names/legal", str(n), place) for n in range(MOST + 1))])
    assert errors[-1].severity is Severity.ERROR


def test_other_files_keep_their_problems() -> None:
    """A full file is no reason to be silent about another."""
    crowd = [Problem("x", str(n), Span("a.yaml")) for n in range(2 * MOST)]
    assert Problem("x", "alone", Span("b.yaml")) in bounded([*crowd, Problem("x", "alone", Span("b.yaml"))])


def test_findings_that_fit_are_all_there() -> None:
    """Without a closing word."""
    findings = Findings()
    for n in range(MOST):
        findings.add(Problem("x", str(n), Span("a.yaml")))
    assert len(findings.problems()) == MOST


def test_near_words_are_named_and_long_ones_are_not_looked_for() -> None:
    """A slip of the finger is short."""
    assert did_you_mean("partitons", ["partitions", "replication_factor"]) == "did you mean 'partitions'?"
    assert did_you_mean("partitions", ["message", "lag"]) == ""
    assert did_you_mean("x" * (LONGEST + 1), ["x" * (LONGEST + 2)]) == ""


def test_a_near_word_is_found_among_many() -> None:
    """Those that begin or end alike are looked at."""
    names = [f"payments-{n}" for n in range(20_000)]
    assert did_you_mean("orders.v2x", [*names, "orders.v2"]) == "did you mean 'orders.v2'?"


def test_the_first_problems_of_a_kind_get_a_suggestion() -> None:
    """The others have another trouble, and cost nothing."""
    suggestions = Suggestions()
    given_out = [suggestions.near("schema/unknown-field", "partitons", ["partitions"]) for _ in range(MOST_A_KIND + 5)]
    assert [bool(hint) for hint in given_out] == [True] * MOST_A_KIND + [False] * 5
    assert suggestions.near("another/kind", "partitons", ["partitions"])
