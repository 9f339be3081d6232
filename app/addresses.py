"""Addresses of what a server depends on, as operators write them. What is wrong is told without the address: it may hold a
password.
"""

import re
from importlib.util import find_spec
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

SQLITE, POSTGRESQL = "sqlite+aiosqlite", "postgresql+asyncpg"
KINDS = f"use {SQLITE}:///path or {POSTGRESQL}://user:password@host:5432/name, or leave it empty for SQLite in the data directory"
WRITTEN = {"postgresql": POSTGRESQL, "postgres": POSTGRESQL, "sqlite": SQLITE}
"""What others call them."""
OPTIONS = {"ssl", "host", "port", "prepared_statement_cache_size"}
"""What may follow a question mark; ``sslmode``, as PostgreSQL's own programs have it, is the first."""

BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[\w!.*'()-]+)*/?", re.ASCII)
STORES = "give a folder, as a path or file:///path, or s3://bucket/prefix"


def blob_address(value: str) -> str:
    """A folder's path, or ``s3://bucket/prefix``. Raises ValueError, also for S3 when it is not installed."""
    scheme, _, rest = value.partition("://")
    if "://" not in value:
        return value
    if scheme == "file" and rest.startswith("/"):
        return unquote(rest)
    if scheme != "s3":
        raise ValueError(f"there is no such kind of store: {STORES}")
    if not BUCKET.fullmatch(value):
        raise ValueError(f"it names no bucket and prefix (credentials come from the environment or a profile of AWS): {STORES}")
    if find_spec("s3fs") is None:
        raise ValueError("what keeps blobs in S3 is not installed: pip install leakwatch[s3]")
    return value.rstrip("/")


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
