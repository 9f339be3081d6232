"""How a new alert finds the incident that it belongs to."""
