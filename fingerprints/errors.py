"""What can go wrong when a file from outside is opened; every name says whose fault it is."""

REASONS = frozenset(
    {
        "corrupt",
        "empty",
        "encrypted",
        "ornament",
        "out_of_time",
        "too_deep",
        "too_many_bytes",
        "too_many_characters",
        "too_many_frames",
        "too_many_members",
        "too_many_pages",
        "too_many_pixels",
        "too_much",
        "truncated",
        "unsupported",
    }
)
"""Why something was not read: stable words. A file is empty, damaged, locked, unknown, or too much of something."""


class FingerprintError(Exception):
    """Root of this package's errors."""


class Unreadable(FingerprintError):
    """The sender's file cannot be inspected; retrying will not help.

    ``code`` is one of ``REASONS``; ``detail`` is a sentence for people saying what to do.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail

    def __reduce__(self) -> tuple[type["Unreadable"], tuple[str, str]]:
        """Survive the trip between processes."""
        return type(self), (self.code, self.detail)


class EngineMissing(FingerprintError):
    """The operator's fault: the chosen OCR engine is not installed. Not retryable until it is."""
