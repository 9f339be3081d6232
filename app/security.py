"""Who is asking, and may they. Every API route names the roles it serves."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.errors import Forbidden, Unauthenticated
from app.house import House
from app.people.service import Principal, Role

bearer = HTTPBearer(auto_error=False, description="a token of `leakwatch token create`")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]


def house_of(request: Request) -> House:
    """The server's parts."""
    house: House = request.app.state.house
    return house


def require(*roles: Role) -> Callable[..., Awaitable[Principal]]:
    """A dependency that lets these roles pass, as a ``Principal``. Raises Unauthenticated, Forbidden."""

    async def allowed(request: Request, credentials: Credentials) -> Principal:
        if credentials is None:
            raise Unauthenticated("Send Authorization: Bearer with a token.")
        principal = await house_of(request).recognition.who_holds(credentials.credentials)
        if principal is None:
            raise Unauthenticated("This token is not known, or has expired.", "invalid_token")
        if principal.role not in roles:
            raise Forbidden(f"This needs the role {' or '.join(roles)}; the token has {principal.role}.")
        return replace(principal, address=address_of(request))

    return allowed


def address_of(request: Request) -> str:
    """Where a request comes from; behind a proxy that uvicorn is told to trust, where that got it from."""
    return request.client.host if request.client else ""


InHouse = Annotated[House, Depends(house_of)]
"""A route's parameter of this type is the server's parts."""
