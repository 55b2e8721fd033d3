"""Diff, guard and engine, the same for every kind."""
