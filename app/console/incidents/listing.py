"""Which ways of an incident somebody looks at: all of it stands in the page's address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.console.speech import Language, marked

if TYPE_CHECKING:
    from detectors.spread.cascade import Cascade, Seen

Only = Literal["all", "unconfirmed", "external", "deleted", "origins"]
NAMES: Mapping[Only, str] = {
    "all": marked("All"),
    "unconfirmed": marked("Unconfirmed"),
    "external": marked("In external channels"),
    "deleted": marked("Deleted"),
    "origins": marked("From nowhere known"),
}
Place = str | None


class Asked(BaseModel):
    """``q``: words of a channel's or a person's name, at either end of a way. ``before``, ``after``: a sighting that the page is
    next to; of both the first counts.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    only: Only = "all"
    q: str | None = Field(None, max_length=200)
    before: Place = Field(None, max_length=400)
    after: Place = Field(None, max_length=400)

    @model_validator(mode="before")
    @classmethod
    def _given(cls, values: Any) -> Any:
        """A field of a form that was left empty is none."""
        return {name: value for name, value in values.items() if value != ""} if isinstance(values, dict) else values

    def query(self, **changes: Any) -> str:
        """What stands in the address, with these changes; at the beginning of the list."""
        values = self.model_dump(exclude_defaults=True, exclude={"before", "after"}) | changes
        left = {name: value for name, value in values.items() if value not in (None, "") and (name, value) != ("only", "all")}
        return f"?{urlencode(left)}" if left else ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of sightings, the newest first. ``begin``: the number of its first among all ``total`` that were asked for, from 1;
    0, there is none. ``older``, ``newer``: the queries of the pages next to it. ``counts``: of each ``Only``.
    """

    seen: "Sequence[Seen]"
    begin: int
    total: int
    older: str | None
    newer: str | None
    counts: Mapping[Only, int]

    @property
    def end(self) -> int:
        """The number of its last."""
        return self.begin + len(self.seen) - 1


def listed(cascade: "Cascade", asked: Asked, size: int) -> Listed:
    """So many at most. What comes in meanwhile moves no page but the first."""
    kinds = {one.id: _kinds(cascade, one) for one in cascade.seen}
    matching = _matching(cascade, (asked.q or "").casefold().split())
    counts = {only: sum(only in kinds[one.id] for one in matching) for only in get_args(Only)}
    found = [one for one in matching if asked.only in kinds[one.id]]
    begin = min(_begin(cascade, found, asked, size), max(0, len(found) - 1))
    shown = found[begin : begin + size]
    older = asked.query(before=shown[-1].id) if begin + size < len(found) else None
    newer = None if begin == 0 else asked.query(after=shown[0].id) if begin > size else asked.query()
    return Listed(shown, begin + 1 if shown else 0, len(found), older, newer, counts)


def _kinds(cascade: "Cascade", one: "Seen") -> set[Only]:
    edge, origin = cascade.parent_of(one.id), cascade.origin_of(one.id)
    holds: dict[Only, bool] = {
        "all": True,
        "unconfirmed": edge is not None and not edge.confirmed,
        "external": bool(one.external),
        "deleted": one.deleted_at is not None,
        "origins": edge is None or (origin is not None and origin.standing == "unseen"),
    }
    return {only for only, true in holds.items() if true}


def _matching(cascade: "Cascade", words: Sequence[str]) -> "list[Seen]":
    """The newest first; all words stand at one of its two ends."""
    names = {one.id: one.channel_id.casefold() for one in cascade.unseen}
    for one in cascade.seen:
        names[one.id] = " ".join((one.channel_name, one.channel_id, one.sender_name, one.sender_id)).casefold()
    parents = {edge.child: edge.parent for edge in cascade.edges}
    ends = {one.id: (names[one.id], names.get(parents.get(one.id, ""), "")) for one in cascade.seen}
    return [one for one in reversed(cascade.seen) if any(all(word in end for word in words) for end in ends[one.id])]


def _begin(cascade: "Cascade", found: "Sequence[Seen]", asked: Asked, size: int) -> int:
    """Where in what was found the page begins; what it is to be next to need not be among it."""
    places = {one.id: number for number, one in enumerate(reversed(cascade.seen))}
    if asked.before in places:
        return sum(places[one.id] <= places[asked.before] for one in found)
    if asked.after in places:
        return max(0, sum(places[one.id] < places[asked.after] for one in found) - size)
    return 0


def tabs(asked: Asked, counts: Mapping[Only, int], language: Language) -> list[dict[str, Any]]:
    """What there is to choose from, and how many of each."""
    return [
        {
            "value": only,
            "name": language.say(name),
            "count": language.number(counts[only]),
            "query": asked.query(only=only),
            "here": only == asked.only,
        }
        for only, name in NAMES.items()
    ]
