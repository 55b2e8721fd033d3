"""What was changed by hand on a cluster, written into the files of its topics."""
