"""What is said about how recognisable a reference is, to somebody who may open some assets and not others.

Stored is which assets a reference resembles. Whose they are, what they are called and whether they still exist is asked when it
is told: an owner hears of another's asset its title and who keeps it, so that they can talk to each other, and nothing else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.assets.schemas import DistinctivenessOut, NamedOut, ReasonOut, ResembledOut


@dataclass(frozen=True, slots=True)
class Other:
    """An asset that is resembled. ``keeper``: its owner, if whoever asks may not open it; else ``None``."""

    title: str
    keeper: str | None = None


Others = Mapping[str, Other]
"""Those that exist, by id."""


def resembled(stored: Iterable[Mapping[str, Any]]) -> set[str]:
    """Ids of every asset that what is stored speaks of."""
    likenesses = (one.get("resembles") for one in stored)
    return {other["asset_id"] for like in likenesses if like for other in like["others"]}


def told(stored: Mapping[str, Any], there: Others) -> DistinctivenessOut:
    """A reference's ``distinctiveness`` as it is shown."""
    reasons = [ReasonOut(name=one["name"], advice=one["advice"]) for one in stored.get("flaws", ())]
    like = _like(stored.get("resembles"), there)
    if like is None:
        return DistinctivenessOut(score=stored["score"], verdict=stored["verdict"], advice=stored["advice"], reasons=reasons)
    own = stored["advice"] if stored["verdict"] != "good" else ""
    verdict = "none" if stored["verdict"] == "none" else "weak"
    advice = f"{own} {like.advice}".strip()
    return DistinctivenessOut(score=stored["score"], verdict=verdict, advice=advice, reasons=[*reasons, like])


def _like(stored: Mapping[str, Any] | None, there: Others) -> ReasonOut | None:
    """``None`` when the assets it speaks of are gone."""
    others = [(one, there[one["asset_id"]]) for one in stored["others"] if one["asset_id"] in there] if stored else []
    if stored is None or not others:
        return None
    known = [
        ResembledOut(asset_id=one["asset_id"], asset_title=other.title, reference=one["reference"])
        for one, other in others
        if other.keeper is None
    ]
    kept = dict.fromkeys((other.title, other.keeper) for _, other in others if other.keeper is not None)
    named = [NamedOut(asset_title=title, owner=keeper) for title, keeper in kept]
    say = _identical if stored["kinship"] == "near_identical" else _boilerplate
    reason = ReasonOut(name=stored["kinship"], advice=say(known, named, stored["share"]), assets=known, named=named)
    return reason.model_copy(update={"others": len(others) - len(known), "share": stored["share"]})


def _identical(known: list[ResembledOut], named: list[NamedOut], _: float) -> str:
    said = []
    if known:
        said.append(f"It looks the same as {_own(known)}, so that an alert may name either: retire one, unless both are meant.")
    if named:
        agree = "agree with its owner which of them is to be watched for"
        said.append(f"It looks the same as {_kept(named)}, so that an alert may name that one: {agree}.")
    return " ".join(said)


def _boilerplate(known: list[ResembledOut], named: list[NamedOut], share: float) -> str:
    where = "; ".join(one for one in (_own(known), _kept(named)) if one)
    return (
        f"{share:.0%} of what it holds also stands in {where}: "
        "register what only this one has, or give code names or numbers that tell it apart."
    )


def _own(known: list[ResembledOut]) -> str:
    names = [f"“{one.asset_title}”" + (f", {one.reference}" if one.reference else "") for one in known]
    return "; ".join(dict.fromkeys(names))


def _kept(named: list[NamedOut]) -> str:
    return "; ".join(f"“{one.asset_title}”" + (f" of {one.owner}" if one.owner else "") for one in named)
