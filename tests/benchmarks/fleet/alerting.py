"""How long a leak is unseen: from the moment a message is accepted to the moment its alert is put before people."""

from collections.abc import Iterator, Sequence

from app.db import Database
from app.settings import Settings
from tests.benchmarks.fleet.accepting import Door
from tests.benchmarks.fleet.pictures import Album, fresh
from tests.benchmarks.fleet.posts import body, pace, request, spoken
from tests.benchmarks.fleet.queued import Ended, ended

LEAKS, STRANGE = 5, 5
"""Of so many messages one is a copy of a registered page; of so many others one has a picture of something else, and every
other of these a picture that came before.
"""


class Chat:
    """Messages as they come in a chat, each remembered by its name. ``copies``: how many of them are leaks."""

    def __init__(self, token: str, album: Album, leaks: int = LEAKS) -> None:
        self._token, self._album, self._leaks = token, album, leaks
        self.names: list[str] = []
        self.copies: list[str] = []

    def __iter__(self) -> Iterator[bytes]:
        number = 0
        while True:
            number += 1
            yield self._next(number)

    def _next(self, number: int) -> bytes:
        leak = number % self._leaks == 0
        files = self._files(number, leak)
        told = body("" if files else spoken(number), files)
        self.names.append(told["message_id"])
        if leak:
            self.copies.append(told["message_id"])
        return request(self._token, told, files)

    def _files(self, number: int, leak: bool) -> Sequence[bytes]:
        if leak:
            return [fresh(self._album.copies[number // self._leaks % len(self._album.copies)], number)]
        if number % STRANGE == 2:
            turn = number // STRANGE
            picture = self._album.strange[turn // 2 % len(self._album.strange)]
            return [picture if turn % 2 else fresh(picture, number)]
        return ()


async def alerted(settings: Settings, door: Door, album: Album, per_second: float, count: int) -> list[Ended]:
    """What became of so many messages of a chat."""
    chat = Chat(door.token, album)
    await pace(door.port, iter(chat), per_second, count)
    database = Database(settings.database)
    try:
        return await ended(database, chat.names)
    finally:
        await database.close()
