"""Faults on three or four real brokers: the tool is hurt in every way we know, and what it says is held to the truth.

`make faults` runs each fault RUNS times (20) and prints runs and violations; CI runs each once (test_short.py).
"""
