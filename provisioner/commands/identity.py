"""The id of the cluster that the files mean: `apply` wants it declared, `plan` prints the line to paste."""

from __future__ import annotations

from provisioner.catalog.model import Cluster
from provisioner.errors import RefusedError
from provisioner.reconcile.plan import Plan


def remark(cluster: Cluster, plan: Plan) -> tuple[str, ...]:
    """What to write where no id is declared; of a retired cluster, that nobody is asked."""
    if cluster.is_retired:
        return ("it is retired: its brokers are not asked, its topics stay as they are, its alerts and dashboards go",)
    if cluster.cluster_id is not None:
        return ()
    return (f"no cluster_id is declared, and `apply` wants it: {_advice(cluster, plan)}",)


def required(cluster: Cluster, plan: Plan) -> None:
    """Raises RefusedError where no id is declared: nothing would keep a wrong address from another cluster."""
    if cluster.cluster_id is None and not cluster.is_retired:
        what = f"cluster {cluster.name} has no cluster_id, so that any cluster that answers would be changed"
        raise RefusedError(f"{what}; nothing was done", _advice(cluster, plan))


def _advice(cluster: Cluster, plan: Plan) -> str:
    """The id as a line of YAML: some begin with a sign that YAML would take for its own, so all stand in quotes."""
    place = f"{cluster.span.path}:{cluster.span.line}"
    if plan.cluster_id is None:
        return f"write cluster_id: at {place}; `provisioner plan` prints it where the brokers answer"
    return f'write cluster_id: "{plan.cluster_id}" at {place} (or cluster_id: any, for one that is thrown away)'
