"""What was found to be something else, and alarms no longer."""
