"""Which sightings a sighting may have come from: those that are not later, and show the same."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from detectors.spread.cascade import Seen
from detectors.spread.likely import Known, Possible, possible, weighed
from fingerprints.descent import Descent, Relation
from fingerprints.kin import Copy, Kin
from fingerprints.remembering import Memory

SKEW = timedelta(minutes=2)
"""How far the clocks of two gateways may be apart."""
_SAME = Descent(Relation.SAME)
_LAST = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)


class Copies:
    """Sightings by the file they are. ``seen``: in order of time, each once. ``memory``: as ``Kin``."""

    def __init__(self, seen: Sequence[Seen], known: Known, memory: Memory | None = None) -> None:
        self._known = known
        self._rank = {one.id: rank for rank, one in enumerate(seen)}
        self._posts: dict[str, list[Seen]] = {}
        for one in seen:
            self._posts.setdefault(one.digest, []).append(one)
        self._digests = list(self._posts)
        self._numbers = {digest: number for number, digest in enumerate(self._digests)}
        firsts = [posts[0] for posts in self._posts.values()]
        copies = [Copy(one.digest, one.look, one.prints.keypoints) for one in firsts]
        times = [one.at for one in firsts]
        ends = [bisect_right(times, until(self._posts[one.digest][-1].at)) for one in firsts]
        self._kin = Kin(copies, ends, memory)
        self._descents: dict[str, dict[int, tuple[Descent, float]]] = {}

    def possible(self, child: Seen) -> list[Possible]:
        """Its possible parents, in order of time."""
        found: list[Possible] = []
        for other, (descent, pixels) in self._of(child.digest).items():
            found += possible(child, self._before(child, self._digests[other]), descent, pixels, self._known)
        return sorted(found, key=lambda one: self._rank[one.parent.id])

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

    def _before(self, child: Seen, digest: str) -> Iterator[Seen]:
        """Earlier ones, and of another gateway, whose clock may be wrong, those that are not much later."""
        rank, gateway, last = self._rank, child.gateway, until(child.at)
        own = rank[child.id]
        for parent in self._posts[digest]:
            if parent.at > last:
                return
            if parent.dismissed:
                continue
            if (rank[parent.id] < own or parent.gateway != gateway) and not _one_message(parent, child):
                yield parent


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
