"""Hands what the API accepted on to Kafka. Accepting needs the database alone, so a broker that is down stops no gateway;
what cannot be handed on waits where it is.
"""

import asyncio
import logging

from app.background import Working
from app.streams.table import TableConsumption
from app.streams.types import MESSAGES, Delivery, Stream, StreamDown

SOME = 200
"""Records handed on together."""
LOOK = 1.0
AGAIN = 2.0
log = logging.getLogger(__name__)


class Relay(Working):
    """Use as an async context. A record may be handed on twice, which changes nothing."""

    def __init__(self, accepted: TableConsumption, stream: Stream) -> None:
        self._accepted, self._stream = accepted, stream
        self.trouble: str | None = None

    async def _work(self) -> None:
        while True:
            try:
                await self._hand_on(await self._accepted.take_some(SOME, LOOK))
                self.trouble = None
            except Exception as error:
                log.warning("messages wait to be handed on", extra={"reason": str(error)})
                self.trouble = str(error)
                await asyncio.sleep(AGAIN)

    async def _hand_on(self, taken: list[Delivery]) -> None:
        """In their order. Raises StreamDown when one could not be handed on; all that could not are given back."""
        sent = await asyncio.gather(*(self._stream.publish(MESSAGES, one.record) for one in taken), return_exceptions=True)
        failed = None
        for delivery, outcome in zip(taken, sent, strict=True):
            if outcome is None:
                await self._accepted.done(delivery)
            else:
                failed = outcome
                await self._accepted.again(delivery, failed=False)
        if failed is not None:
            raise failed if isinstance(failed, StreamDown) else StreamDown(type(failed).__name__)
