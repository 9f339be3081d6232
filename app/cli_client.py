"""Registering over HTTP, for those who do not sit at the server."""

import json
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from app.cli_words import progress
from app.errors import AppError, Invalid, Unavailable

LOOK = 1.0
TIMEOUT = httpx.Timeout(30.0, read=900.0)


def register(server: str, token: str, spec: dict[str, Any], files: list[Path], replaces: str | None = None) -> dict[str, Any]:
    """The asset, once all of it is registered; of ``replaces`` a new edition.

    Raises Unavailable, or Invalid with what the server said.
    """
    if not token.strip() or not token.isascii():
        raise Invalid("Registering at a server needs --token, as “leakwatch token create” printed it.")
    if not server.startswith(("http://", "https://")):
        raise Invalid(f"“{server}” is no address of a server: write http://host:port.")
    url = f"{server.rstrip('/')}/api/v1/assets"
    headers = {"Authorization": f"Bearer {token}"}
    try:
        with httpx.Client(headers=headers, timeout=TIMEOUT) as client, ExitStack() as opened:
            parts = [("files", (path.name, opened.enter_context(path.open("rb")))) for path in files]
            data = {} if replaces else {"asset": json.dumps(spec)}
            asset = _told(client.post(f"{url}/{replaces}/edition" if replaces else url, data=data, files=parts))
            return _completed(client, f"{url}/{asset['id']}", asset)
    except httpx.HTTPError as error:
        raise Unavailable(f"{server} does not answer: {error}") from None
    except httpx.InvalidURL as error:
        raise Invalid(f"“{server}” is no address of a server: {error}") from None


def _completed(client: httpx.Client, url: str, asset: dict[str, Any]) -> dict[str, Any]:
    """Once the server has fingerprinted all of it. Raises Unavailable if it could not."""
    if asset["status"] == "fingerprinting":
        total = int(asset["progress"]["total"])
        with progress("fingerprinting", lambda: total) as advance:
            done = 0
            while asset["status"] == "fingerprinting":
                time.sleep(LOOK)
                asset = _told(client.get(url))
                for _ in range(asset["progress"]["done"] - done):
                    advance()
                done = asset["progress"]["done"]
    if asset["status"] == "failed":
        raise Unavailable(f"Not all of it was registered: {asset['progress']['reason']}")
    return asset


def _told(answer: httpx.Response) -> dict[str, Any]:
    if answer.status_code >= 400:
        raise _said(answer)
    asset: dict[str, Any] = answer.json()
    return asset


def _said(answer: httpx.Response) -> AppError:
    try:
        detail = str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        detail = f"the server answered {answer.status_code}"
    return Unavailable(detail) if answer.status_code >= 500 else Invalid(detail)
