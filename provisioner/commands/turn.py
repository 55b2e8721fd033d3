"""Whether a cluster's turn has come: one with `after:` waits for the apply of another, in the same pipeline."""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.catalog.model import Cluster
from provisioner.errors import RefusedError
from provisioner.stores.gitlab import pipelines
from provisioner.stores.gitlab.client import Client

APPLY_JOBS = ("apply: [{}]", "apply after: [{}]")
"""As .gitlab-ci.yml calls them, by cluster."""


def check(cluster: Cluster, client: Client, environment: Mapping[str, str]) -> None:
    """Raises RefusedError where the cluster that comes first is not done, in this pipeline."""
    number = environment.get("CI_PIPELINE_ID", "")
    if cluster.after is None or not number.isdigit():
        return
    found = (pipelines.job(client, int(number), name.format(cluster.after)) for name in APPLY_JOBS)
    job = next((each for each in found if each), None)
    order = f"{cluster.name} comes after {cluster.after}"
    if job is None:
        hint = f"give its job `needs:` in .gitlab-ci.yml, or take `after: {cluster.after}` out of clusters.yaml"
        raise RefusedError(f"{order}, and no job of this pipeline applies that: nothing is done", hint)
    if job.status != "success":
        hint = f"see {job.web_url}; when it has ended well, press retry here"
        raise RefusedError(f"{order}, whose job {job.name!r} is {job.status}: nothing is done", hint)
