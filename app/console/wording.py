"""Words and addresses that several rooms share."""

import re
from urllib.parse import urlencode

from app.console.speech import marked

DETECTORS = {
    "page_copy": marked("copy of a page"),
    "equipment_photo": marked("photo of the equipment"),
    "document_text": marked("registered text"),
    "watch_term": marked("code name"),
    "asset_tag": marked("serial or asset number"),
    "marking": marked("classification marking"),
}
WORDS = (
    marked("open"),
    marked("acknowledged"),
    marked("resolved"),
    marked("true positive"),
    marked("false positive"),
    marked("benign positive"),
    marked("low"),
    marked("medium"),
    marked("high"),
    marked("critical"),
    marked("document"),
    marked("equipment"),
    marked("text"),
    marked("internal"),
    marked("confidential"),
    marked("secret"),
    marked("top secret"),
    marked("gateway"),
    marked("analyst"),
    marked("owner"),
    marked("auditor"),
    marked("admin"),
)
"""What stored words are called; the templates' filter ``words`` looks them up."""


def leaked_picture(alert_id: str, index: int, part: str) -> str:
    """The address of a part of a message as a picture."""
    return f"/pictures/alerts/{alert_id}/{index}" + (f"?{urlencode({'part': part})}" if part else "")


def without_code(reason: str) -> str:
    """An unread part's reason, ``[part: ]code: sentence``, without the code, which is for programs."""
    return re.sub(r"(^|: )[a-z_]+: ", r"\1", reason, count=1)
