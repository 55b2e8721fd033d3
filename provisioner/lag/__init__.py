"""How late consumer groups are: what was read of them, and what that means beside their thresholds. Pure."""
