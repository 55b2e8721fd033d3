"""From a branch to brokers and back, as a company has it: our pipeline, brokers with users and rights, a GitLab."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from provisioner.sandbox import Sandbox
from tests.fake_gitlab import FakeGitLab
from tests.fake_gitlab.project import TOKEN
from tests.live.conftest import Witness, running, set_by_hand
from tests.pipeline.company import SCOPES, Company, git

STAGING, PROD = "apply: [staging]", "apply after: [prod]"
CLUSTERS = """\
clusters:
  prod:
    default: true
    bootstrap: {prod}
    cluster_id: {prod_id}
    client:
      security.protocol: SASL_PLAINTEXT
      sasl.mechanism: PLAIN
      sasl.username: {{env: KAFKA_USER}}
      sasl.password: {{env: KAFKA_PASSWORD}}
    defaults:
      partitions: 2
      replication_factor: 3
      config: {{min.insync.replicas: 2, retention.ms: 7d}}
    metrics: {{profile: kafka_exporter, matchers: {{cluster: prod}}}}
    alerts: {{type: files, folder: {folder}/rules/prod, create: true}}
    dashboards: {{type: files, folder: {folder}/dashboards, create: true, url: "https://grafana.example.com"}}
    team: platform
    protected: ["audit.*"]
    after: staging
  staging:
    bootstrap: {staging}
    cluster_id: {staging_id}
    defaults: {{partitions: 2, replication_factor: 3, config: {{min.insync.replicas: 2, retention.ms: 1d}}}}
    metrics: {{profile: kminion, matchers: {{cluster: staging}}}}
    alerts: {{type: files, folder: {folder}/rules/staging, create: true, severity: info}}
