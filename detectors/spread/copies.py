"""Which sightings a sighting may have come from: those that are not later, and show the same."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter

from detectors.spread.cascade import Seen
from detectors.spread.likely import Known, Possible, Post, possible, weighed
from fingerprints.descent import Descent, Relation
from fingerprints.kin import Copy, Kin
from fingerprints.remembering import Memory

SKEW = timedelta(minutes=2)
"""How far the clocks of two gateways may be apart."""
_SKEW = SKEW // timedelta(microseconds=1)
_SAME = Descent(Relation.SAME)
_RANK = itemgetter(0)
_LAST = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)


class Copies:
    """Sightings by the file they are. ``seen``: in order of time, each once. ``memory``: as ``Kin``."""

    def __init__(self, seen: Sequence[Seen], known: Known, memory: Memory | None = None) -> None:
        self._known = known
        self._by_id = {one.id: Post(one, rank) for rank, one in enumerate(seen)}
        self._posts: dict[str, list[Post]] = {}
        for one in seen:
            self._posts.setdefault(one.digest, []).append(self._by_id[one.id])
        self._digests = list(self._posts)
        self._numbers = {digest: number for number, digest in enumerate(self._digests)}
        firsts = [posts[0].seen for posts in self._posts.values()]
        copies = [Copy(one.digest, one.look, one.prints.keypoints) for one in firsts]
        times = [one.at for one in firsts]
        ends = [bisect_right(times, until(self._posts[one.digest][-1].seen.at)) for one in firsts]
        self._kin = Kin(copies, ends, memory)
        self._descents: dict[str, dict[int, tuple[Descent, float]]] = {}

    def possible(self, child: Seen) -> list[Possible]:
        """Its possible parents, in order of time."""
        own, found = self._by_id[child.id], list[tuple[int, Possible]]()
        for other, (descent, pixels) in self._of(child.digest).items():
            before = self._before(own, self._digests[other])
            found += zip([one.rank for one in before], possible(own, before, descent, pixels, self._known), strict=True)
        found.sort(key=_RANK)
        return [one for _, one in found]

    def descent(self, child: Seen, parent: Seen) -> Descent | None:
        """How the one would have come from the other, ``None`` if they do not show the same."""
        return self._of(child.digest).get(self._numbers[parent.digest], (None,))[0]

    def _of(self, digest: str) -> dict[int, tuple[Descent, float]]:
        """With what pixels say for it."""
        if digest not in self._descents:
            number = self._numbers[digest]
            found = {**self._kin.descents(number), number: _SAME}
            self._descents[digest] = {parent: (one, weighed(one)) for parent, one in found.items()}
        return self._descents[digest]

    def _before(self, child: Post, digest: str) -> list[Post]:
        """Earlier ones, and of another gateway, whose clock may be wrong, those that are not much later."""
        rank, gateway, message, last = child.rank, child.gateway, child.message, child.micros + _SKEW
        return [
            parent
            for parent in self._posts[digest]
            if (parent.rank < rank or (parent.micros <= last and parent.gateway != gateway))
            and parent.message != message
            and not parent.seen.dismissed
        ]


def until(at: datetime) -> datetime:
    """Until when another gateway may say that what came before was sent; the calendar ends with the year 9999."""
    return at + SKEW if at < _LAST else at


def order(one: Seen) -> tuple[datetime, str, str, str, tuple[int, str]]:
    """By time, and among those of one moment always the same: by what their gateways call them, in whatever order they came."""
    return one.at, one.gateway, one.channel_id, one.message_id, one.place


def may_be_stated(parent: Seen, child: Seen) -> bool:
    """Not later: gateways tell whole seconds, and of two in the same second know better than any order of ours."""
    return not _one_message(parent, child) and parent.at <= child.at


def _one_message(one: Seen, other: Seen) -> bool:
    return one.id == other.id or (one.gateway, one.message_id) == (other.gateway, other.message_id)
