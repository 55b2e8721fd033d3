"""A recorded afternoon of the example fleet, and the same hours a week before, with known incidents.

`fleet` is what happens, `history` the truth of it, `exporters` what Prometheus is told, `prometheus` a real one that
holds it, `grafana` how a dashboard asks it, and `truths` what each panel has to show.
"""
