"""What is registered, in people's words."""

from collections.abc import Iterable, Set
from typing import Any

from app.assets import words
from app.assets.schemas import (
    AssetEvent,
    AssetOut,
    AssetSpec,
    AssetSummary,
    DistinctivenessOut,
    NamedOut,
    ReasonOut,
    ReferenceOut,
)
from app.console.assets.past import EVENTS, event_view
from app.console.brevity import brief, fitting, pages
from app.console.speech import Language, marked
from app.console.wording import part as said_part
from app.console.wording import unread
from app.uploads import Bounds

SHOWN = 60
"""References of one page."""
COMING = 100
"""References of a registration that is not complete are shown, the latest."""
MOST_UNREAD = 50
"""Parts that could not be read are told, the first."""
WORDS = 15
"""Code names and numbers that are shown beside other things, of each, ``BRIEF`` characters of one."""
LISTED, ROOM = 100, 20_000
"""Of all of them so many are listed at a time, in so many bytes."""
NOTE = 400
"""Characters of its note, likewise."""
BRIEF = 80
"""Characters of a word, name or title beside others."""
LIKE = 3
"""Other assets that are named of those that a reference looks like."""
REFERENCES = 40_000
"""Bytes that references of one page say, at most."""
TYPED = 6000
"""Characters of words that a form gives back when something in it was wrong."""
MOST = {"title": 1000, "kind": 20, "level": 20, "owner": 400, "unit": 400, "note": 10_000, "keep_originals": 10}
"""The same of its other fields."""
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
ADVICE = {
    "too_small": marked("The picture is very small: register the original file instead of a preview of it."),
    "too_dark": marked("The picture is too dark: take it again with more light."),
    "too_blurred": marked("The picture is out of focus or shaken: take it again with the camera held still."),
    "too_plain": marked(
        "There is little to see, or little contrast: take it from nearer, or from a side with edges or markings."
    ),
    "few_places": marked(
        "All there is to recognise huddles in one part: crop the picture to it, or come nearer so that it fills it."
    ),
    "repetitive": marked("Its details all look alike: show a part that occurs once, such as a label, a corner or a marking."),
    "too_short": marked(
        "The text is too short to be told from chance: register more of it, or its telling words as terms and tags."
    ),
}
"""As ``fingerprints.distinctiveness`` says it."""
VERDICTS = {"good": marked("recognisable"), "weak": marked("weak"), "none": marked("not recognisable")}


def asset_view(
    language: Language, asset: AssetOut, kept: Set[str], events: Iterable[AssetEvent], first: int = 0
) -> dict[str, Any]:
    """An asset with a picture for every reference in ``kept``: weak references first, ``SHOWN`` from the one ``first`` on."""
    references, happened = [one for one in asset.references if not one.derived], list(events)
    shown = _that_fit([reference_view(language, one, one.id in kept) for one in shown_references(asset, first)])
    weak, after = sum(one.distinctiveness.verdict != "good" for one in references), first + len(shown)
    return asset.model_dump(exclude={"references"}) | {
        "number": len(references),
        "weak": [one for one in shown if one["verdict"] != "good"],
        "good": [one for one in shown if one["verdict"] == "good"],
        "derived": _that_fit([reference_view(language, one, False) for one in asset.references if one.derived]),
        "weak_count": weak,
        "good_count": len(references) - weak,
        "earlier": max(0, first - SHOWN) if first else None,
        "later": after if after < len(references) else None,
        "pictured": next((one["id"] for one in shown if one["picture"]), None),
        "events": [event_view(language, one) for one in happened[:EVENTS]],
        "more_events": len(happened) > EVENTS,
        **_words_view(asset),
        **_unread(language, asset),
    }


