"""Notifications as values of the topic ``alerts`` of a stream, keyed by alert so that each alert's stay in order."""

from typing import Protocol

from app.notify.senders import Notification, Passing

TOPIC = "alerts"


class StreamDown(Passing):
    """The stream takes nothing at the moment."""


class Publishing(Protocol):
    """What is needed of a stream."""

    async def publish(self, topic: str, key: str, value: bytes) -> None:
        """Returns when the stream has it durably. Raises StreamDown."""


class Topic:
    """Publishes every notification; consumers tell a repeated one by the ``id`` in its JSON."""

    def __init__(self, stream: Publishing) -> None:
        self._stream = stream

    async def send(self, notification: Notification) -> None:
        """As ``Sender``."""
        await self._stream.publish(TOPIC, notification.alert_id or notification.id, notification.body)
