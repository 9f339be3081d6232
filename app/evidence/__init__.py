"""What was seen and decided about a leak, as one file that proves for itself that nothing in it was changed since."""
