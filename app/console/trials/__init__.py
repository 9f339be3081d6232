"""Trying what would be found: any file against the registry, and attacks on a registered picture."""
