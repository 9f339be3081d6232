"""One address that is told everything by HTTP POST, signed and answered as Standard Webhooks says (see ``signing``)."""

import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import httpx

from app.db.models import now
from app.notify.patience import retry_after
from app.notify.senders import Notification, Passing, Permanent
from app.notify.signing import keys, signature

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
TEMPORARY = frozenset({302, 303, 307, 408, 409, 425, 429})
"""Beside 5xx. A duplicate is answered 2xx, so 409 means that the receiver is busy with it. 410 is final: nobody is there."""


class Webhook:
    """POSTs every notification to one address; 2xx is received. Nothing of an answer is read but its head."""

    def __init__(self, client: httpx.AsyncClient, url: str, keys: Sequence[bytes], clock: Callable[[], datetime] = now) -> None:
        self._client, self._url, self._keys, self._clock = client, url, keys, clock

    async def send(self, notification: Notification) -> None:
        """As ``Sender``. Signed anew each time: receivers refuse old timestamps."""
        headers = self._headers(notification)
        try:
            async with self._client.stream("POST", self._url, content=notification.body, headers=headers) as answer:
                self._judge(answer.status_code, answer.headers.get("retry-after"))
        except httpx.HTTPError as error:
            raise Passing(_said(error)) from None

    def _headers(self, notification: Notification) -> dict[str, str]:
        timestamp = int(self._clock().timestamp())
        signatures = (signature(key, notification.id, timestamp, notification.body) for key in self._keys)
        return {
            "content-type": "application/json",
            "user-agent": "leakwatch",
            "webhook-id": notification.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": " ".join(signatures),
        }

    def _judge(self, status: int, asks: str | None) -> None:
        if 200 <= status < 300:
            return
        if status >= 500 or status in TEMPORARY:
            raise Passing(f"answered {status}", retry_after(asks, self._clock()))
        raise Permanent(f"answered {status}")


@asynccontextmanager
async def open_webhook(url: str, secret: str) -> AsyncIterator[Webhook]:
    """Certificates are checked against the system's store; no proxy, no redirect. Raises ValueError for the secret."""
    trusted = ssl.create_default_context()
    async with httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False, verify=trusted) as client:
        yield Webhook(client, url, keys(secret))


def _said(error: httpx.HTTPError) -> str:
    """What went wrong on the way, in words that name no address."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted: {cause.verify_message.partition(',')[0]}"
        if isinstance(cause, OSError) and cause.strerror:
            return f"cannot be reached: {cause.strerror}"
    return f"no answer: {type(error).__name__}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
