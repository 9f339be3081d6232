"""Objects of one bucket of S3, through s3fs: each call with its time-out, its few repetitions, and one name for what fails."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as Unconnected
from fsspec.asyn import get_loop, sync
from s3fs import S3FileSystem
from s3fs.core import S3_RETRYABLE_ERRORS

from app.blobs.types import BlobsDown

WHOLE = 2 << 30
"""Bytes up to which an object is uploaded in one request, so that no half of one is ever left."""
CLOSING = 5.0
SILENT = (TimeoutError, Unconnected, HTTPClientError)
FAILURES = (OSError, BotoCoreError, ClientError, *S3_RETRYABLE_ERRORS)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to ``connect``, between two signs of life (``read``), and for the ``whole`` of a call; how many ``tries``."""

    connect: float = 3.0
    read: float = 10.0
    whole: float = 120.0
    tries: int = 3


@dataclass(frozen=True, slots=True)
class Found:
    """An object. ``age``: seconds since it was written, by the store's own clock."""

    name: str
    size: int
    age: float


class Objects:
    """Those whose keys begin with ``prefix``; names are what follows it. All raise BlobsDown.

    Once a store was silent, one call at a time tries it, and all others fail at once until it answers: callers' threads are few.
    """

    def __init__(self, bucket: str, prefix: str, patience: Patience) -> None:
        self._bucket, self._prefix, self._patience = bucket, prefix, patience
        config = {
            "connect_timeout": patience.connect,
            "read_timeout": patience.read,
            "retries": {"mode": "standard", "total_max_attempts": patience.tries},
        }
        self._s3 = S3FileSystem(
            asynchronous=True, skip_instance_cache=True, use_listings_cache=False, max_concurrency=1, config_kwargs=config
        )
        self._s3.retries = 1  # botocore repeats already
        self._is_silent, self._trying = False, threading.Lock()

    def put(self, name: str, data: bytes) -> None:
        self._do(self._s3._pipe_file, self._path(name), data, chunksize=WHOLE)

    def put_file(self, name: str, source: Path) -> None:
        self._do(self._s3._put_file, str(source), self._path(name), chunksize=WHOLE)

    def get(self, name: str) -> bytes:
        """Raises FileNotFoundError."""
        data: bytes = self._do(self._s3._cat_file, self._path(name))
        return data

    def fetch(self, name: str, target: Path) -> None:
        """Raises FileNotFoundError."""
        self._do(self._s3._get_file, self._path(name), str(target))

    def head(self, name: str) -> Found | None:
        """``None``: there is none, or no such bucket."""
        with suppress(FileNotFoundError):
            answer = self._call("head_object", Key=self._prefix + name)
            return Found(name, answer["ContentLength"], _age(answer, answer))
        return None

    def copy(self, name: str, to: str) -> None:
        """Onto itself as well, which makes it young. Raises FileNotFoundError."""
        source = {"Bucket": self._bucket, "Key": self._prefix + name}
        self._call("copy_object", Key=self._prefix + to, CopySource=source, MetadataDirective="REPLACE")

    def delete(self, name: str) -> None:
        """Nothing happens if there is none."""
        self._call("delete_object", Key=self._prefix + name)

    def list(self, start: str) -> Iterator[Found]:
        """All whose names begin so, in order."""
        more: dict[str, str] = {}
        while True:
            answer = self._call("list_objects_v2", Prefix=self._prefix + start, **more)
            for one in answer.get("Contents", ()):
                yield Found(one["Key"].removeprefix(self._prefix), one["Size"], _age(answer, one))
            if not answer.get("IsTruncated"):
                return
            more = {"ContinuationToken": answer["NextContinuationToken"]}

    def require_bucket(self) -> None:
        """S3 says of an object in a bucket that does not exist only that it is not there."""
        try:
            self._call("head_bucket")
        except FileNotFoundError:
            raise BlobsDown(f"there is no bucket {self._bucket}") from None

    def close(self) -> None:
        """End every connection."""
        if self._s3._s3 is not None:
            with suppress(*FAILURES):
                sync(get_loop(), self._s3._s3.close, timeout=CLOSING)

    def _path(self, name: str) -> str:
        return f"{self._bucket}/{self._prefix}{name}"

    def _call(self, operation: str, **parameters: Any) -> Any:
        return self._do(self._s3._call_s3, operation, Bucket=self._bucket, **parameters)

    def _do(self, work: Callable[..., Coroutine[Any, Any, Any]], *arguments: Any, **more: Any) -> Any:
        """Raises FileNotFoundError, BlobsDown; RuntimeError on an event loop, which must not wait for a network."""
        if asyncio._get_running_loop() is not None:
            raise RuntimeError("blobs block: use them in a thread")
        with self._turn():
            try:
                found = sync(get_loop(), work, *arguments, timeout=self._patience.whole, **more)
            except FAILURES as error:
                self._is_silent = isinstance(error, SILENT)
                if isinstance(error, FileNotFoundError) and _code(error) != "NoSuchBucket":
                    raise
                raise BlobsDown(f"the bucket {self._bucket} cannot be used: {type(error).__name__}: {error}") from error
            self._is_silent = False
            return found

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Raises BlobsDown while another call tries a store that was silent."""
        if not self._is_silent:
            yield
            return
        if not self._trying.acquire(blocking=False):
            raise BlobsDown(f"the bucket {self._bucket} does not answer")
        try:
            yield
        finally:
            self._trying.release()


def _code(error: BaseException) -> str:
    """S3's own, of an error s3fs translated."""
    code = getattr(error.__cause__, "response", {}).get("Error", {}).get("Code", "")
    return str(code)


def _age(answer: Any, described: Any) -> float:
    said = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    now = parsedate_to_datetime(said) if said else datetime.now(UTC)
    written: datetime = described["LastModified"]
    return (now - written).total_seconds()
