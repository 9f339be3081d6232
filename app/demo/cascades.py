"""How a picture runs through chats, played with known truth: who had it from whom, and what each did to it on the way.

People sit in several channels. Somebody who sees the picture in one may post it in others: passed on inside the application (the
same bytes, of which the gateway may state the origin), saved and sent anew (the application compresses it again), cut, captioned,
stuck over, as a screenshot of the chat, as a part of such a screenshot, as a photo of a screen. Every copy is made of its
parent's pixels. The same seed plays the same cascade.
"""

import heapq
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image

from app.demo.camera import screen_photo
from app.demo.screens import caption, chat_screenshot, crop, forward, sticker
from fingerprints.types import U8

GATEWAYS = ("wecom-hq", "mattermost-lab")
_SECOND_GATEWAY = 0.15
_PEOPLE = 6  # to a channel
_WAYS = {"same": 0.42, "again": 0.22, "crop": 0.11, "marked": 0.07, "screenshot": 0.10, "part": 0.05, "photo": 0.03}
_APPLICATIONS = ((1280, 70), (1600, 80), (1080, 65), (2048, 85), (1440, 75), (960, 60))  # longest side, JPEG quality
_DELAY, _DELAY_SPREAD = 720.0, 1.2  # seconds, median; of its logarithm
_WORDS = ("你看这是什么", "is this real?", "内部的，别外传", "from my cousin's workshop", "这页有意思")


@dataclass(frozen=True, slots=True)
class Room:
    """A channel. ``members``: as the gateway tells; ``people``: numbers of those in it who may post."""

    id: str
    gateway: str
    name: str
    members: int
    external: bool
    people: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Post:
    """One message with the picture. ``at``: seconds since the first. ``parent``: id of the post it was made from, ``None`` the
    original. ``way``: what was done to it. ``stated``: whether the gateway names the parent. ``deleted``: after so many seconds.
    """

    id: str
    at: float
    room: Room
    person: int
    parent: str | None
    way: str
    stated: bool
    deleted: float | None
    data: bytes = field(repr=False)

    @property
    def sender_id(self) -> str:
        """A person has an id of its own with every gateway."""
        return f"{self.room.gateway[:2]}-{self.person:04d}"

    @property
    def sender_name(self) -> str:
        return f"{_FAMILY[self.person % len(_FAMILY)]}{_GIVEN[self.person // len(_FAMILY) % len(_GIVEN)]}"

    def message(self, sent_at: str, parent: "Post | None") -> dict[str, object]:
        """As ``POST /api/v1/messages`` takes it, less its one attachment. ``parent``: the post it was made from."""
        room = self.room
        told = {"channel_id": parent.room.id, "message_id": parent.id} if self.stated and parent is not None else None
        channel = {"id": room.id, "name": room.name, "kind": "group", "members": room.members, "external": room.external}
        sender = {"id": self.sender_id, "name": self.sender_name}
        message: dict[str, object] = {"gateway": room.gateway, "message_id": self.id, "sent_at": sent_at}
        message |= {"channel": channel, "sender": sender}
        return message if told is None else {**message, "forwarded_from": told}


@dataclass(frozen=True, slots=True)
class Habits:
    """``stated``: share of what is passed on inside an application whose origin the gateway states. ``deleted``: share of posts
    that are deleted again. ``ways``: how often each way is taken.
    """

    stated: float = 0.5
    deleted: float = 0.04
    ways: Mapping[str, float] = field(default_factory=lambda: _WAYS)


_FAMILY = ("王", "李", "Weber", "张", "Novak", "刘", "Rossi", "陈", "Okafor", "杨", "Lind", "赵")
_GIVEN = (" 伟", " Mara", " 芳", " Tom", " 敏", " Lena", " 静", " Ivo", " 磊", " Ana", " 洋", " Per", " 艳", " Nils")
_NAMES = (
    "相亲相爱一家人",
    "Old classmates",
    "项目部",
    "Five-a-side",
    "三车间交流群",
    "Parents 4b",
    "钓鱼",
    "Site contractors",
    "读书会",
    "Carpool",
)


def rooms(count: int, rng: np.random.Generator) -> list[Room]:
    """So many channels, and six people to each of them, most of whom are in several."""
    seats: list[set[int]] = [set() for _ in range(count)]
    for person in range(_PEOPLE * count):
        for place in rng.permutation(count)[: 1 + min(4, int(rng.geometric(0.45)))]:
            seats[place].add(person)
    return [_room(number, tuple(sorted(people)), rng) for number, people in enumerate(seats)]


def _room(number: int, people: tuple[int, ...], rng: np.random.Generator) -> Room:
    name = _NAMES[number % len(_NAMES)] + (f" {number // len(_NAMES) + 1}" if number >= len(_NAMES) else "")
    members = len(people) + int(rng.lognormal(3.2, 1.0))
    return Room(f"c-{number:03d}", GATEWAYS[int(rng.random() < _SECOND_GATEWAY)], name, members, bool(rng.random() < 0.6), people)


