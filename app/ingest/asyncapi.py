"""What travels in Kafka's topics, for those who publish or read there by themselves: an AsyncAPI document
(https://www.asyncapi.com/docs/reference/specification/v3.0.0) with JSON Schemas of the records.
"""

from typing import Any

from pydantic import BaseModel, Field

from app.ingest.envelope import MessageRecord
from app.ingest.schemas import inlined
from app.streams.types import ALERTS, DEAD_LETTERS, MESSAGES, REGISTRY


class DeadHeaders(BaseModel):
    """Why a record is a dead letter."""

    code: str = Field(description="a stable word")
    reason: str
    place: str = Field(description="topic, partition and offset it was read from")
    at: str = Field(description="RFC 3339")


class RegistryChange(BaseModel):
    """An asset is not what it was."""

    asset_id: str
    checkpoint: int = Field(description="ever larger")


SAYS = {
    MESSAGES: "Messages to inspect. The key is gateway, `/`, channel id: a channel's records stay in order if the partitioner is "
    "Java's (librdkafka: `partitioner=murmur2_random`). Attachments carry `data`, or `sha256` of a file that was put under that "
    "name into `inbox` in the blob store. At most 8,000,000 bytes. The same (gateway, message_id) again changes nothing.",
    DEAD_LETTERS: "Records that could not be inspected, bytes and key as they came; the headers say why. The same key and bytes "
    "again make no other. `leakwatch replay` puts them back.",
    ALERTS: "What happened to alerts, as a webhook is told. The key is the alert's id.",
    REGISTRY: "Assets that changed. The key is the asset's id.",
}


def document() -> dict[str, Any]:
    """The AsyncAPI document, as JSON."""
    anything: dict[str, Any] = {"type": "object"}
    payloads = {MESSAGES: inlined(MessageRecord), DEAD_LETTERS: {}, ALERTS: anything, REGISTRY: inlined(RegistryChange)}
    headers = {DEAD_LETTERS: inlined(DeadHeaders)}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "leakwatch", "version": "1", "description": "`leakwatch` is the prefix unless the URL names another."},
        "defaultContentType": "application/json",
        "channels": {name: _channel(name, payloads[name], headers.get(name)) for name in payloads},
        "operations": {
            name: {"action": "receive" if name == MESSAGES else "send", "channel": {"$ref": f"#/channels/{name}"}}
            for name in payloads
        },
    }


def _channel(name: str, payload: dict[str, Any], headers: dict[str, Any] | None) -> dict[str, Any]:
    message: dict[str, Any] = {"payload": payload, "bindings": {"kafka": {"key": {"type": "string"}}}}
    message |= {"headers": headers} if headers else {}
    return {"address": f"leakwatch.{name}", "description": SAYS[name], "messages": {"record": message}}
