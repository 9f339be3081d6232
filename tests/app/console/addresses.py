"""Which addresses of the console are pages, by its own routes: whoever lists every page is told of one that is missing."""

from fastapi.routing import APIRoute

from app.console.rooms import ROUTERS

ELSEWHERE = {
    "/",  # leads on
    "/alerts/events",
    "/incidents/events",
    "/incidents/{incident}/spread.{form}",
}
PARTS = {
    "/alerts/rows",
    "/assets/{asset}/coming",
    "/assets/{asset}/gallery/{attack}",
    "/assets/{asset}/hunts",
    "/incidents/{incident}/candidates",
    "/numbers/rerun",
}
"""What htmx or a script puts into a page that lies open."""
_ROUTES = [one for router in ROUTERS for one in router.routes if isinstance(one, APIRoute) and "GET" in (one.methods or ())]


def pages() -> set[str]:
    """As their routes write them."""
    return {one.path for one in _ROUTES if not one.path.startswith("/pictures/")} - ELSEWHERE - PARTS


def route_of(address: str) -> str:
    """``address``: with whatever in its places. Raises StopIteration for none of the console's."""
    path = address.partition("?")[0]
    return next(one.path for one in _ROUTES if one.path_regex.match(path))
