"""Addresses of ours to come back to: after signing in, and after choosing a language."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

SIGN_IN = "/sign-in"
LONGEST = 2000
NOWHERE = ("/", SIGN_IN, "/sign-out", "/preferences")
"""Nobody needs to come back to these: that leads home, or round in circles."""
_KEPT = "%/:?&=+$,;@!*'()~-._"


def is_ours(address: str) -> bool:
    """Whether a browser can only take it for a path on this very host.

    It reads ``\\`` as ``/``, leaves out tabs and line breaks wherever they stand, and takes what begins with ``//`` for another
    host (https://url.spec.whatwg.org/#concept-basic-url-parser).
    """
    if not address.startswith("/") or address.startswith("//") or len(address) > LONGEST:
        return False
    return not any(character <= " " or character in "\\\x7f" for character in address)


def ours(address: str, otherwise: str = "/") -> str:
    """The address as a header can carry it, if it is one of ours."""
    return quote(address, safe=_KEPT) if is_ours(address) else otherwise


def sign_in(here: str) -> str:
    """The sign-in page's address, which leads back ``here``."""
    if not is_ours(here) or urlsplit(here).path in NOWHERE:
        return SIGN_IN
    return f"{SIGN_IN}?{urlencode({'next': here})}"


def asked_from(method: str, address: str, headers: Mapping[str, str], host: str) -> str:
    """The page that somebody was on when they asked for something; empty: nobody knows.

    ``address``: what was asked for, which is that page itself unless a script or a form asked. ``host``: ours.
    """
    by_script = headers.get("hx-request") == "true"
    if method == "GET" and not by_script:
        page = headers.get("sec-fetch-dest", "document") == "document"
        return address if page else ""
    there = urlsplit(headers.get("hx-current-url") or headers.get("referer") or "")
    if there.netloc.lower() != host.lower():
        return ""
    return there.path + (f"?{there.query}" if there.query else "")
