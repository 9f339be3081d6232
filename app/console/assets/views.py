"""What is registered, in people's words."""

from collections.abc import Set
from typing import Any

from pydantic import ValidationError

from app.assets.schemas import AssetOut
from app.console.speech import Language, marked
from app.console.wording import without_code

REASONS = {
    "too_small": marked("small"),
    "too_dark": marked("dark"),
    "too_blurred": marked("blurred"),
    "too_plain": marked("plain"),
    "few_places": marked("huddled"),
    "repetitive": marked("repetitive"),
    "too_short": marked("short"),
    "boilerplate": marked("mostly boilerplate"),
    "near_identical": marked("looks like another asset"),
}
FIELDS = {
    "title": marked("Title"),
    "kind": marked("Kind"),
    "level": marked("Level"),
    "terms": marked("Code names"),
    "tags": marked("Serials and asset numbers"),
    "unit": marked("Unit"),
    "note": marked("Note"),
}


def asset_view(language: Language, asset: AssetOut, kept: Set[str]) -> dict[str, Any]:
    """An asset with a picture for every reference in ``kept``."""
    view = asset.model_dump()
    for part in view["unread"]:
        part["why"] = without_code(part["reason"])
    for reference in view["references"]:
        reference["picture"] = f"/pictures/references/{reference['id']}" if reference["id"] in kept else None
        for reason in reference["distinctiveness"]["reasons"]:
            reason["says"] = language.say(REASONS[reason["name"]])
    return view


def field_problem(language: Language, error: ValidationError) -> str:
    """Pydantic's findings about the registration form, by the names of its fields."""
    found = [(str(one["loc"][0]) if one["loc"] else "", one["msg"].removeprefix("String should have ")) for one in error.errors()]
    return "; ".join(f"{language.say(FIELDS.get(field, field))}: {says}" for field, says in found[:5])
