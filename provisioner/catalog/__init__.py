"""From YAML text to one catalog a cluster: documents, declarations, defaults, places."""
