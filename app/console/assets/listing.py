"""The list of assets as an address asks for it: filters, order and place are all in there."""

from dataclasses import dataclass
from typing import Any, cast, get_args
from urllib.parse import urlencode

from app.assets.repository import Sort, Wanted
from app.assets.schemas import Kind, Level
from app.console.speech import Language, marked

SORTS: dict[str, str] = {
    "weak": marked("Weak ones first"),
    "newest": marked("Newest first"),
    "fewest": marked("Fewest references first"),
    "title": marked("By title"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands in the address. Whatever is no value of ours counts as not said."""

    kind: str = ""
    level: str = ""
    owner: str = ""
    weak: bool = False
    q: str = ""
    sort: str = "weak"

    @classmethod
    def of(cls, kind: str, level: str, owner: str, weak: str, q: str, sort: str) -> "Asked":
        return cls(
            kind if kind in get_args(Kind) else "",
            level if level in get_args(Level) else "",
            owner,
            bool(weak),
            q.strip()[:200],
            sort if sort in SORTS else "weak",
        )

    def wanted(self, only: str | None) -> Wanted:
        """``only``: whose assets whoever asks may see."""
        owner = only if only is not None else self.owner or None
        return Wanted(owner, self.kind or None, self.level or None, self.weak, self.q, cast(Sort, self.sort))

    def address(self, **changed: Any) -> str:
        """Of the same list, with something else in it."""
        default = Asked()
        said = {name: getattr(self, name) for name in self.__slots__} | changed
        kept = {
            name: 1 if value is True else value for name, value in said.items() if value and value != getattr(default, name, "")
        }
        return "/assets" + (f"?{urlencode(kept)}" if kept else "")


def choices(language: Language) -> dict[str, list[tuple[str, str]]]:
    """What the filters offer: value and word."""
    return {
        "kinds": [(one, language.say(one)) for one in get_args(Kind)],
        "levels": [(one, language.say(one.replace("_", " "))) for one in get_args(Level)],
        "sorts": [(value, language.say(says)) for value, says in SORTS.items()],
    }
