"""Shelf 2: every side effect. A store is the only door to the outside for one kind."""
