"""The tables. Rows name each other by id and carry no relations: what a query needs, it asks for."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.directory import DirectoryRow
from app.db.incidents import (
    IncidentAlertRow,
    IncidentHistoryRow,
    IncidentMoveRow,
    IncidentRow,
    IncidentSubjectRow,
    IncidentTaskRow,
)
from app.db.lessons import DerivedAlertRow, MistakeAlertRow, MistakeFingerprintRow, MistakeRow
from app.db.people import AccountRow, AuditRow, SessionRow, TokenRow
from app.db.sightings import DeletionRow, HuntRow, RerunRow, SeenFingerprintRow, SeenPartRow, SeenSketchRow, SightingRow
from app.db.tables import Table, now

HEAD = "0020"  # the migration these tables are at

__all__ = ["AccountRow", "AuditRow", "DirectoryRow", "SessionRow", "Table", "TokenRow", "now"]
__all__ += ["DerivedAlertRow", "MistakeAlertRow", "MistakeFingerprintRow", "MistakeRow"]
__all__ += ["DeletionRow", "HuntRow", "RerunRow", "SeenFingerprintRow", "SeenPartRow", "SeenSketchRow", "SightingRow"]
__all__ += ["IncidentAlertRow", "IncidentHistoryRow", "IncidentMoveRow", "IncidentRow", "IncidentSubjectRow", "IncidentTaskRow"]


class AssetRow(Table):
    """Something to protect. ``weak_count``: references that are hard to recognise, or resemble another asset's."""

    __tablename__ = "assets"
    __table_args__ = (Index(None, "weak_count", "id"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    kind: Mapped[str]
    level: Mapped[str]
    owner: Mapped[str] = mapped_column(index=True)
    unit: Mapped[str]
    terms: Mapped[list[Any]]
    tags: Mapped[list[Any]]
    keep_originals: Mapped[bool]
    note: Mapped[str]
    reference_count: Mapped[int] = mapped_column(default=0)
    weak_count: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)


class AssetHistoryRow(Table):
    """One thing that happened to an asset; only ever added, and gone with it. ``actor``: empty, the program itself.

    ``change``: field to [before, after]; ``files``: names of what was sent.
    """

    __tablename__ = "asset_history"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    actor: Mapped[str]
    action: Mapped[str]
    change: Mapped[dict[str, Any]]
    files: Mapped[list[Any]]


class ReferenceRow(Table):
    """One registered picture or text. ``original``, ``picture`` (blobs) and ``text``: only if the owner let originals be kept.

    ``derived``: nobody registered it; alerts that were resolved as leaks of its asset say that it is one (``derived_alerts``).
    """

    __tablename__ = "asset_references"
    id: Mapped[str] = mapped_column(primary_key=True)
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    label: Mapped[str]
    file: Mapped[str]
    digest: Mapped[str] = mapped_column(index=True)
    distinctiveness: Mapped[dict[str, Any]]
    original: Mapped[str | None] = mapped_column(index=True)
    picture: Mapped[str | None] = mapped_column(index=True)
    text: Mapped[str | None]
    derived: Mapped[bool] = mapped_column(default=False)


class RegistrationRow(Table):
    """An asset's last registration that took longer than its answer. ``replaces``: references that end with it.

    ``unread``: parts of its files that could not be read, as they are told. ``reason``: why it ``failed``.
    """

    __tablename__ = "registrations"
    asset_id: Mapped[str] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"), primary_key=True)
    status: Mapped[str] = mapped_column(index=True)
    reason: Mapped[str | None]
    replaces: Mapped[list[Any]]
    unread: Mapped[list[Any]]
    started_at: Mapped[datetime] = mapped_column(default=now)


class RegistrationFileRow(Table):
    """One file of it: ``parts``, of which so many are ``done``. ``blob``: its bytes, only until all are."""

    __tablename__ = "registration_files"
    asset_id: Mapped[str] = mapped_column(ForeignKey("registrations.asset_id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    content_type: Mapped[str]
    blob: Mapped[str | None] = mapped_column(index=True)
    parts: Mapped[int]
    done: Mapped[int]


class FingerprintRow(Table):
    """One fingerprint of a reference, in the bytes of ``fingerprints.codec``."""

    __tablename__ = "fingerprints"
    reference_id: Mapped[str] = mapped_column(ForeignKey("asset_references.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[bytes]


class RegistryChangeRow(Table):
    """That an asset changed; ``seq`` is the registry's checkpoint. The asset's rows say what it is now.

    ``announced``: whether a fleet's stream was told.
    """

    __tablename__ = "registry_changes"
    __table_args__ = ({"sqlite_autoincrement": True},)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    asset_id: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
    announced: Mapped[bool] = mapped_column(default=False, index=True)


class MessageRow(Table):
    """What was posted, and what became of it. ``body``: the message as it came, without its files' bytes.

    ``attempts``: how often it was taken from a stream that does not count itself.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("gateway", "message_id"),
        Index(None, "gateway", "channel_id", "sender_id", "id"),
        Index("ix_messages_waiting", "id", sqlite_where=text("status = 'queued'"), postgresql_where=text("status = 'queued'")),
    )
    id: Mapped[str] = mapped_column(primary_key=True)
    gateway: Mapped[str]
    message_id: Mapped[str]
    channel_id: Mapped[str]
    sender_id: Mapped[str]
    body: Mapped[dict[str, Any]]
    status: Mapped[str]
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None]
    verdict: Mapped[dict[str, Any] | None]
    checkpoint: Mapped[int | None]
    received_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]


class AttachmentRow(Table):
    """One file of a message. ``blob``: its bytes, only while somebody needs them."""

    __tablename__ = "attachments"
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    content_type: Mapped[str]
    sha256: Mapped[str] = mapped_column(index=True)
    size: Mapped[int]
    blob: Mapped[str | None] = mapped_column(index=True)


class AttachmentPictureRow(Table):
    """One accused part of an attachment (``""``: all of it) as a picture safe to show, a blob."""

    __tablename__ = "attachment_pictures"
    __table_args__ = (
        ForeignKeyConstraint(["message_id", "position"], ["attachments.message_id", "attachments.position"], ondelete="CASCADE"),
    )
    message_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    picture: Mapped[str] = mapped_column(index=True)


class AccusedPartRow(Table):
    """A part of a message that resembles a reference. ``position``: the attachment's, -1 for the message's own text."""

    __tablename__ = "accused_parts"
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]


class AccusedFingerprintRow(Table):
    """One fingerprint of an accused part, in the bytes of ``fingerprints.codec``."""

    __tablename__ = "accused_fingerprints"
    __table_args__ = (
        ForeignKeyConstraint(
            ["message_id", "position", "part"],
            ["accused_parts.message_id", "accused_parts.position", "accused_parts.part"],
            ondelete="CASCADE",
        ),
    )
    message_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[bytes]


class StreamRow(Table):
    """A record of a topic kept in the database. ``turn``: its place among those of its gateway. Removed when it is done.

    ``claimed_until``: seconds since 1970 by the database's clock. ``ident``: the id of the row it is about, if it is about one.
    """

    __tablename__ = "stream_records"
    __table_args__ = (
        Index(None, "topic", "gateway", "turn", "id"),
        Index(None, "topic", "gateway", "channel", "turn"),
        Index(None, "topic", "ident"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    topic: Mapped[str]
    gateway: Mapped[str]
    channel: Mapped[str]
    turn: Mapped[int] = mapped_column(BigInteger)
    ident: Mapped[str | None]
    value: Mapped[bytes]
    headers: Mapped[dict[str, Any]]
    attempts: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[float | None] = mapped_column(Double)
    claimant: Mapped[str | None]
    published_at: Mapped[datetime] = mapped_column(default=now)


class DeathRow(Table):
    """A record that is a dead letter, known again by its ``digest`` (see ``Deaths``), also when its letter was put back."""

    __tablename__ = "deaths"
    digest: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)


class AlertRow(Table):
    """A verdict above clear, put before analysts; one per message. ``version`` counts what people (and the clock) changed of it.

    ``snoozed_until``: nobody needs to see it before. ``historic``: it, or part of what it is about, was found among what was
    seen earlier, in a message sent at ``leaked_at``.
    """

    __tablename__ = "alerts"
    __table_args__ = (Index(None, "status", "id"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("messages.id"), unique=True)
    channel_id: Mapped[str] = mapped_column(index=True)
    status: Mapped[str]
    resolution: Mapped[str | None]
    verdict: Mapped[str]
    severity: Mapped[str]
    assignee: Mapped[str | None]
    matches: Mapped[list[Any]]
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    version: Mapped[int] = mapped_column(default=1)
    snoozed_until: Mapped[datetime | None] = mapped_column(index=True)
    historic: Mapped[bool] = mapped_column(default=False)
    leaked_at: Mapped[datetime | None]


_ASKED = ("created_at", "severity", "status", "external", "gateway")
"""What else is asked of alerts found by an index: what stands in it need not be fetched, row by row, to be counted or sorted.
With a gateway's longest id and the longest name, 800 bytes each, it fits into one row of an index.
"""


class QueueRow(Table):
    """An alert as the queue finds, orders and shows it: so small that looking through all of them is cheap.

    ``standing``: the alert's status, or ``snoozed``. ``urgency``: see ``app.alerts.urgency``; ``doublings``: its part that grows
    with the channels in which ``subject`` (an asset's id, or a file's SHA-256) is seen. ``words``: what is searched, case folded.
    ``shown``: what a line of the queue says.
    """

    __tablename__ = "queue"
    __table_args__ = (
        Index(None, "standing", "urgency", "alert_id"),
        Index(None, "standing", "severity"),
        Index("ix_queue_assignee", "assignee", "standing", "urgency", "alert_id", "resolution", *_ASKED),
        Index("ix_queue_resolution", "resolution", "standing", "urgency", "alert_id", "assignee", *_ASKED),
        Index(None, "subject", "gateway", "channel_id", "created_at"),
    )
    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True)
    standing: Mapped[str]
    status: Mapped[str]
    resolution: Mapped[str | None]
    severity: Mapped[str]
    urgency: Mapped[int]
    doublings: Mapped[int]
    assignee: Mapped[str | None]
    gateway: Mapped[str] = mapped_column(index=True)
    channel_id: Mapped[str] = mapped_column(index=True)
    sender_id: Mapped[str] = mapped_column(index=True)
    external: Mapped[bool | None]
    detectors: Mapped[str]
    subject: Mapped[str | None]
    words: Mapped[str]
    shown: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class AlertAssetRow(Table):
    """Which assets an alert is about. Outlives the asset."""

    __tablename__ = "alert_assets"
    __table_args__ = (Index(None, "asset_id", "alert_id"),)
    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True)
    asset_id: Mapped[str] = mapped_column(primary_key=True)


class AlertHistoryRow(Table):
    """One thing that happened to an alert; only ever added. ``change``: field to [before, after]."""

    __tablename__ = "alert_history"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    actor: Mapped[str]
    action: Mapped[str]
    change: Mapped[dict[str, Any]]
    note: Mapped[str | None]
    bulk_id: Mapped[str | None] = mapped_column(index=True)


class OutboxRow(Table):
    """A notification that one sender delivers. Claimed by moving ``claimed_until`` ahead; ``attempts`` counts the claims.

    ``seq``: what happened to one alert, in order. ``id``: the notification's, the same for every sender.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("id", "sender"),
        Index(None, "status", "sender", "seq"),
        Index(None, "alert_id", "sender", "seq"),
        {"sqlite_autoincrement": True},
    )
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str]
    sender: Mapped[str]
    alert_id: Mapped[str | None] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"))
    event: Mapped[str]
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)
    status: Mapped[str] = mapped_column(default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None]
    not_before: Mapped[datetime] = mapped_column(default=now)
    last_error: Mapped[str | None]
    delivered_at: Mapped[datetime | None] = mapped_column(index=True)
