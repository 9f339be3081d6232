"""Taking evidence out: what a report says, and the form that asks what for."""
