"""Lists in pages: newest first, and a cursor that stays right while things are added."""

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, Field

from app.db.ids import PATTERN

T = TypeVar("T")
Cursor = Annotated[str | None, Field(pattern=PATTERN, description="`next_cursor` of the page before")]
Size = Annotated[int, Field(ge=1, le=200, description="how many at most")]


class Page(BaseModel, Generic[T]):
    """``next_cursor``: ask with it for the next page; ``None`` at the end."""

    items: list[T]
    next_cursor: str | None


def cut(ids: list[str], size: int) -> tuple[list[str], str | None]:
    """``size`` + 1 ids, asked for, become a page of ids and its cursor."""
    return ids[:size], ids[size - 1] if len(ids) > size else None
