"""Where replicas go when a replication factor changes, in which waves, and what that costs. Nothing here acts."""
