"""Measures what leakwatch finds, whom it accuses wrongly, and what a message costs. ``python -m tests.benchmarks.run --help``."""
