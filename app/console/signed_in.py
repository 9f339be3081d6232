"""Who is signed in at the console: a cookie no script can read, and a second secret that every form must bring back.

The cookie is HttpOnly and SameSite=Strict; the form's secret is derived from it, so that another site, which cannot read
either, cannot post in a signed-in person's name (OWASP, Cross-Site Request Forgery Prevention: HMAC-based token pattern). What
browsers say of where a request comes from is believed besides, also of a sign-in, which has no secret yet.
"""

import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.people.service import Principal, Role

COOKIE, SECURE_COOKIE = "leakwatch_session", "__Host-leakwatch_session"
"""Over HTTPS a name that browsers take from this very host alone, and over nothing else (RFC 6265bis §4.1.3.2)."""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
HOME = {Role.ANALYST: "/alerts", Role.OWNER: "/assets", Role.ADMIN: "/assets", Role.AUDITOR: "/audit"}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in, and the secret their forms carry."""

    principal: Principal
    csrf: str

    @property
    def has_password(self) -> bool:
        """Whether they signed in with an account, not with a token."""
        return self.principal.id.startswith("acc_")

    @property
    def owner(self) -> str | None:
        """Whose assets they see; ``None``: everybody's."""
        return self.principal.name if self.principal.role == Role.OWNER else None


def cookie_name(scheme: str) -> str:
    """Of the cookie that says who is signed in."""
    return SECURE_COOKIE if scheme == "https" else COOKIE


def is_foreign(headers: Mapping[str, str], hosts: Collection[str]) -> bool:
    """Whether a browser says that another site made it send this; one that says nothing is no browser, or an old one.

    ``hosts``: ours. Over plain HTTP there is but ``Origin``, which ``Referrer-Policy: no-referrer`` would make ``null``
    (https://fetch.spec.whatwg.org/#origin-header).
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site not in ("same-origin", "none")
    return origin is not None and urlsplit(origin).netloc.lower() not in hosts


def form_secret(cookie: str) -> str:
    """What forms of this session bring back."""
    return hmac.new(cookie.encode(), b"leakwatch form", hashlib.sha256).hexdigest()


def is_ours(visitor: Visitor, brought: str) -> bool:
    """Whether a form was one of this session's."""
    return hmac.compare_digest(visitor.csrf.encode(), brought.encode())
