"""What the whole service does as it is deployed: ``python -m tests.benchmarks.fleet [--quick]``."""
