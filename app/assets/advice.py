"""What is said about how recognisable a reference is, to somebody who may know of some assets and not of others.

Stored is which assets a reference resembles. Whose they are, what they are called and whether they still exist is asked when it
is told: an owner hears of another's asset that there is one, and whom to ask.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from app.assets.schemas import DistinctivenessOut, ReasonOut, ResembledOut

Titles = Mapping[str, str | None]
"""Of assets that exist, by id; ``None`` for one that may not be told."""
ASK = "ask an administrator which"


def resembled(stored: Iterable[Mapping[str, Any]]) -> set[str]:
    """Ids of every asset that what is stored speaks of."""
    likenesses = (one.get("resembles") for one in stored)
    return {other["asset_id"] for like in likenesses if like for other in like["others"]}


def told(stored: Mapping[str, Any], titles: Titles) -> DistinctivenessOut:
    """A reference's ``distinctiveness`` as it is shown."""
    reasons = [ReasonOut(name=one["name"], advice=one["advice"]) for one in stored.get("flaws", ())]
    like = _like(stored.get("resembles"), titles)
    if like is None:
        return DistinctivenessOut(score=stored["score"], verdict=stored["verdict"], advice=stored["advice"], reasons=reasons)
    own = stored["advice"] if stored["verdict"] != "good" else ""
    verdict = "none" if stored["verdict"] == "none" else "weak"
    advice = f"{own} {like.advice}".strip()
    return DistinctivenessOut(score=stored["score"], verdict=verdict, advice=advice, reasons=[*reasons, like])


def _like(stored: Mapping[str, Any] | None, titles: Titles) -> ReasonOut | None:
    """``None`` when the assets it speaks of are gone."""
    others = [one for one in stored["others"] if one["asset_id"] in titles] if stored else []
    if stored is None or not others:
        return None
    known = [
        ResembledOut(asset_id=one["asset_id"], asset_title=title, reference=one["reference"])
        for one in others
        if (title := titles[one["asset_id"]]) is not None
    ]
    say = _identical if stored["kinship"] == "near_identical" else _boilerplate
    hidden, share = len(others) - len(known), stored["share"]
    return ReasonOut(name=stored["kinship"], advice=say(known, hidden > 0, share), assets=known, others=hidden, share=share)


def _identical(known: list[ResembledOut], hidden: bool, _: float) -> str:
    said = []
    if known:
        said.append(f"It looks the same as {_named(known)}, so that an alert may name either: retire one, unless both are meant.")
    if hidden:
        said.append(f"Another registered asset looks the same, so that an alert may name that one: {ASK}, and who keeps it.")
    return " ".join(said)


def _boilerplate(known: list[ResembledOut], hidden: bool, share: float) -> str:
    where = [_named(known)] if known else []
    where += [f"assets of other owners ({ASK})"] if hidden else []
    return (
        f"{share:.0%} of what it holds also stands in {' and in '.join(where)}: "
        "register what only this one has, or give code names or numbers that tell it apart."
    )


def _named(known: list[ResembledOut]) -> str:
    names = [f"“{one.asset_title}”" + (f", {one.reference}" if one.reference else "") for one in known]
    return "; ".join(dict.fromkeys(names))
