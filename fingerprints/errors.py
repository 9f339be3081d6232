"""What can go wrong when a file from outside is opened; every name says whose fault it is."""


class FingerprintError(Exception):
    """Root of this package's errors."""


class Unreadable(FingerprintError):
    """The sender's file cannot be inspected; retrying will not help.

    ``code`` is a stable word (``empty``, ``too_many_bytes``, ``too_many_pixels``, ``too_many_pages``, ``too_many_characters``,
    ``corrupt``, ``truncated``, ``encrypted``, ``unsupported``); ``detail`` is a sentence for people saying what to do.
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
