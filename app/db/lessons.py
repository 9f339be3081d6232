"""The tables about what alerts' resolutions teach: mistakes, whose copies alarm no longer, and references derived from leaks."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables import Table, now


class MistakeRow(Table):
    """A picture or text that is not the asset it was matched to. ``reference_id``: the one it resembled most.

    Its fingerprints are its own, so that it lasts when the message is gone.
    """

    __tablename__ = "mistakes"
    __table_args__ = (UniqueConstraint("asset_id", "digest"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"))
    reference_id: Mapped[str] = mapped_column(ForeignKey("asset_references.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)


class MistakeFingerprintRow(Table):
    """One fingerprint of a mistake, in the bytes of ``fingerprints.codec``."""

    __tablename__ = "mistake_fingerprints"
    mistake_id: Mapped[str] = mapped_column(ForeignKey("mistakes.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[bytes]


class MistakeAlertRow(Table):
    """An alert whose resolution says that it is a mistake, and which part of its message shows it. Without one it is none."""

    __tablename__ = "mistake_alerts"
    mistake_id: Mapped[str] = mapped_column(ForeignKey("mistakes.id", ondelete="CASCADE"), primary_key=True)
    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id"), primary_key=True, index=True)
    position: Mapped[int]
    part: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)


class DerivedAlertRow(Table):
    """An alert whose resolution says that a reference, derived from its picture, is its asset. Without one it goes."""

    __tablename__ = "derived_alerts"
    reference_id: Mapped[str] = mapped_column(ForeignKey("asset_references.id", ondelete="CASCADE"), primary_key=True)
    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id"), primary_key=True, index=True)
    position: Mapped[int]
    part: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
