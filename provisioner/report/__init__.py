"""Plans, outcomes and problems as text and JSON. Pure."""
