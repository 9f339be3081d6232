"""The tables about what was seen: every inspected part of a file as fingerprints, for a while; and what looks back on it."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Double, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables import Table, now

Number = BigInteger().with_variant(Integer, "sqlite")


class SeenPartRow(Table):
    """A file, or a part of one, however often it was seen. ``perceptual``: its whole picture in 64 bits, as a signed number.

    ``digest``: the SHA-256 of the innermost file, of a page followed by its label.
    """

    __tablename__ = "seen_parts"
    __table_args__ = ({"sqlite_autoincrement": True},)
    number: Mapped[int] = mapped_column(Number, primary_key=True, autoincrement=True)
    digest: Mapped[str] = mapped_column(unique=True)
    perceptual: Mapped[int | None] = mapped_column(BigInteger)


class SeenSketchRow(Table):
    """What a search backwards reads of every part: see ``fingerprints.sieve``. ``perceptual``: again, so that it reads this."""

    __tablename__ = "seen_sketches"
    number: Mapped[int] = mapped_column(
        Number, ForeignKey("seen_parts.number", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    perceptual: Mapped[int | None] = mapped_column(BigInteger)
    details: Mapped[bytes]
    phrases: Mapped[bytes]


class SeenFingerprintRow(Table):
    """One whole fingerprint of a part, in the bytes of ``fingerprints.kept`` (kind ``look``: of ``fingerprints.lineage``)."""

    __tablename__ = "seen_fingerprints"
    number: Mapped[int] = mapped_column(
        Number, ForeignKey("seen_parts.number", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    kind: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[bytes]


class SightingRow(Table):
    """That a part was seen: once per message, attachment and part. Outlives the message; its id tells when that came.

    ``seen``: the part's number. ``size``: bytes of the attachment. ``external_id``: the message's id at its gateway. ``head``:
    the message as posted, without its text.
    """

    __tablename__ = "sightings"
    __table_args__ = (
        UniqueConstraint("message_id", "position", "part"),
        Index(None, "gateway", "external_id"),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str]
    position: Mapped[int]
    part: Mapped[str]
    seen: Mapped[int] = mapped_column(Number, ForeignKey("seen_parts.number"), index=True)
    size: Mapped[int]
    gateway: Mapped[str]
    external_id: Mapped[str]
    sent_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    head: Mapped[dict[str, Any]]


class DeletionRow(Table):
    """That a message was deleted or recalled in its chat, as its gateway tells. It may come before the message; it hides nothing.

    ``by``: who did, by the gateway's id of them, if it says.
    """

    __tablename__ = "deletions"
    gateway: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(primary_key=True)
    deleted_at: Mapped[datetime]
    by: Mapped[str | None]
    reported_at: Mapped[datetime] = mapped_column(default=now, index=True)


class HuntRow(Table):
    """A search among what was seen for an asset that was registered later, or again. ``since``: seen from then on; all if none.

    ``reached``: the number of the last part that was looked at; ``total``, ``done``: how many parts there are and were looked at;
    ``found``: alerts raised; ``left_out``: parts like it that were not judged, as too many share its form. ``claimed_until``:
    seconds since 1970 by the database's clock.
    """

    __tablename__ = "hunts"
    __table_args__ = (Index(None, "asset_id", "id"), Index(None, "status", "id"))
    id: Mapped[str] = mapped_column(primary_key=True)
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"))
    since: Mapped[datetime | None]
    status: Mapped[str]
    total: Mapped[int | None]
    done: Mapped[int] = mapped_column(default=0)
    found: Mapped[int] = mapped_column(default=0)
    left_out: Mapped[int] = mapped_column(default=0)
    reached: Mapped[int] = mapped_column(Number, default=0)
    by: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    claimed_until: Mapped[float | None] = mapped_column(Double)


class RerunRow(Table):
    """The detectors run again over a sample of what was seen, with ``less`` evidence, 0..1. There is one: the last asked for.

    ``total``: messages with attachments in the last ``days``; ``wanted``: of them to be looked at; ``looked``: so far. ``found``:
    what came of it, see ``app.reruns.tally``. ``until``: seconds since 1970 by the database's clock after which, if it is still
    said to run, the server that ran it is gone.
    """

    __tablename__ = "reruns"
    id: Mapped[str] = mapped_column(primary_key=True)
    by: Mapped[str]
    days: Mapped[int]
    less: Mapped[float] = mapped_column(Double)
    status: Mapped[str]
    total: Mapped[int | None]
    wanted: Mapped[int | None]
    looked: Mapped[int] = mapped_column(default=0)
    found: Mapped[dict[str, Any]]
    until: Mapped[float] = mapped_column(Double)
    started_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    reason: Mapped[str | None]
