"""What a scene of the staged chat is: who posts what where, and what leakwatch is expected to conclude."""

from dataclasses import dataclass
from typing import Literal

from app.demo.cast import File


@dataclass(frozen=True, slots=True)
class Channel:
    """Where something is posted; ``external``: people outside the organisation read it."""

    id: str
    name: str
    kind: str
    members: int
    external: bool


@dataclass(frozen=True, slots=True)
class Sender:
    """Who posts."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Expected:
    """``outcome``: an asset's match, a marking on something nobody registered, or nothing. ``title``: which asset."""

    outcome: Literal["asset", "marking", "clear"]
    why: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """One message. ``case``: 1..5 of the cases leakwatch is made for, ``None`` otherwise. ``minute``: since the story began.

    ``forwarded_from``: id of the earlier scene it was forwarded from. ``id`` serves as message id.
    """

    id: str
    case: int | None
    minute: int
    narration: str
    channel: Channel
    sender: Sender
    expected: Expected
    text: str = ""
    attachments: tuple[File, ...] = ()
    forwarded_from: str | None = None
    gateway: str = "wecom-hq"


FAMILY = Channel("fam-17", "相亲相爱一家人", "group", 17, True)
CLASSMATES = Channel("cls-88", "Old classmates", "group", 43, True)
SITE = Channel("site-4", "Site four contractors", "group", 12, True)
CANTEEN = Channel("can-1", "Canteen and parking", "group", 210, False)
MARKET = Channel("mkt-9", "Second-hand market", "group", 480, True)
OFFICE = Channel("off-2", "Records office", "group", 9, False)
TEACHERS = Channel("tea-5", "Evening school teachers", "group", 61, True)

ZHANG, AUNT, XIE, CHENG = Sender("u-4711", "Zhang"), Sender("x-102", "表姐"), Sender("c-31", "Xie"), Sender("c-32", "Cheng")
IVO, LENA, HU, SELLER = Sender("u-208", "Ivo"), Sender("u-311", "Lena"), Sender("u-519", "Hu"), Sender("x-977", "good_deals")
