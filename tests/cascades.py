"""Simulated cascades as sightings: posts of ``app/demo/cascades.py``, fingerprinted as the service does, with their true
parents.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import UTC, datetime, timedelta

import numpy as np

from app.demo.cascades import GATEWAYS, Post
from detectors.spread.cascade import Seen
from fingerprints.codec import dump, load
from fingerprints.images import decode
from fingerprints.keypoints import KeypointFingerprinter
from fingerprints.lineage import KIND, dump_look, load_look, look_of
from fingerprints.perceptual import PerceptualFingerprinter
from fingerprints.types import Fingerprints, Limits

BEGIN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SKEW = timedelta(seconds=45)
"""By which the second gateway's clock is fast."""
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
_KEYPOINTS, _PERCEPTUAL, _LIMITS = KeypointFingerprinter(), PerceptualFingerprinter(), Limits()
Kinds = dict[str, bytes]


def kinds_of(data: bytes) -> Kinds:
    """A file's fingerprints and look, as they are stored."""
    picture = decode(data, _LIMITS)
    prints = Fingerprints("", _PERCEPTUAL.fingerprint(picture), _KEYPOINTS.fingerprint(picture))
    return {**dump(prints), KIND: dump_look(look_of(picture, data))}


def sightings(posts: Iterable[Post], kinds: Callable[[bytes], Kinds] = kinds_of) -> list[Seen]:
    """In the order of the posts; ids of sightings are ids of messages."""
    posts = list(posts)
    rooms = {post.id: post.room.id for post in posts}
    known: dict[str, tuple[Fingerprints, Kinds]] = {}
    for data in {post.data for post in posts}:
        digest, made = hashlib.sha256(data).hexdigest(), kinds(data)
        known[digest] = load(digest, made), made
    return [_seen(post, rooms, *known[hashlib.sha256(post.data).hexdigest()]) for post in posts]


def _seen(post: Post, rooms: Mapping[str, str], prints: Fingerprints, kinds: Kinds) -> Seen:
    at = BEGIN + timedelta(seconds=post.at) + SKEW * (post.room.gateway == GATEWAYS[1])
    return Seen(
        id=post.id,
        at=at,
        gateway=post.room.gateway,
        channel_id=post.room.id,
        sender_id=post.sender_id,
        message_id=post.id,
        digest=prints.digest,
        prints=prints,
        look=load_look(kinds[KIND]),
        channel_name=post.room.name,
        external=post.room.external,
        members=post.room.members,
        sender_name=post.sender_name,
        forwarded_from=(rooms[post.parent], post.parent) if post.stated and post.parent is not None else None,
        deleted_at=None if post.deleted is None else at + timedelta(seconds=post.deleted),
    )


def watched(posts: Sequence[Post], share: float, seed: int = 0) -> list[Post]:
    """What is posted in so many of the channels."""
    names = sorted({post.room.id for post in posts})
    chosen = {name for name in names if np.random.default_rng([seed, 63, *name.encode()]).random() < share}
    return [post for post in posts if post.room.id in chosen]


def truth(posts: Sequence[Post], seen: Set[str]) -> dict[str, str | None]:
    """Of every post that was seen, the nearest one before it on its way that was seen as well. By their ids."""
    parents = {post.id: post.parent for post in posts}
    return {post.id: _before(post.id, parents, seen) for post in posts if post.id in seen}


def _before(one: str, parents: Mapping[str, str | None], seen: Set[str]) -> str | None:
    parent = parents[one]
    while parent is not None and parent not in seen:
        parent = parents[parent]
    return parent


def chatter(posts: Iterable[Post], share: float, seed: int = 0) -> dict[tuple[str, str], dict[tuple[str, str], datetime]]:
    """Who is known to be in the channels because they wrote something else there long ago: of each so many of its people."""
    known: dict[tuple[str, str], dict[tuple[str, str], datetime]] = {}
    for post in posts:
        room = post.room
        rng = np.random.default_rng([seed, 64, *room.id.encode()])
        talking = [person for person in room.people if rng.random() < share]
        known[room.gateway, room.id] = {(room.gateway, f"{room.gateway[:2]}-{person:04d}"): LONG_AGO for person in talking}
    return known
