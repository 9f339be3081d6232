"""The queue: alerts of one status."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Request, Response

from app.alerts import service as alerts
from app.alerts.schemas import AlertFilter, Status
from app.console.alerts.views import alert_view
from app.console.routes import PAGE, Analyst, look_of, page, room
from app.paging import Cursor
from app.security import InHouse

router = room()


@router.get("/alerts")
async def alert_queue(
    request: Request,
    house: InHouse,
    who: Analyst,
    status: Status = "open",
    cursor: Annotated[Cursor, Query()] = None,
) -> Response:
    """Alerts of one status, newest first; htmx asks again every few seconds."""
    async with house.database.reading() as session:
        found = await alerts.page(session, AlertFilter(status=status), cursor, PAGE)
    here = "/alerts?" + urlencode({"status": status} | ({"cursor": cursor} if cursor else {}))
    shown = [alert_view(look_of(request).language, alert) for alert in found.items]
    return page(
        request, who, "queue/queue.html", section="alerts", alerts=shown, status=status, here=here, next_cursor=found.next_cursor
    )
