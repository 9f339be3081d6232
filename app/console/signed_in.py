"""Who is signed in at the console: a cookie no script can read, and a second secret that every form must bring back.

The cookie is HttpOnly and SameSite=Strict; the form's secret is derived from it, so that another site, which cannot read
either, cannot post in a signed-in person's name (OWASP, Cross-Site Request Forgery Prevention: HMAC-based token pattern).
"""

import hashlib
import hmac
from dataclasses import dataclass

from app.people.service import Principal, Role

COOKIE = "leakwatch_session"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
HOME = {Role.ANALYST: "/alerts", Role.OWNER: "/assets", Role.ADMIN: "/assets"}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody signed in, and the secret their forms carry."""

    principal: Principal
    csrf: str

    @property
    def owner(self) -> str | None:
        """Whose assets they see; ``None``: everybody's."""
        return self.principal.name if self.principal.role == Role.OWNER else None


def form_secret(cookie: str) -> str:
    """What forms of this session bring back."""
    return hmac.new(cookie.encode(), b"leakwatch form", hashlib.sha256).hexdigest()


def is_ours(visitor: Visitor, brought: str) -> bool:
    """Whether a form was one of this session's."""
    return hmac.compare_digest(visitor.csrf.encode(), brought.encode())
