"""The database's own clock: workers on several machines agree on it, whatever theirs say."""

from typing import Any

from sqlalchemy import Double
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class clock(FunctionElement[float]):
    """Seconds since 1970, at the moment the statement runs."""

    type = Double()
    inherit_cache = True


@compiles(clock, "sqlite")
def _sqlite(_element: clock, _compiler: Any, **_: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(clock, "postgresql")
def _postgresql(_element: clock, _compiler: Any, **_: Any) -> str:
    return "CAST(extract(epoch from clock_timestamp()) AS double precision)"
