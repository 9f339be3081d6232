"""What was seen: every inspected part of a file, kept as fingerprints for a limited time."""
