"""The one name of everything that goes wrong with a database that is down, out of reach, damaged, full or too busy."""


class DatabaseFailure(Exception):
    """Not the caller's fault; the same may succeed later. The message says what the database said, and names no value."""
