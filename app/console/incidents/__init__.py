"""Incidents: which leaks there are, where one went, who can still stop it, and what is done about it."""
