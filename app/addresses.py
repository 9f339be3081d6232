"""Addresses of what a server depends on, as operators write them. What is wrong is told without the address: it may hold a
password.
"""

from urllib.parse import parse_qsl, urlencode, urlsplit

SQLITE, POSTGRESQL = "sqlite+aiosqlite", "postgresql+asyncpg"
KINDS = f"use {SQLITE}:///path or {POSTGRESQL}://user:password@host:5432/name, or leave it empty for SQLite in the data directory"
WRITTEN = {"postgresql": POSTGRESQL, "postgres": POSTGRESQL, "sqlite": SQLITE}
"""What others call them."""
OPTIONS = {"ssl", "host", "port", "prepared_statement_cache_size"}
"""What may follow a question mark; ``sslmode``, as PostgreSQL's own programs have it, is the first."""


def database_address(value: str) -> str:
    """As SQLAlchemy takes it. Raises ValueError."""
    if not value:
        return ""
    scheme, _, rest = value.partition("://")
    kind = WRITTEN.get(scheme, scheme)
    if kind == SQLITE and rest.startswith("/") and rest.strip("/"):
        return f"{kind}://{rest}"
    if kind != POSTGRESQL:
        raise ValueError(f"there is no such kind of database: {KINDS}" if kind != SQLITE else f"it names no file: {KINDS}")
    return _postgresql(rest)


def _postgresql(rest: str) -> str:
    try:
        parts = urlsplit(f"//{rest}")
        _ = parts.port
    except ValueError:
        raise ValueError(f"it is no address (write special characters of a password as %40, %2F and so on): {KINDS}") from None
    options = dict(parse_qsl(parts.query))
    if "sslmode" in options:
        options["ssl"] = options.pop("sslmode")
    if not parts.path.strip("/") or not (parts.hostname or "host" in options):
        raise ValueError(f"it names no {'host' if parts.path.strip('/') else 'database on its server'}: {KINDS}")
    unknown = sorted(options.keys() - OPTIONS)
    if unknown:
        raise ValueError(
            f"nothing is known of {', '.join(unknown)}: after the question mark may stand {', '.join(sorted(OPTIONS))}"
        )
    return f"{POSTGRESQL}://{parts.netloc}{parts.path}{'?' + urlencode(options) if options else ''}"
