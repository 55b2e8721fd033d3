"""Replication factors raised and lowered on a live cluster. All that has to be remembered stands on the cluster."""
