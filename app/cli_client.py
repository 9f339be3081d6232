"""Registering over HTTP, for those who do not sit at the server."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from app.errors import AppError, Invalid, Unavailable

TIMEOUT = httpx.Timeout(30.0, read=900.0)


def register(server: str, token: str, spec: dict[str, Any], files: list[Path]) -> dict[str, Any]:
    """The asset as ``POST /assets`` answers it. Raises Unavailable, or Invalid with what the server said."""
    if not token.strip() or not token.isascii():
        raise Invalid("Registering at a server needs --token, as “leakwatch token create” printed it.")
    if not server.startswith(("http://", "https://")):
        raise Invalid(f"“{server}” is no address of a server: write http://host:port.")
    url = f"{server.rstrip('/')}/api/v1/assets"
    with ExitStack() as opened:
        parts = [("files", (path.name, opened.enter_context(path.open("rb")))) for path in files]
        headers = {"Authorization": f"Bearer {token}"}
        try:
            answer = httpx.post(url, headers=headers, data={"asset": json.dumps(spec)}, files=parts, timeout=TIMEOUT)
        except httpx.HTTPError as error:
            raise Unavailable(f"{server} does not answer: {error}") from None
        except httpx.InvalidURL as error:
            raise Invalid(f"“{server}” is no address of a server: {error}") from None
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
