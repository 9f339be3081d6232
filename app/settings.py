"""What an operator can set: ``LEAKWATCH_*`` in the environment, flags above them, defaults below. Nothing else reads it."""

import os
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.addresses import blob_address, database_address
from app.notify.signing import keys
from fingerprints.errors import REASONS

if TYPE_CHECKING:
    from fingerprints.types import Limits

PREFIX = "LEAKWATCH_"
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # onnxruntime reports who runs it unless told not to before it is loaded
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""For libraries that would take every core. They look when they are loaded: every command asks for settings first, and nothing
that these need loads any. An operator's own word stands.
"""
for _name, _value in ONE_THREAD.items():
    os.environ.setdefault(_name, _value)


class Settings(BaseSettings):
    """One server's settings. Raises ValidationError, in words for people, for what cannot work."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True, hide_input_in_errors=True)

    data_dir: Path = Field(Path("~/.local/share/leakwatch"), description="folder of everything kept: database, blobs, snapshots")
    database_url: str = Field(
        "",
        repr=False,
        description="database; empty: SQLite in the data directory; `postgresql+asyncpg://user:password@host/name`",
    )
    stream_url: str = Field(
        "table:", description="where messages wait: `table:`, a durable queue in the database, or `kafka://host:9092`"
    )
    partitions: int = Field(24, ge=1, le=10_000, description="partitions of a Kafka topic that has to be created")
    replicas: int = Field(
        0,
        ge=0,
        le=32_767,
        description="brokers that each keep a copy of a Kafka topic that has to be created; 0: three, or all that answer then",
    )
    min_insync_replicas: int = Field(
        0,
        ge=0,
        le=32_767,
        description="so many of these copies must hold a record before it is taken; 0: two, if there are so many",
    )
    max_queued: int = Field(100_000, ge=2, description="most messages that wait; one gateway may fill half; more is answered 429")
    min_free: int = Field(
        500_000_000,
        ge=0,
        description="least bytes free in the data directory and the folder of blobs, or messages are answered 429",
    )
    most_dead: int = Field(20, ge=1, description="so many messages in a row that cannot be inspected stop their consumer")
    blob_url: str = Field(
        "",
        description="where kept pictures and originals lie: a folder (`/path`, `file:///path`), or `s3://bucket/prefix`; "
        "empty: `blobs` in the data directory",
    )
    blob_cache: int = Field(1_000_000_000, ge=0, description="most bytes of blobs from S3 that lie in the data directory as well")
    host: str = Field("127.0.0.1", description="address to serve on")
    port: int = Field(8080, ge=0, le=65535, description="port to serve on")
    workers: int = Field(min(2, os.cpu_count() or 1), ge=1, le=64, description="detection processes (default: up to 2)")
    ocr_engine: Literal["rapidocr", "tesseract"] = Field(
        "rapidocr", description="what reads text in pictures: `rapidocr` or `tesseract`"
    )
    ocr_effort: Literal["adaptive", "full"] = Field(
        "adaptive", description="how much of a picture is read: `adaptive`, until the answer is certain, or always in `full`"
    )
    ocr_threads: int = Field(1, ge=1, le=64, description="threads of one detection process's OCR")
    part_timeout: float = Field(
        60.0, gt=0, description="seconds one page or file may take before its detection process is replaced"
    )
    message_timeout: float = Field(600.0, gt=0, description="seconds one message may take; what is left of it then stays unread")
    sender_window: float = Field(
        600.0, ge=0, description="seconds in which a sender's messages in a channel are read together; 0: each alone"
    )
    keep_clear: int = Field(30, ge=0, le=36_500, description="days clear messages are kept; 0: for ever")
    keep_alerts: int = Field(
        0,
        ge=0,
        le=36_500,
        description="days a resolved alert and its message are kept, from when it was last touched; 0: for ever",
    )
    keep_sightings: int = Field(
        30,
        ge=0,
        le=36_500,
        description="days the fingerprints of everything inspected are kept, to look back on; 0: only those of alerts",
    )
    max_bytes: int = Field(50_000_000, ge=1, description="largest attachment or file, in bytes")
    max_body: int = Field(200_000_000, ge=1, description="largest request body but a registration's, in bytes")
    max_registration: int = Field(1_000_000_000, ge=1, description="largest request body of a registration, in bytes")
    max_attachments: int = Field(20, ge=1, description="most attachments of a message")
    max_files: int = Field(500, ge=1, description="most files of one registration")
    max_pixels: int = Field(100_000_000, ge=1, description="largest picture, in pixels")
    max_pages: int = Field(100, ge=1, description="most pages read of one posted file")
    max_registered_pages: int = Field(2000, ge=1, description="most pages read of one file that is registered")
    max_characters: int = Field(1_000_000, ge=1, description="most characters read of one text")
    max_unpacked: int = Field(200_000_000, ge=1, description="most bytes one file may unpack to, with all that is packed in it")
    max_ratio: int = Field(100, ge=1, description="and so many times its own size (from 20 MB on)")
    max_members: int = Field(1000, ge=1, description="most files read inside one file")
    max_depth: int = Field(4, ge=0, description="files opened within each other, an archive in a mail in an archive")
    max_frames: int = Field(600, ge=1, description="most frames looked at of one film or animation")
    review_unread: str = Field(
        "", description="what could not be inspected for these reasons is put before a person, as `encrypted,unsupported`"
    )
    webhook_url: str = Field("", repr=False, description="address told of every alert by HTTP POST; empty: none")
    webhook_secret: SecretStr = Field(
        SecretStr(""), validate_default=True, description="what that is signed with: `whsec_` and base64 of 24 to 64 random bytes"
    )
    public_url: str = Field("", description="the console's address as analysts call it up, for links in notifications")
    signing_key: SecretStr = Field(
        SecretStr(""),
        validate_default=True,
        description="what evidence is signed with: a private RSA key of 3072 bits as PEM; empty: one in the data directory",
    )
    time_zone: str = Field("", description="whose time reports tell beside UTC, as `Asia/Shanghai`; empty: the machine's")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="least important log line written")

    @field_validator("data_dir")
    @classmethod
    def _expand(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        return database_address(value)

    @field_validator("stream_url")
    @classmethod
    def _table_or_kafka(cls, value: str) -> str:
        if value != "table:" and not value.startswith("kafka://"):
            raise ValueError("write table: for the queue in the database, or kafka://host:9092")
        return value

    @field_validator("min_insync_replicas")
    @classmethod
    def _no_more_than_replicas(cls, value: int, known: ValidationInfo) -> int:
        if value > known.data.get("replicas", 0) > 0:
            raise ValueError("no more copies can hold a record than there are: see replicas")
        return value

    @field_validator("blob_url")
    @classmethod
    def _folder_or_bucket(cls, value: str) -> str:
        return blob_address(value)

    @field_validator("review_unread")
    @classmethod
    def _only_reasons(cls, value: str) -> str:
        unknown = {word.strip() for word in value.split(",")} - REASONS - {""}
        if unknown:
            raise ValueError(f"no such reason: {', '.join(sorted(unknown))}; there are {', '.join(sorted(REASONS))}")
        return value

    @field_validator("webhook_url", "public_url")
    @classmethod
    def _only_http(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None):
            raise ValueError("must be http://… or https://…, without a name or password in it")
        return value

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("webhook_secret")
    @classmethod
    def _signs(cls, value: SecretStr, known: ValidationInfo) -> SecretStr:
        if value.get_secret_value() or known.data.get("webhook_url"):
            keys(value.get_secret_value())
        return value

    @field_validator("time_zone")
    @classmethod
    def _on_earth(cls, value: str) -> str:
        try:
            return value and ZoneInfo(value).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("there is no such time zone: write one as Asia/Shanghai or Europe/Berlin") from None

    @property
    def zone(self) -> tzinfo | None:
        """``None``: the machine's."""
        return ZoneInfo(self.time_zone) if self.time_zone else None

    @property
    def is_fleet(self) -> bool:
        """Whether detection and delivery run in processes of their own, told to by a stream."""
        return self.stream_url.startswith("kafka://")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'leakwatch.db'}"

    @property
    def blob_folder(self) -> Path | None:
        """``None``: blobs lie in S3."""
        if self.blob_url.startswith("s3://"):
            return None
        return Path(self.blob_url).expanduser().absolute() if self.blob_url else self.data_dir / "blobs"

    @property
    def filling(self) -> tuple[Path, ...]:
        """Folders that what is accepted fills."""
        return tuple(folder for folder in (self.data_dir, self.blob_folder) if folder is not None)

    @property
    def snapshots(self) -> Path:
        return self.data_dir / "snapshots"

    @property
    def reviewed_reasons(self) -> frozenset[str]:
        return frozenset(word.strip() for word in self.review_unread.split(",")) - {""}

    @property
    def limits(self) -> "Limits":
        """Of a posted file."""
        from fingerprints.types import Limits  # noqa: PLC0415 (loads numpy: see ONE_THREAD)

        return Limits(**{field.name: getattr(self, field.name) for field in fields(Limits)})

    @property
    def registration_limits(self) -> "Limits":
        return replace(self.limits, max_pages=self.max_registered_pages)


def table() -> Iterator[tuple[str, str, str]]:
    """Every setting as (environment variable, default as written, description), in order."""
    for name, field in Settings.model_fields.items():
        default = "" if name == "workers" else str(field.default)
        yield f"{PREFIX}{name.upper()}", default, field.description or ""


def lane_environment() -> dict[str, str]:
    """The environment of a detection process: it opens files of strangers, so it gets no settings of ours, which may hold
    passwords, and is told what it needs. One thread for libraries that would take every core.
    """
    ours = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "AWS_"))}
    return {**ours, **ONE_THREAD, "PYTHONUNBUFFERED": "1"}
