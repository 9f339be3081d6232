"""Attacks on a registered picture, tried one after the other while somebody looks on. Remembered for a while, here, and no more.

The attacks are always the same and are drawn from the picture alone, so any server can draw any of them again: there is no job
that one server knows and another does not, and whoever closes the page ends it. It costs no message its turn: lanes take an
attack up when nothing else waits, and everybody has one at a time.
"""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.blobs.reading import at_hand
from app.blobs.types import Blobs
from app.errors import NotFound, Unavailable
from app.ingest.jobs import File, JobError, LaneError, Priority
from app.ingest.lanes import Lanes
from app.ingest.trials import Rehearse, Rehearsed, Render
from app.uploads import Upload

ATTACKS = (
    *("recompressed", "preview", "crop40", "crop20", "tilted", "turned", "mirrored", "stuck_over"),
    *("screenshot", "collage", "inset", "print_photographed", "screen_photographed", "chat_photographed"),
)
"""From the mildest to the worst; as ``app.demo.rehearsal`` draws them."""
PATIENCE = 60.0
"""Seconds an attack waits for a lane and is drawn and inspected in."""
MOST = 140
"""Attacks remembered, some 30 KB each."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is attacked: a picture (a blob), and the asset that is to be found in what comes of it."""

    blob: str
    asset_id: str


class Gallery:
    """What was tried last, in this process."""

    def __init__(self, lanes: Lanes, blobs: Blobs) -> None:
        self._lanes, self._blobs = lanes, blobs
        self._busy: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._known: OrderedDict[tuple[Subject, str, int], Rehearsed] = OrderedDict()

    def known(self, subject: Subject) -> dict[str, Rehearsed]:
        """What was tried since the registry last changed, by attack."""
        found = {attack: self._known.get((subject, attack, self._lanes.checkpoint)) for attack in ATTACKS}
        return {attack: one for attack, one in found.items() if one is not None}

    async def attacked(self, subject: Subject, attack: str, who: str) -> Rehearsed:
        """What becomes of one attack. Raises NotFound for none of ours, or no picture; Unavailable."""
        if attack not in ATTACKS:
            raise NotFound(f"There is no attack “{attack}”.", "unknown_attack")
        async with self._turn(who):
            found = self._known.get((subject, attack, self._lanes.checkpoint))
            if found is None:
                found = await self._run(subject.blob, attack, subject.asset_id)
                self._remember((subject, attack, self._lanes.checkpoint), found)
            return found

    async def picture(self, subject: Subject, attack: str, who: str) -> bytes:
        """What it looks like. Raises NotFound, Unavailable."""
        found = self.known(subject).get(attack)
        if found is None:
            if attack not in ATTACKS:
                raise NotFound(f"There is no attack “{attack}”.", "unknown_attack")
            async with self._turn(who):
                found = await self._run(subject.blob, attack, None)
        return found.picture

    async def lend(self, upload: Upload) -> str | None:
        """A picture that nobody registers, as a blob that no row names: it is swept within the store's grace.

        ``None``: there is no picture in the file. Raises Unavailable.
        """
        try:
            shown = await self._lanes.run(Render(File(str(upload.path), upload.name, upload.content_type)), Priority.INTERACTIVE)
        except (JobError, LaneError) as error:
            said = f"“{upload.name}” could not be opened: {error.detail}."
            raise Unavailable(said, "opening_failed", file=upload.name, reason=error.code) from None
        return None if shown is None else await asyncio.to_thread(self._blobs.put, shown)

    @asynccontextmanager
    async def _turn(self, who: str) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(PATIENCE), self._busy[who]:
                yield
        except TimeoutError:
            raise Unavailable("Detection is busy with messages just now. Try again soon.", "detection_busy") from None
        except FileNotFoundError:
            raise NotFound("There is no picture to show.") from None

    async def _run(self, blob: str, attack: str, asset_id: str | None) -> Rehearsed:
        async with at_hand(self._blobs, [blob]) as [path]:
            try:
                return await self._lanes.run(Rehearse(File(str(path), "picture.jpg"), attack, asset_id), Priority.REHEARSAL)
            except (JobError, LaneError) as error:
                said = f"This attack could not be tried: {error.detail}."
                raise Unavailable(said, "attack_failed", reason=error.code) from None

    def _remember(self, key: tuple[Subject, str, int], found: Rehearsed) -> None:
        self._known[key] = found
        while len(self._known) > MOST:
            self._known.popitem(last=False)
