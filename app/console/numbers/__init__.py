"""Numbers: how quick and how right we are, and what another operating point would do."""