"""


@pytest.fixture(scope="session")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    yield from running(tmp_path_factory.mktemp("brokers") / "prod", secure=True)


@pytest.fixture(scope="session")
def staging(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    yield from running(tmp_path_factory.mktemp("brokers") / "staging")


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory, prod: Sandbox, staging: Sandbox) -> Iterator[Company]:
    """Our example fleet, applied by the pipeline of its first push."""
    root = tmp_path_factory.mktemp("company")
    with contextlib.closing(Witness(prod.bootstrap).admin) as admin:
        theirs = {"num_partitions": 1, "replication_factor": 3}
        admin.create_topics(dict.fromkeys(("eu.orders.v1", "audit.log"), theirs))
    secrets = {
        "kafka/*-plan": {"KAFKA_USER": "reader", "KAFKA_PASSWORD": "reader-secret"},
        "kafka/prod": {"KAFKA_USER": "writer", "KAFKA_PASSWORD": "writer-secret", **SCOPES["kafka-note"]},
        "kafka/staging": SCOPES["kafka-note"],
        **SCOPES,
    }
    with FakeGitLab() as gitlab:
        there = Company(root, gitlab, secrets)
        there.found(
            CLUSTERS.format(
                prod=prod.secure_bootstrap,
                prod_id=prod.cluster_id,
                staging=staging.bootstrap,
                staging_id=staging.cluster_id,
                folder=root / "srv",
            )
        )
        ran = there.run("push", STAGING, PROD)
        for name in (STAGING, PROD):
            assert name in ran[name].passed, ran[name].text
        yield there


@pytest.fixture
def witness(prod: Sandbox) -> Iterator[Witness]:
    there = Witness(prod.bootstrap)
    with contextlib.closing(there.admin):
        yield there


def test_a_merge_request_is_read_mended_merged_and_applied(company: Company, witness: Witness) -> None:
    """It adds a topic, keeps another one longer, and breaks a third thing; it is mended, and a danger reviewed."""
    fresh = "topics:\n  - {name: returns.v1, clusters: [prod, staging], config: {retention.ms: 2d}}\n"
    longer = "topics:\n  - {name: month-end-reports.v1, message: finance.v1.MonthEndReport, partitions: 1, "
    whole = (company.desk / "topics/logistics/shipments.yaml").read_text("utf-8")
    broken = f"{whole}  - {{topic: nowhere.v1, group: g}}\n"
    request = company.merge_request(
        41,
        payments__returns=fresh,
        finance__reports=longer + "config: {retention.ms: 120d}, lag: 1d}\n",
        logistics__shipments=broken,
    )
    ran = company.review(request)
    assert {"check", "plan: [prod]", "plan: [staging]"} <= ran.failed, ran.text
    assert "note" in ran.passed, ran.text
    (note,) = company.notes(request)
    assert "1 to create" in note
    assert "nowhere.v1" in note, note

    company.pushed(
        request,
        finance__reports=longer + "config: {retention.ms: 60d}, lag: 1d, allow: {shorter-retention: 60d}}\n",
        logistics__shipments=whole,
    )
    ran = company.review(request)
    assert {"check", "plan: [prod]", "plan: [staging]", "note"} <= ran.passed, ran.text
    (note,) = company.notes(request)
    assert "shorter-retention" in note
    assert "returns.v1" in note

    company.merge(request)
    ran_after = company.run("push", "check main", STAGING, PROD)
    assert "merge request 41: its plan counts" in ran_after[PROD].text
    for name, each in ran_after.items():
        assert name in each.passed, each.text
    assert witness.overrides("returns.v1")["retention.ms"] == str(2 * 86_400_000)
    assert witness.overrides("month-end-reports.v1")["retention.ms"] == str(60 * 86_400_000)
    _, *outcomes = company.notes(request)
    assert sorted(text.splitlines()[1].split()[2] for text in outcomes) == ["prod:", "staging:"]

    again = company.run("push", STAGING, PROD)
    for name in (STAGING, PROD):
        assert "nothing left to do" in again[name].text
        assert name in again[name].passed


def test_a_cluster_that_the_files_leave_alone_is_not_asked(company: Company) -> None:
    """Its job is green, though its brokers were gone."""
    request = company.merge_request(42, payments__prod_only="topics:\n  - {name: prod.only.v1}\n")
    ran = company.review(request)
    assert "plan: [staging]" in ran.passed
    assert "untouched" in ran.text


def test_a_danger_that_nobody_reviewed_waits_for_two_buttons(company: Company, witness: Witness) -> None:
    """A direct push at night; and its job, pressed again after a newer merge, does nothing."""
    text = (company.desk / "topics/logistics/shipments.yaml").read_text("utf-8")
    git(company.desk, "checkout", "-q", "main")
    company.push(
        logistics__shipments=text.replace(
            "config: {retention.ms: 1d, retention.bytes: 20GiB}",
            "config: {retention.ms: 12h, retention.bytes: 20GiB}\n    allow: {shorter-retention: 12h}",
        )
    )
    late = git(company.desk, "rev-parse", "HEAD")
    ran = company.run("push", STAGING, PROD)
    assert STAGING in ran[STAGING].passed
    assert PROD in ran[PROD].failed
    assert "Press `plan again`" in ran[PROD].text
    assert witness.overrides("tracking-events.v1")["retention.ms"] == "86400000"
    ran = company.run("push", "plan again prod", "apply again prod")
    assert "apply again prod" in ran["apply again prod"].passed, ran["apply again prod"].text
    assert witness.overrides("tracking-events.v1")["retention.ms"] == str(12 * 3_600_000)

    company.push(payments__more="topics:\n  - {name: more.v1}\n")
    assert PROD in company.run("push", STAGING, PROD)[PROD].passed
    old = company.run("push", STAGING, PROD, commit=late)
    assert STAGING in old[STAGING].failed
    assert "was applied since" in old[STAGING].text


def test_what_was_changed_by_hand_is_an_issue_and_is_adopted_or_undone(
    company: Company, witness: Witness, prod: Sandbox
) -> None:
    """On a schedule it is found; with TOPIC somebody decides."""
    set_by_hand(prod, "shipments.v1", retention_ms=str(9 * 86_400_000))
    set_by_hand(prod, "depot-sensors.v1", retention_ms=str(86_400_000))
    ran = company.run("schedule", "drift: [staging]", "drift: [prod]", "issue", "approved: [prod]")
    assert "drift: [prod]" in ran["drift: [prod]"].warned, ran["drift: [prod]"].text
    assert "issue" in ran["issue"].passed, ran["issue"].text
    (issue,) = company.gitlab.project.told["issues"]
    assert "shipments.v1" in issue["description"]
    assert "approved: [prod]" in ran["approved: [prod]"].passed

    adopted = company.run("web", "adopt: [prod]", TOPIC="shipments.v1")["adopt: [prod]"]
    assert "adopt: [prod]" in adopted.passed, adopted.text
    (branch,) = git(company.origin, "branch", "--list", "adopt-*", "--format=%(refname:short)").split()
    assert "retention.ms: 9d" in git(company.origin, "show", f"{branch}:topics/logistics/shipments.yaml")
    assert TOKEN not in adopted.text

    undone = company.run("web", "undo: [prod]", TOPIC="depot-sensors.v1")["undo: [prod]"]
    assert "undo: [prod]" in undone.passed, undone.text
    assert witness.overrides("depot-sensors.v1").get("retention.ms") in (None, str(7 * 86_400_000))
