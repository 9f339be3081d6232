"""What is told, and to whom: one row a sender, in the transaction of what it tells of, so neither is ever without the other.

What leaves is ids, names, decisions and what was matched. The message's text, what was read from its pictures, the pictures
themselves, evidence that quotes them and analysts' notes never do: whoever may see those looks at the alert.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from app.db import Session
from app.db.ids import new_id
from app.db.models import AlertRow, MessageRow, OutboxRow, now
from app.notify import repository

Event = Literal["alert.created", "alert.changed"]
ALERT = ("id", "status", "resolution", "verdict", "severity", "assignee")
MESSAGE = ("gateway", "message_id", "sent_at")
CHANNEL = ("id", "name", "kind", "members", "external")
PERSON = ("id", "name")
MATCH = ("asset_id", "asset_title", "reference", "detector", "confidence")
MOST_MATCHES = 50
"""A receiver is not asked to take more (Standard Webhooks: "usually smaller than 20kb"); ``match_count`` tells of the rest."""


@dataclass(frozen=True, slots=True)
class Notices:
    """Who is told, by default nobody. ``senders``: names. ``console``: its address as people call it up, ``""``: not known."""

    senders: tuple[str, ...] = ()
    console: str = ""


async def enqueue(
    session: Session, notices: Notices, event: Event, alert: AlertRow, message: MessageRow, more: Mapping[str, Any] | None = None
) -> None:
    """Have every sender tell what happened to an alert; ``more`` joins the data. The alert is flushed already."""
    await enqueue_all(session, notices, event, [(alert, message, more or {})])


async def enqueue_all(
    session: Session, notices: Notices, event: Event, told: Iterable[tuple[AlertRow, MessageRow, Mapping[str, Any]]]
) -> None:
    """The same for many alerts, in their order."""
    rows = [row for alert, message, more in told for row in _rows(notices, event, alert, message, more)]
    await repository.add(session, rows)


def _rows(notices: Notices, event: Event, alert: AlertRow, message: MessageRow, more: Mapping[str, Any]) -> list[OutboxRow]:
    ident, at = new_id("ntf"), now()
    data = _data(notices, alert, message) | dict(more)
    body = {"type": event, "id": ident, "timestamp": _written(at), "data": data}
    about = {"id": ident, "event": event, "alert_id": alert.id, "body": body, "created_at": at, "not_before": at}
    return [OutboxRow(sender=sender, **about) for sender in notices.senders]


def _data(notices: Notices, alert: AlertRow, message: MessageRow) -> dict[str, Any]:
    return {
        **{field: getattr(alert, field) for field in ALERT},
        "created_at": _written(alert.created_at),
        "url": f"{notices.console}/alerts/{alert.id}" if notices.console else None,
        "message": {
            "id": message.id,
            **_only(MESSAGE, message.body),
            "received_at": _written(message.received_at),
            "channel": _only(CHANNEL, message.body["channel"]),
            "sender": _only(PERSON, message.body["sender"]),
        },
        "matches": [_only(MATCH, match) for match in alert.matches[:MOST_MATCHES]],
        "match_count": len(alert.matches),
    }


def _only(fields: Iterable[str], values: Mapping[str, Any]) -> dict[str, Any]:
    return {field: values.get(field) for field in fields}


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
