"""Notifications as records of the topic ``alerts``, keyed by alert so that each alert's stay in order."""

from app.notify.senders import Notification, Passing
from app.streams.types import ALERTS, Record, Stream, StreamDown


class Topic:
    """Publishes every notification; consumers tell a repeated one by the ``id`` in its JSON."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    async def send(self, notification: Notification) -> None:
        """As ``Sender``."""
        try:
            await self._stream.publish(ALERTS, Record(notification.alert_id or notification.id, notification.body))
        except StreamDown as error:
            raise Passing(str(error)) from None
