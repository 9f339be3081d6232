"""What happens, told to pages that lie open, as server-sent events: until they leave, are signed out, or the server ends."""

import json
from collections.abc import AsyncIterator

from fastapi import Request
from fastapi.responses import StreamingResponse

from app.alerts.live import Live, News
from app.console.routes import cookie_of
from app.errors import TooMany
from app.house import House
from app.people import service as people
from app.people.service import Role

BEAT = 10.0
"""Seconds after which whoever listens is told that we are still there, and is looked at: are they still signed in?"""


def listening(request: Request, house: House, live: Live, after: int | None, name: str) -> StreamingResponse:
    """``after``: the number of what was seen last; ``name``: of the events. Raises TooMany."""
    if live.full:
        raise TooMany("Too many pages are listening already.", "too_many_listeners", 30)
    brought = request.headers.get("last-event-id", "")
    after = int(brought) if brought.isdecimal() and len(brought) < 19 else after
    stream = _stream(house, live, cookie_of(request), after, name)
    return StreamingResponse(stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def _stream(house: House, live: Live, cookie: str, after: int | None, name: str) -> AsyncIterator[bytes]:
    async with live.listening(after) as listener:
        yield b"retry: 2000\n\n"
        while not live.over:
            news = await listener.news(BEAT)
            if live.over:
                return
            if not await _signed_in(house, cookie):
                yield b"event: over\ndata: {}\n\n"
                return
            yield _event(news, name) if news else b"event: beat\ndata: {}\n\n"


async def _signed_in(house: House, cookie: str) -> bool:
    async with house.database.reading() as session:
        found = await people.who_signed_in(session, cookie)
    return found is not None and found.principal.role == Role.ANALYST


def _event(news: News, name: str) -> bytes:
    told = json.dumps({"changed": news.changed, "created": news.created, "many": news.many})
    return f"id: {news.at}\nevent: {name}\ndata: {told}\n\n".encode()
