"""What is registered, in people's words."""

from collections.abc import Iterable, Set
from typing import Any

from app.assets.schemas import AssetEvent, AssetOut, AssetSpec, DistinctivenessOut, NamedOut, ReasonOut, ReferenceOut
from app.console.refusals import FIELDS
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
EVENTS = 10
"""Entries of a history that are shown at once."""
WORDS = 20
"""Code names and numbers that are shown at once, of each; all of them are listed ``LISTED`` at a time."""
LISTED = 100
NOTE = 1000
"""Characters of its note, likewise."""
NAMED = 5
"""Words and files that an entry names; each entry has a page that names all."""
BRIEF = 200
"""Characters of a word or title in an entry."""
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
ACTIONS = {
    "registered": marked("registered it"),
    "begun": marked("sent a new edition"),
    "replaced": marked("replaced it by a new edition"),
    "completed": marked("All of it is registered"),
    "failed": marked("Nothing in the files could be recognised"),
    "changed": marked("changed it"),
    "taught": marked("A confirmed leak became a reference"),
    "untaught": marked("A confirmed leak is a reference no longer"),
}


def asset_view(
    language: Language, asset: AssetOut, kept: Set[str], events: Iterable[AssetEvent], first: int = 0
) -> dict[str, Any]:
    """An asset with a picture for every reference in ``kept``: weak references first, ``SHOWN`` from the one ``first`` on."""
    references, happened = [one for one in asset.references if not one.derived], list(events)
    shown = [reference_view(language, one, one.id in kept) for one in shown_references(asset, first)]
    weak = sum(one.distinctiveness.verdict != "good" for one in references)
    return asset.model_dump(exclude={"references"}) | {
        "number": len(references),
        "weak": [one for one in shown if one["verdict"] != "good"],
        "good": [one for one in shown if one["verdict"] == "good"],
        "derived": [reference_view(language, one, False) for one in asset.references if one.derived],
        "weak_count": weak,
        "good_count": len(references) - weak,
        "earlier": max(0, first - SHOWN) if first else None,
        "later": first + SHOWN if first + SHOWN < len(references) else None,
        "pictured": next((one["id"] for one in shown if one["picture"]), None),
        "events": [event_view(language, one) for one in happened[:EVENTS]],
        "more_events": len(happened) > EVENTS,
        **_words_view(asset),
        **_unread(language, asset),
    }


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
        {"file": one.file, "part": said_part(language, one.part), "why": unread(language, one.reason)}
        for one in asset.unread[:MOST_UNREAD]
    ]
    return {"unread": told, "more_unread": len(asset.unread) - len(told)}


def progress_view(language: Language, asset: AssetOut) -> dict[str, Any]:
    """How far its registration is, and what of it could not be read."""
    return {**asset.model_dump(include={"id", "title", "progress"}), **_unread(language, asset)}


def coming_view(language: Language, asset: AssetOut, kept: Set[str], after: int) -> list[dict[str, Any]]:
    """References in the order in which they come, from the one ``after`` so many on; of very many the latest."""
    return [reference_view(language, one, one.id in kept) for one in asset.references[after:][-COMING:]]


def reference_view(language: Language, reference: ReferenceOut, kept: bool) -> dict[str, Any]:
    found: DistinctivenessOut = reference.distinctiveness
    return {
        "id": reference.id,
        "name": said_part(language, reference.label) or reference.file or language.say("reference"),
        "picture": f"/pictures/references/{reference.id}" if kept else None,
        "verdict": found.verdict,
        "says": language.say(VERDICTS[found.verdict]),
        "score": found.score,
        "derived": reference.derived,
        "alerts": reference.alerts,
        "reasons": [_reason(language, one) for one in found.reasons],
        "advice": found.advice if found.verdict != "good" and not found.reasons else "",
    }


def event_view(language: Language, event: AssetEvent, whole: bool = False) -> dict[str, Any]:
    """An entry of its history. ``changes``: sentences; in brief (``more``: not all of it) unless the ``whole`` is wanted."""
    values = [value for change in event.change.values() for value in change]
    long = any(len(value) > NAMED for value in values if isinstance(value, list))
    return {
        "id": event.id,
        "at": event.at,
        "actor": event.actor,
        "says": language.say(ACTIONS[event.action]),
        "changes": [said for name, change in event.change.items() for said in _change(language, name, change, whole)],
        "files": _few(language, event.files, whole),
        "more": not whole and (long or len(event.files) > NAMED or any(len(one) > BRIEF for one in _texts(values))),
    }


def about_view(asset: AssetOut, first: int) -> dict[str, Any]:
    """All words of an asset, ``LISTED`` from the one ``first`` on, and with the first of them its note."""
    words = [("term", one) for one in asset.terms] + [("tag", one) for one in asset.tags]
    shown = words[first : first + LISTED]
    return {
        "terms": [word for kind, word in shown if kind == "term"],
        "tags": [word for kind, word in shown if kind == "tag"],
        "note": asset.note if not first else "",
        "earlier": max(0, first - LISTED) if first else None,
        "later": first + LISTED if first + LISTED < len(words) else None,
    }