def _that_fit(references: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return fitting(references, REFERENCES, lambda one: " ".join(_texts(one.values())))


def shown_references(asset: AssetOut, first: int) -> list[ReferenceOut]:
    """Those of one page of an asset, weak ones first; of one whose registration is not complete, the latest."""
    if asset.status == "fingerprinting":
        return asset.references[-COMING:]
    registered = (one for one in asset.references if not one.derived)
    found = sorted(registered, key=lambda one: (one.distinctiveness.verdict == "good", one.distinctiveness.score))
    return found[first : first + SHOWN]


def _unread(language: Language, asset: AssetOut) -> dict[str, Any]:
    """Parts that could not be read, and how many are not told."""
    told = [
        {
            "file": brief(one.file, BRIEF),
            "part": brief(said_part(language, one.part), BRIEF),
            "why": brief(unread(language, one.reason), 2 * BRIEF),
        }
        for one in asset.unread[:MOST_UNREAD]
    ]
    return {"unread": told, "more_unread": len(asset.unread) - len(told)}


def progress_view(language: Language, asset: AssetOut) -> dict[str, Any]:
    """How far its registration is, and what of it could not be read."""
    return {**asset.model_dump(include={"id", "title", "progress"}), **_unread(language, asset)}


def coming_view(language: Language, asset: AssetOut, kept: Set[str], after: int) -> list[dict[str, Any]]:
    """References in the order in which they come, from the one ``after`` so many on; of very many the latest."""
    latest = [reference_view(language, one, one.id in kept) for one in reversed(asset.references[after:][-COMING:])]
    return _that_fit(latest)[::-1]


def reference_view(language: Language, reference: ReferenceOut, kept: bool) -> dict[str, Any]:
    found: DistinctivenessOut = reference.distinctiveness
    return {
        "id": reference.id,
        "name": brief(said_part(language, reference.label) or reference.file, BRIEF) or language.say("reference"),
        "picture": f"/pictures/references/{reference.id}" if kept else None,
        "verdict": found.verdict,
        "says": language.say(VERDICTS[found.verdict]),
        "score": found.score,
        "derived": reference.derived,
        "alerts": reference.alerts,
        "reasons": [_reason(language, one) for one in found.reasons],
        "advice": found.advice if found.verdict != "good" and not found.reasons else "",
    }


def about_view(asset: AssetOut, number: int, q: str, *, noted: bool = True) -> dict[str, Any]:
    """The words of an asset in which ``q`` stands, some a page, of which the ``number``th, or the last; and its note."""
    found = [one for one in words.of(asset) if q.casefold() in one.text.casefold()]
    parted = pages(found, LISTED, ROOM, lambda one: one.text)
    at = min(number, len(parted))
    shown = parted[at - 1]
    return {
        "terms": [one for one in shown if one.kind == "terms"],
        "tags": [one for one in shown if one.kind == "tags"],
        "number": len(found),
        "words": len(asset.terms) + len(asset.tags),
        "note": asset.note if noted and not q and at == 1 else "",
        "pages": len(parted),
        "earlier": at - 1 if at > 1 else None,
        "later": at + 1 if at < len(parted) else None,
    }


def _words_view(asset: AssetOut) -> dict[str, Any]:
    """So much of its words and note as there is room for; ``more_about``: there is more."""
    named = {kind: [brief(one, BRIEF) for one in getattr(asset, kind)[:WORDS]] for kind in words.KINDS}
    more = len(asset.note) > NOTE or any(getattr(asset, kind) != some for kind, some in named.items())
    return {"words": len(asset.terms) + len(asset.tags), **named, "note": brief(asset.note, NOTE), "more_about": more}


def retiring_view(asset: AssetOut) -> dict[str, Any]:
    """What is said when it is about to go; ``more``: how many of its words are not named."""
    named = [brief(one.text, BRIEF) for one in words.of(asset)]
    told = {"title": brief(asset.title, 2 * BRIEF), "words": named[:WORDS], "more": len(named[WORDS:])}
    return asset.model_dump(include={"id", "reference_count", "keep_originals"}) | told


def line_view(asset: AssetSummary) -> dict[str, Any]:
    """An asset in a list."""
    named = [*asset.terms, *asset.tags]
    told = {"title": brief(asset.title, 120), "owner": brief(asset.owner, 40), "words": [brief(one, 24) for one in named[:4]]}
    return asset.model_dump(exclude={"terms", "tags", "note", "unit"}) | told | {"more_words": len(named[4:])}


def _texts(values: Iterable[Any]) -> list[str]:
    return [str(one) for value in values for one in (value if isinstance(value, list) else [value])]


def bounds_view(language: Language, bounds: Bounds) -> dict[str, Any]:
    """What may be sent at once: numbers for scripts, and words."""
    sizes = {"one": language.size(bounds.file), "all": language.size(bounds.body)}
    return {"files": bounds.files, "file": bounds.file, "body": bounds.body, **sizes}


def form_of(asset: AssetOut) -> dict[str, str]:
    """What the form for changing it begins with."""
    return {name: getattr(asset, name) for name in ("title", "level", "owner", "unit", "note")}


def given_back(fields: dict[str, str]) -> dict[str, str]:
    """What a form that was refused begins with: what was typed, as far as a form takes it."""
    return {name: value[: TYPED if name in words.KINDS else MOST.get(name, 0)] for name, value in fields.items()}


def spec_of(fields: dict[str, str]) -> AssetSpec:
    """Raises ValidationError."""
    plain = {name: fields.get(name, "") for name in ("title", "kind", "level", "unit", "note")}
    return AssetSpec.model_validate({**plain, **words_of(fields), "keep_originals": "keep_originals" in fields})


def words_of(fields: dict[str, str]) -> dict[str, list[str]]:
    """Code names and numbers, of which a form has several in a line."""
    return {name: _several(fields.get(name, "")) for name in words.KINDS}


def _several(written: str) -> list[str]:
    return list(dict.fromkeys(word.strip() for word in written.replace("，", ",").split(",") if word.strip()))


def _reason(language: Language, reason: ReasonOut) -> dict[str, Any]:
    advice = ADVICE.get(reason.name)
    return {
        "says": language.say(REASONS[reason.name]),
        "advice": language.say(advice) if advice else _like(language, reason),
        "assets": [{"asset_id": one.asset_id, "asset_title": brief(one.asset_title, BRIEF)} for one in reason.assets[:LIKE]],
    }


def _like(language: Language, reason: ReasonOut) -> str:
    """What another asset has to do with it. Of one that may not be opened: what it is called, and whose it is."""
    likes = list(dict.fromkeys(_named(language, one.asset_title, one.reference) for one in reason.assets))
    known, named = _some(language, likes), _some(language, [_kept(language, one) for one in reason.named])
    if reason.name == "boilerplate":
        return _boilerplate(language, language.say("; ").join(one for one in (known, named) if one), reason.share)
    said = []
    if known:
        said.append(
            language.say(
                "It looks the same as %(known)s, so that an alert may name either: retire one, unless both are meant.",
                known=known,
            )
        )
    if named:
        said.append(
            language.say(
                "It looks the same as %(named)s, so that an alert may name that one: agree with its owner which of them is to be"
                " watched for.",
                named=named,
            )
        )
    return language.together(*said)


def _some(language: Language, likes: list[str]) -> str:
    """Of many the first, and how many more there are."""
    told, left = language.say("; ").join(likes[:LIKE]), len(likes) - LIKE
    return language.count("%(some)s and %(number)s more", "%(some)s and %(number)s more", left, some=told) if left > 0 else told


def _boilerplate(language: Language, where: str, share: float) -> str:
    stands = language.say("%(share)s of what it holds also stands in %(known)s:", share=language.percent(share), known=where)
    rest = language.say("register what only this one has, or give code names or numbers that tell it apart.")
    return language.together(stands, rest)


def _kept(language: Language, one: NamedOut) -> str:
    title = brief(one.asset_title, BRIEF)
    if not one.owner:
        return language.say("“%(title)s”", title=title)
    return language.say("“%(title)s” of %(owner)s", title=title, owner=brief(one.owner, BRIEF))


def _named(language: Language, title: str, label: str) -> str:
    part, title = brief(said_part(language, label), BRIEF), brief(title, BRIEF)
    return language.say("“%(title)s”, %(part)s", title=title, part=part) if part else language.say("“%(title)s”", title=title)
