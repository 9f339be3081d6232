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
REFUSALS = (
    marked("Choose at least one alert."),
    marked("Choose a status or a filter first: not everything at once."),
    marked("Reload the page and choose again."),
    marked("Choose what to do."),
    marked("Reveal the pictures of this alert first."),
    marked("This form is from another session: go back, reload the page and send it again."),
    marked("This form was sent by another site."),
    marked("There is no such page."),
    marked("This address cannot be called up like this."),
    marked("Something went wrong on our side; it has been logged."),
    marked("There is no picture to show."),
    marked("The database cannot be used just now. Try again soon."),
    marked("The store of files cannot be used just now. Try again soon."),
    marked("The stream cannot be used just now. Try again soon."),
    marked("The disk cannot be written just now. Try again soon."),
)
"""What a page may be refused with, told in the reader's language."""
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
