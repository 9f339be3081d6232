"""Who had it from whom, in words: the lines of a table, and which of them somebody asks for."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from app.console.brevity import brief
from app.console.incidents.naming import LONGEST, ORIGINS, channel_of, person_of
from app.console.speech import Language, marked

if TYPE_CHECKING:
    from detectors.spread.cascade import Cascade, Edge, Seen

RELATIONS = {
    "same": marked("the same file"),
    "recompressed": marked("the same picture, compressed again"),
    "marked": marked("the picture with something on it"),
    "crop": marked("a part of it"),
    "screenshot": marked("a screenshot of it"),
    "photo": marked("a photo of it"),
    "unknown": marked("its pixels do not tell"),
}
_OUTSIDE = {f"stated_{standing}": says for standing, says in ORIGINS.items()}
REASONS = {
    "stated": marked("the gateway says so"),
    "stated_later": marked("the gateway names a later message, which cannot be"),
    "same_moment": marked("both were sent in the same second, and either may be the earlier"),
    "same_bytes": marked("the same bytes"),
    "same_frame": marked("the whole picture, compressed again"),
    "nearest_copy": marked("of all copies it is nearest"),
    "lies_within": marked("all it shows is in the other"),
    "shown_whole": marked("it shows all of the other, with something around"),
    "marks_inherited": marked("what was added to the other is there too"),
    "less_detail": marked("the other has more detail"),
    "same_pixels": marked("cut out of the other, pixel for pixel"),
    "same_sender": marked("the same person posted both"),
    "sender_was_there": marked("the sender is in the other’s channel"),
    "same_channel": marked("the same channel"),
    "soon_after": marked("soon after"),
    "only_one": marked("no other copy could be where it came from"),
    **_OUTSIDE,
}


def rows(cascade: "Cascade", some: "Iterable[Seen]", alerts: Mapping[str, str], language: Language) -> list[dict[str, Any]]:
    """Of these sightings. ``alerts``: message ids of the database to alerts."""
    ends = {one.id: _end(one) for one in cascade.seen}
    ends |= {
        one.id: {"channel": brief(one.channel_id, LONGEST), "sender": None, "incident": one.incident} for one in cascade.unseen
    }
    return [_row(one, cascade.parent_of(one.id), ends, alerts, language) for one in some]


def _end(one: "Seen") -> dict[str, str | None]:
    return {"channel": channel_of(one), "sender": person_of(one)}


def _row(
    one: "Seen", edge: "Edge | None", ends: Mapping[str, Mapping[str, Any]], alerts: Mapping[str, str], language: Language
) -> dict[str, Any]:
    return {
        **ends[one.id],
        "id": one.id,
        "at": one.at,
        "gateway": brief(one.gateway, LONGEST),
        "external": one.external,
        "members": one.members,
        "alert": alerts.get(one.id.partition("/")[0]),
        "deleted": one.deleted_at,
        "dismissed": one.dismissed,
        "stated": one.stated_at
        and language.say(
            "states that it was sent %(at)s, which cannot be", at=f"{one.stated_at.isoformat(' ', 'seconds')[:19]} UTC"
        ),
        "from": _from(edge, ends, language) if edge else None,
    }


def _reason(reason: str, language: Language) -> str:
    says = language.say(REASONS.get(reason, reason))
    return language.say("the gateway says so, of %(origin)s", origin=says) if reason in _OUTSIDE else says


def _from(edge: "Edge", ends: Mapping[str, Mapping[str, Any]], language: Language) -> dict[str, Any]:
    """``others``: from where else it may have come, and how likely."""
    return {
        **ends[edge.parent],
        "form": "stated" if edge.how == "stated" else "inferred" if edge.confirmed else "unconfirmed",
        "sure": edge.confidence,
        "relation": language.say(RELATIONS.get(str(edge.relation), str(edge.relation))),
        "why": language.listed(_reason(reason, language) for reason in edge.reasons),
        "others": [{**ends[parent], "sure": sure} for parent, sure in edge.others if parent in ends],
    }
