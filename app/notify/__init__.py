"""Telling others what happened: an outbox of rows, written with what they tell of, and senders that deliver them."""
