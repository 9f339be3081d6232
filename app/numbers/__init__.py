"""Numbers: how quick we are, how often we are right, what another operating point would do, and what nobody looked into."""
