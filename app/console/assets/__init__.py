"""What is registered, and registering it."""