def play(originals: Sequence[bytes], posts: int, seed: int, habits: Habits | None = None) -> list[Post]:
    """So many posts, in order of time. ``originals``: files of independent photos of the same; each is posted by somebody."""
    rng = np.random.default_rng([seed, posts, 61])
    stage = _Stage(rooms(max(4, posts // 4), rng), habits or Habits(), rng)
    for number, data in enumerate(originals):
        stage.begins(data, 0.0 if number == 0 else float(rng.exponential(4 * _DELAY)))
    made: list[Post] = []
    while len(made) < posts and (post := stage.next()) is not None:
        made.append(post)
    return made


@dataclass(order=True, slots=True)
class _Plan:
    """Somebody is about to post. ``source``: what was seen, none for an original. ``after``: number of the plan by which the same
    person posts it elsewhere just before.
    """

    at: float
    number: int
    person: int = field(compare=False)
    room: Room = field(compare=False)
    way: str = field(compare=False)
    data: bytes = field(compare=False)
    source: Post | None = field(compare=False)
    after: int | None = field(compare=False, default=None)


class _Stage:
    """Who is about to post what. What is done to a picture is done when it is posted."""

    def __init__(self, places: Sequence[Room], habits: Habits, rng: np.random.Generator) -> None:
        self._rooms, self._habits, self._rng = places, habits, rng
        self._plans: list[_Plan] = []
        self._posted: set[int] = set()
        self._done: dict[int, Post] = {}
        self._planned = 0

    def begins(self, data: bytes, at: float) -> None:
        """Somebody who is in several channels has a photo, and shows it in one or two."""
        busy = [p for p in range(_PEOPLE * len(self._rooms)) if p not in self._posted and len(self._of(p)) > 1]
        person = int(self._rng.choice(busy))
        self._posted.add(person)
        self._plan(person, self._of(person), at, "original", data, None)

    def next(self) -> Post | None:
        """The next post; ``None`` when everybody who could has passed it on."""
        if not self._plans:
            return None
        plan = self._settled(heapq.heappop(self._plans))
        data = plan.data if plan.source is None else _changed(plan.way, plan.source.data, self._rng)
        stated = plan.way == "same" and bool(self._rng.random() < self._habits.stated)
        deleted = float(self._rng.exponential(600)) if self._rng.random() < self._habits.deleted else None
        parent = None if plan.source is None else plan.source.id
        name = f"m-{len(self._done) + 1:04d}"
        post = Post(name, plan.at, plan.room, plan.person, parent, plan.way, stated, deleted, data)
        self._done[plan.number] = post
        self._seen(post)
        return post

    def _settled(self, plan: _Plan) -> _Plan:
        """What was passed on as it was is passed on again from where it was seen; an own photo, or a changed copy, from there."""
        first = None if plan.after is None else self._done[plan.after]
        if first is None or first.way == "same":
            return plan
        return replace(plan, source=first, way="same" if first.room.gateway == plan.room.gateway else "again")

    def _seen(self, post: Post) -> None:
        """Others in the channel: some pass it on, each once and for all. While few are about to, everybody does who can."""
        for person in post.room.people:
            places = [room for room in self._of(person) if room.id != post.room.id]
            eager = 0.2 if len(self._plans) > 6 else 0.7
            if person not in self._posted and places and self._rng.random() < eager:
                self._posted.add(person)
                delay = float(self._rng.lognormal(np.log(_DELAY), _DELAY_SPREAD))
                self._plan(person, places, post.at + delay, self._way(), b"", post)

    def _plan(self, person: int, places: Sequence[Room], at: float, way: str, data: bytes, source: Post | None) -> None:
        after = None
        for place in self._rng.permutation(len(places))[: 1 + int(self._rng.random() < 0.3)]:
            room, how = places[place], way
            if source is not None and way == "same" and room.gateway != source.room.gateway:
                how = "again"
            self._planned += 1
            heapq.heappush(self._plans, _Plan(at, self._planned, person, room, how, data, source, after))
            after = self._planned
            at += 5 + float(self._rng.exponential(60))

    def _way(self) -> str:
        ways = self._habits.ways
        return str(self._rng.choice(list(ways), p=np.array(list(ways.values())) / sum(ways.values())))

    def _of(self, person: int) -> list[Room]:
        return [room for room in self._rooms if person in room.people]


def _changed(way: str, data: bytes, rng: np.random.Generator) -> bytes:
    if way == "same":
        return data
    picture = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    longest, quality = _APPLICATIONS[int(rng.integers(len(_APPLICATIONS)))]
    return forward(_CHANGES[way](picture, rng), longest, quality)


def _again(picture: U8, _rng: np.random.Generator) -> U8:
    return picture


def _cut(picture: U8, rng: np.random.Generator) -> U8:
    """Between half and nine tenths of each side is kept; of a small picture more."""
    least = 0.5 if min(picture.shape[:2]) > 500 else 0.75
    w, h = rng.uniform(least, 0.93, 2)
    x, y = float(rng.uniform(0, 1 - w)), float(rng.uniform(0, 1 - h))
    return crop(picture, x, y, x + float(w), y + float(h))


def _marked(picture: U8, rng: np.random.Generator) -> U8:
    if rng.random() < 0.5:
        return caption(picture, str(rng.choice(_WORDS)))
    return sticker(picture, int(rng.integers(1 << 30)), int(rng.integers(2, 5)))


def _screenshot(picture: U8, rng: np.random.Generator) -> U8:
    return chat_screenshot(picture, int(rng.integers(1 << 30)))


def _part(picture: U8, rng: np.random.Generator) -> U8:
    """A screenshot cut down to what matters: part of what stands around the picture stays."""
    shot = _screenshot(picture, rng)
    return crop(
        shot,
        float(rng.uniform(0, 0.1)),
        float(rng.uniform(0.05, 0.12)),
        float(rng.uniform(0.88, 1)),
        float(rng.uniform(0.75, 0.95)),
    )


def _photo(picture: U8, rng: np.random.Generator) -> U8:
    return screen_photo(picture, int(rng.integers(1 << 30)))


_CHANGES: dict[str, Callable[[U8, np.random.Generator], U8]] = {
    "again": _again,
    "crop": _cut,
    "marked": _marked,
    "screenshot": _screenshot,
    "part": _part,
    "photo": _photo,
}
