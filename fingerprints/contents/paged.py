"""Files of many pages or frames: as many as are read, and what is said of the others."""

from collections.abc import Callable, Iterator

from fingerprints.contents.parts import Item, Part
from fingerprints.errors import Unreadable
from fingerprints.types import Unread


def label(index: int) -> str:
    return f"page {index + 1}"


def paged(count: int, most: int, open_page: Callable[[int], Iterator[Part | Unread]]) -> Iterator[Item]:
    """The first ``most`` of so many pages; one that cannot be opened costs only itself."""
    for index in range(min(count, most)):
        try:
            yield from open_page(index)
        except Unreadable as error:
            yield Unread(error.code, error.detail, label(index))
    if count > most:
        detail = f"Only the first {most} pages are read. Send the rest as another file."
        yield Unread("too_many_pages", detail, f"pages after {most}")
