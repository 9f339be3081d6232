"""What happened to alerts."""
