"""The queue: alerts of one status."""
