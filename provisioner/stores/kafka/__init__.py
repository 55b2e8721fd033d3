"""Topics of a live cluster, through confluent-kafka."""
