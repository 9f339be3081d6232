"""Values that come back as they went, whichever database keeps them."""

import re
from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, String, TypeDecorator

ESCAPE = "\U0010ffff"
"""A code point that Unicode leaves to programs, never for interchange (The Unicode Standard, §23.7)."""
_UNSTORABLE = re.compile(f"[\0\ud800-\udfff{ESCAPE}]")
_ESCAPED = re.compile(f"{ESCAPE}([0-9a-f]+);")


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, aware on both sides; SQLite keeps no offset, so it is put back when read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value and value.replace(tzinfo=UTC)


class Text(TypeDecorator[str]):
    """Any string. PostgreSQL keeps no NUL, and nothing that speaks UTF-8 a lone surrogate: such characters are spelt out."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return value and storable(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value) if value and ESCAPE in value else value


def storable(value: str) -> str:
    """``value`` as it is kept: itself, but for characters that cannot be. No two values are kept as one."""
    return _UNSTORABLE.sub(lambda found: f"{ESCAPE}{ord(found[0]):x};", value)