def _words_view(asset: AssetOut) -> dict[str, Any]:
    """So much of its words and note as there is room for; ``more_about``: there is more."""
    more = len(asset.terms) > WORDS or len(asset.tags) > WORDS or len(asset.note) > NOTE
    return {
        "words": len(asset.terms) + len(asset.tags),
        "terms": asset.terms[:WORDS],
        "tags": asset.tags[:WORDS],
        "note": asset.note[:NOTE],
        "more_about": more,
    }


def _texts(values: Iterable[Any]) -> list[str]:
    return [str(one) for value in values for one in (value if isinstance(value, list) else [value])]


def _few(language: Language, names: list[str], whole: bool) -> str:
    """Of many the first, and how many more there are."""
    shown = names if whole else [_brief(one) for one in names[:NAMED]]
    left = len(names) - len(shown)
    told = ", ".join(shown)
    return language.count("%(some)s and %(number)s more", "%(some)s and %(number)s more", left, some=told) if left else told


def _brief(word: str) -> str:
    return word if len(word) <= BRIEF else f"{word[:BRIEF]}…"


def bounds_view(language: Language, bounds: Bounds) -> dict[str, Any]:
    """What may be sent at once: numbers for scripts, and words."""
    sizes = {"one": language.size(bounds.file), "all": language.size(bounds.body)}
    return {"files": bounds.files, "file": bounds.file, "body": bounds.body, **sizes}


def form_of(asset: AssetOut) -> dict[str, str]:
    """What the form for changing it begins with."""
    words = {name: ", ".join(getattr(asset, name)) for name in ("terms", "tags")}
    return {name: getattr(asset, name) for name in ("title", "level", "owner", "unit", "note")} | words


def spec_of(fields: dict[str, str]) -> AssetSpec:
    """Raises ValidationError."""
    plain = {name: fields.get(name, "") for name in ("title", "kind", "level", "unit", "note")}
    return AssetSpec.model_validate({**plain, **words_of(fields), "keep_originals": "keep_originals" in fields})


def words_of(fields: dict[str, str]) -> dict[str, list[str]]:
    """Code names and numbers, of which a form has several in a line."""
    return {name: _several(fields.get(name, "")) for name in ("terms", "tags")}


def _several(written: str) -> list[str]:
    return list(dict.fromkeys(word.strip() for word in written.replace("，", ",").split(",") if word.strip()))


def _reason(language: Language, reason: ReasonOut) -> dict[str, Any]:
    advice = ADVICE.get(reason.name)
    return {
        "says": language.say(REASONS[reason.name]),
        "advice": language.say(advice) if advice else _like(language, reason),
        "assets": [one.model_dump() for one in reason.assets],
    }


def _like(language: Language, reason: ReasonOut) -> str:
    """What another asset has to do with it. Of one that may not be opened: what it is called, and whose it is."""
    apart = language.say("; ")
    known = apart.join(dict.fromkeys(_named(language, one.asset_title, one.reference) for one in reason.assets))
    named = apart.join(_kept(language, one) for one in reason.named)
    if reason.name == "boilerplate":
        return _boilerplate(language, apart.join(one for one in (known, named) if one), reason.share)
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
    return " ".join(said)


def _boilerplate(language: Language, where: str, share: float) -> str:
    stands = language.say("%(share)s of what it holds also stands in %(known)s:", share=language.percent(share), known=where)
    rest = language.say("register what only this one has, or give code names or numbers that tell it apart.")
    return f"{stands} {rest}"


def _kept(language: Language, one: NamedOut) -> str:
    if not one.owner:
        return language.say("“%(title)s”", title=one.asset_title)
    return language.say("“%(title)s” of %(owner)s", title=one.asset_title, owner=one.owner)


def _named(language: Language, title: str, label: str) -> str:
    part = said_part(language, label)
    return language.say("“%(title)s”, %(part)s", title=title, part=part) if part else language.say("“%(title)s”", title=title)


def _change(language: Language, name: str, change: list[Any], whole: bool) -> list[str]:
    """Of words which came and which went, of all else what it was and is; nothing, if that is the same."""
    if name == "references":
        return [_counted(language, *change)]
    if name == "parts":
        return [language.count("%(number)s page, photo or text", "%(number)s pages, photos and texts", change[1])]
    field = language.say(FIELDS.get(name, name))
    if not change:
        return [field]
    if isinstance(change[1], list):
        return _moved(language, field, change[0] or [], change[1], whole)
    before, after = (_value(language, name, one, whole) for one in change)
    return [language.say("%(field)s: %(before)s, now %(after)s", field=field, before=before, after=after)]


def _moved(language: Language, field: str, before: list[str], after: list[str], whole: bool) -> list[str]:
    came = [f"“{one}”" for one in after if one not in set(before)]
    went = [f"“{one}”" for one in before if one not in set(after)]
    said = []
    if came:
        said.append(language.say("%(field)s: %(words)s added", field=field, words=_few(language, came, whole)))
    if went:
        said.append(language.say("%(field)s: %(words)s taken out", field=field, words=_few(language, went, whole)))
    return said or [language.say("%(field)s: in another order", field=field)]


def _counted(language: Language, before: int, after: int) -> str:
    now = language.count("%(number)s reference", "%(number)s references", after)
    return language.say("%(now)s in place of %(before)s", now=now, before=language.number(before)) if before else now


def _value(language: Language, name: str, value: Any, whole: bool) -> str:
    shown = str(value) if whole else _brief(str(value))
    return language.say(shown.replace("_", " ")) if name == "level" else f"“{shown}”" if shown else "–"
