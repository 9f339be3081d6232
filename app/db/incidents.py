"""The tables about incidents: which alerts are one leak, what is done about it, and how that can be taken back."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.tables import Table, now


class IncidentRow(Table):
    """Alerts about one leak. ``version`` counts what people changed of it; alerts that join change none.

    ``gravity``, ``opened_at``, ``last_at``, ``alert_count``: what its alerts say. ``closing``: why it is closed, ``handled``,
    ``cleared`` or ``merged``. ``earlier``: the incident about the same thing before. ``narrative``: what somebody made of it.
    """

    __tablename__ = "incidents"
    __table_args__ = (Index(None, "status", "gravity", "last_at", "id"),)
    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    status: Mapped[str] = mapped_column(default="open")
    closing: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    gravity: Mapped[int]
    commander: Mapped[str | None]
    opened_at: Mapped[datetime]
    last_at: Mapped[datetime]
    alert_count: Mapped[int] = mapped_column(default=0)
    narrative: Mapped[str | None]
    narrative_by: Mapped[str | None]
    narrative_at: Mapped[datetime | None]
    earlier: Mapped[str | None] = mapped_column(ForeignKey("incidents.id", ondelete="SET NULL"), index=True)
    merged_into: Mapped[str | None] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), index=True)
    version: Mapped[int] = mapped_column(default=1)


class IncidentAlertRow(Table):
    """Which incident an alert belongs to: always one."""

    __tablename__ = "incident_alerts"
    __table_args__ = (Index(None, "incident_id", "alert_id"),)
    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))


class IncidentSubjectRow(Table):
    """By what alerts join an incident. A subject is one incident's, so that of two alerts at one moment one joins the other."""

    __tablename__ = "incident_subjects"
    subject: Mapped[str] = mapped_column(primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), index=True)


class IncidentTaskRow(Table):
    """Something to be done about an incident."""

    __tablename__ = "incident_tasks"
    id: Mapped[str] = mapped_column(primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), index=True)
    text: Mapped[str]
    assignee: Mapped[str | None]
    made_by: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(default=now)
    done_by: Mapped[str | None]
    done_at: Mapped[datetime | None]


class IncidentHistoryRow(Table):
    """One thing that happened to an incident; only ever added. ``change``: field to [before, after], or what it was about.

    ``alerts``: the first of those it was about, ``count`` how many there were. ``move_id``: the merge or split it tells of.
    """

    __tablename__ = "incident_history"
    __table_args__ = (Index(None, "incident_id", "id"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(default=now)
    actor: Mapped[str]
    action: Mapped[str]
    change: Mapped[dict[str, Any]]
    alerts: Mapped[list[Any]]
    count: Mapped[int]
    move_id: Mapped[str | None] = mapped_column(index=True)


class IncidentMoveRow(Table):
    """A merge or a split, with all that it takes to undo it: ids of what went from ``source`` to ``target``.

    ``before``: what else changed, as it was.
    """

    __tablename__ = "incident_moves"
    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    source: Mapped[str] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), index=True)
    target: Mapped[str] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    actor: Mapped[str]
    alerts: Mapped[list[Any]]
    tasks: Mapped[list[Any]]
    subjects: Mapped[list[Any]]
    before: Mapped[dict[str, Any]]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]
