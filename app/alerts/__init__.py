"""Verdicts above clear, put before analysts: raised by a message, decided by people, every step kept."""
