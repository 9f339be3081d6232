"""An alert's line in the queue: made when it is raised, so that showing fifty of them opens no verdict and no message."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.alerts.urgency import urgency
from app.db.models import AlertRow, QueueRow

LONGEST = 1000
"""Characters that are searched of one alert."""


def line(
    alert: AlertRow, body: Mapping[str, Any], unread: Sequence[Mapping[str, Any]], files: Sequence[tuple[str, str]]
) -> QueueRow:
    """``body``: the message's; ``files``: name and SHA-256 of its attachments; of ``unread`` parts, if nothing else was found."""
    matches = [match for match in alert.matches if isinstance(match, dict)] if isinstance(alert.matches, list) else []
    channel, sender = _dict(body.get("channel")), _dict(body.get("sender"))
    shown = _shown(matches, channel, sender, unread, files)
    shown |= {"leaked_at": alert.leaked_at.isoformat()} if alert.leaked_at else {}
    members, external = channel.get("members"), channel.get("external")
    return QueueRow(
        alert_id=alert.id,
        standing=alert.status,
        status=alert.status,
        resolution=alert.resolution,
        severity=alert.severity,
        urgency=urgency(alert.severity, 0, members, external),
        doublings=0,
        assignee=alert.assignee,
        gateway=body.get("gateway", ""),
        channel_id=alert.channel_id,
        sender_id=sender.get("id", ""),
        external=external,
        detectors="".join(f" {name} " for name in shown["detectors"]),
        subject=_subject(matches, files),
        words=_words([*(match.get("asset_title") for match in matches), shown["marking"], shown["channel"], shown["sender"]]),
        shown=shown,
        created_at=alert.created_at,
    )


def needle(word: str) -> str:
    """A word as it is looked for among ``words``."""
    return word.casefold()


def _shown(
    matches: list[dict[str, Any]],
    channel: Mapping[str, Any],
    sender: Mapping[str, Any],
    unread: Sequence[Mapping[str, Any]],
    files: Sequence[tuple[str, str]],
) -> dict[str, Any]:
    first = matches[0] if matches else {}
    titles = _distinct(match.get("asset_title") for match in matches)
    return {
        "title": first.get("asset_title") or None,
        "others": max(0, len(titles) - 1),
        "reference": first.get("reference") or "",
        "marking": _dict(_dict(first.get("evidence")).get("marking")).get("text"),
        "unread": [] if matches else _distinct(_file(files, one.get("attachment")) for one in unread),
        "detectors": _distinct(match.get("detector") for match in matches),
        "confidence": first.get("confidence"),
        "channel": channel.get("name") or channel.get("id", ""),
        "members": channel.get("members"),
        "sender": sender.get("name") or sender.get("id", ""),
    }


def _subject(matches: list[dict[str, Any]], files: Sequence[tuple[str, str]]) -> str | None:
    """What it is about first: the surest match's asset; of a marking the marked file."""
    if matches and matches[0].get("asset_id"):
        return str(matches[0]["asset_id"])
    index = matches[0].get("attachment") if matches else 0
    return files[index][1] or None if index is not None and index < len(files) else None


def _file(files: Sequence[tuple[str, str]], index: int | None) -> str:
    """``""``: the message's own text."""
    return files[index][0] if index is not None and index < len(files) else ""


def _words(said: Iterable[str | None]) -> str:
    return needle("\n".join(_distinct(said)))[:LONGEST]


def _distinct(values: Iterable[Any]) -> list[str]:
    return list(dict.fromkeys(str(value) for value in values if value))


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
