"""One alert: what was posted, what is registered, why they are held to be the same, and the decision."""
