"""Which senders the settings ask for, and the senders themselves."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from app.notify.publishing import Topic
from app.notify.senders import Sender
from app.notify.service import Notices
from app.notify.webhook import open_webhook
from app.settings import Settings
from app.streams.types import Stream

WEBHOOK, STREAM = "webhook", "stream"
"""Names stored with every notification."""


def notices(settings: Settings) -> Notices:
    wanted = ((WEBHOOK, bool(settings.webhook_url)), (STREAM, settings.is_fleet))
    return Notices(tuple(name for name, is_wanted in wanted if is_wanted), settings.public_url)


@asynccontextmanager
async def open_senders(settings: Settings, stream: Stream | None = None) -> AsyncIterator[dict[str, Sender]]:
    """Those that are asked for, by name; a stream's only if it is given."""
    found: dict[str, Sender] = {}
    async with AsyncExitStack() as stack:
        if settings.webhook_url:
            secret = settings.webhook_secret.get_secret_value()
            found[WEBHOOK] = await stack.enter_async_context(open_webhook(settings.webhook_url, secret))
        if stream is not None:
            found[STREAM] = Topic(stream)
        yield found
