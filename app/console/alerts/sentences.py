"""Why something alarmed, in words for somebody who is tired: written from a match's evidence, in the reader's language.

Numbers are told with what they are to be held against: what it takes, what harmless pictures had, what the nearest other asset
has. Nothing is said that was not measured. Evidence may be older than this page, so whatever is missing is passed over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.console.speech import Language, marked
from app.console.wording import part as said_part

SURE = 0.7
"""Confidence of a leak (``detectors/thresholds.py``, ``leak_confidence``); below it a person decides."""
HARMLESS, MOST_FITTING = 799, 5
"""Benign pictures of the benchmark, and the most ``mutual`` details that any of them had (``detectors/thresholds.py``)."""
BITS = 64
Evidence = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """``says``: what was found. ``more``: what that is to be held against. ``facts``: name, value, what it takes."""

    says: str
    more: tuple[str, ...] = ()
    facts: tuple[tuple[str, str, str], ...] = ()


def said(language: Language, match: Mapping[str, Any]) -> Said:
    """What one match's evidence says; its own summary where that is of no kind we know."""
    evidence: Evidence = match.get("evidence") or {}
    for kind, words in _KINDS.items():
        if evidence.get(kind):
            found = words(language, match, evidence[kind])
            told = (*found.more, *_leaked(language, evidence), *_nearest(language, match, evidence), *_doubt(language, match))
            return Said(found.says, told, (*_confidence(language, match), *found.facts))
    return Said(str(evidence.get("summary") or ""), _doubt(language, match), _confidence(language, match))


def _leaked(language: Language, evidence: Evidence) -> tuple[str, ...]:
    if not evidence.get("leaked"):
        return ()
    return (language.say("As a whole it is the picture of a confirmed leak: nothing else was read in it."),)


def named(language: Language, match: Mapping[str, Any]) -> str:
    """An asset, and which part of it."""
    title, part = match.get("asset_title") or "", said_part(language, match.get("reference") or "")
    return language.say("“%(title)s”, %(part)s", title=title, part=part) if part else language.say("“%(title)s”", title=title)


def _same_file(language: Language, match: Mapping[str, Any], _: Any) -> Said:
    what = named(language, match)
    if match.get("attachment") is None:
        return Said(language.say("The message is word for word the registered text %(what)s.", what=what))
    return Said(language.say("This is the registered file itself, %(what)s: not one byte differs.", what=what))


def _geometry(language: Language, match: Mapping[str, Any], found: Evidence) -> Said:
    """Of a page the text that was read decides, of anything else the details."""
    number, needed = int(found.get("inliers", 0)), int(found.get("threshold", 0))
    details = language.count(
        "%(number)s of the picture’s details lies exactly where it lies in %(what)s.",
        "%(number)s of the picture’s details lie exactly where they lie in %(what)s.",
        number,
        what=named(language, match),
    )
    read = _read_there(language, match)
    more = [details] if read else []
    more.append(_held_against(language, match, found, number, needed))
    if match.get("detector") == "page_copy" and not read:
        more.append(language.say("Its text was not compared, or could be read only in part."))
    if found.get("mirrored"):
        more.append(language.say("The posted picture is its mirror image."))
    if found.get("negative"):
        more.append(language.say("The posted picture shows dark what is light in it."))
    return Said(read or details, tuple(more), _geometry_facts(language, match, found))


def _held_against(language: Language, match: Mapping[str, Any], found: Evidence, number: int, needed: int) -> str:
    """What so many details mean."""
    is_equipment, mutual = match.get("detector") == "equipment_photo", found.get("mutual")
    short = number < needed or found.get("coverage", 1.0) < found.get("coverage_threshold", 0.0)
    if is_equipment and short:
        return language.say(
            "This view alone would not be enough (%(needed)s are needed): several registered views of it together are.",
            needed=language.number(needed),
        )
    if not is_equipment or mutual is None:
        return language.say("At least %(needed)s are needed.", needed=language.number(needed))
    return language.say(
        "At least %(needed)s are needed. %(mutual)s of them fit nowhere else as well; of %(harmless)s harmless pictures none had"
        " more than %(most)s such.",
        needed=language.number(needed),
        mutual=language.number(mutual),
        harmless=language.number(HARMLESS),
        most=language.number(MOST_FITTING),
    )


def _read_there(language: Language, match: Mapping[str, Any]) -> str:
    """What reading a page says; nothing if it was not read, or nothing of it agrees."""
    text: Evidence = match["evidence"].get("text") or {}
    what, agreement, lines = named(language, match), text.get("agreement"), text.get("passages")
    if match.get("detector") != "page_copy" or not agreement:
        return ""
    if lines is None:
        return language.say(
            "%(share)s of the text read there stands in lines of %(what)s; %(needed)s is needed.",
            share=language.percent(agreement),
            needed=language.percent(text.get("agreement_threshold", 0)),
            what=what,
        )
    says = language.count(
        "%(number)s of %(read)s lines read on it says what %(what)s says in the same place.",
        "%(number)s of %(read)s lines read on it say what %(what)s says in the same places.",
        round(agreement * len(lines)),
        read=language.number(len(lines)),
        what=what,
    )
    needed = text.get("agreement_threshold")
    if not needed:
        return says
    return language.together(says, language.say("At least %(share)s of them must agree.", share=language.percent(needed)))


def _perceptual(language: Language, match: Mapping[str, Any], found: Evidence) -> Said:
    says = language.say(
        "Seen as a whole the picture looks like %(what)s: %(distance)s of %(bits)s features differ.",
        what=named(language, match),
        distance=language.number(found.get("distance", 0)),
        bits=language.number(BITS),
    )
    more = language.say("It has too few details to compare them one by one.")
    return Said(says, (more,), _perceptual_facts(language, found))


def _text(language: Language, match: Mapping[str, Any], found: Evidence) -> Said:
    passages: Sequence[Evidence] = found.get("passages") or []
    characters, left = sum(one["end"] - one["start"] for one in passages), int(found.get("more_passages") or 0)
    what = named(language, match)
    more = [*_weight(language, found), *_other_text(language, found)]
    return Said(_characters(language, characters, bool(left), what), tuple(more), _text_facts(language, found))


def _characters(language: Language, number: int, at_least: bool, what: str) -> str:
    if at_least:
        return language.count(
            "More than %(number)s character of it stands also in %(what)s.",
            "More than %(number)s characters of it stand also in %(what)s, in the same order.",
            number,
            what=what,
        )
    return language.count(
        "%(number)s character of it stands also in %(what)s.",
        "%(number)s characters of it stand also in %(what)s, in the same order.",
        number,
        what=what,
    )


def _weight(language: Language, found: Evidence) -> list[str]:
    if "units" not in found or "threshold" not in found:
        return []
    told = language.say(
        "Counted by how rare its wording is among all registered texts that is %(units)s; at least %(needed)s is needed.",
        units=language.number(round(found["units"])),
        needed=language.number(round(found["threshold"])),
    )
    if "share" not in found:
        return [told]
    return [language.say("That is %(share)s of all that it says.", share=language.percent(found["share"])), told]


def _other_text(language: Language, found: Evidence) -> list[str]:
    other = found.get("nearest_other")
    if not other:
        return [language.say("No other asset’s text comes near.")] if "nearest_other" in found else []
    return [
        language.say(
            "The nearest other asset, “%(title)s”, counts %(units)s.",
            title=other.get("asset_title", ""),
            units=language.number(round(other.get("units", 0))),
        )
    ]


def _token(language: Language, match: Mapping[str, Any], found: Evidence) -> Said:
    noun, source = match.get("detector", ""), found.get("source", "")
    place = "file" if source == "text" and match.get("attachment") is not None else source
    values = {"word": found.get("word", ""), "title": match.get("asset_title", "")}
    says = language.say(_TOKENS.get((noun, place), marked("“%(word)s” of “%(title)s” was found.")), **values)
    more = []
    if found.get("found") and found["found"] != found.get("word"):
        more.append(language.say("It is written “%(found)s” there.", found=found["found"]))
    if source == "ocr":
        more.append(language.say("It was read from a picture: letters that look alike count as the same. Please look."))
    return Said(says, tuple(more))


def _marking(language: Language, _: Mapping[str, Any], found: Evidence) -> Said:
    values = {"text": found.get("text", "")}
    says = (
        language.say("“%(text)s” stands on the picture.", **values)
        if found.get("boxes")
        else language.say("“%(text)s” stands in the text.", **values)
    )
    more = (
        language.say(
            "That is a classification marking: %(scheme)s, level %(level)s.",
            scheme=found.get("scheme", ""),
            level=found.get("level", ""),
        ),
        language.say("Nobody registered what it stands on, so nothing can be compared."),
    )
    return Said(says, more)


def _nearest(language: Language, match: Mapping[str, Any], evidence: Evidence) -> tuple[str, ...]:
    """Of a picture."""
    other = evidence.get("nearest_other")
    if not other:
        return (language.say("No other registered picture comes near."),) if evidence.get("geometry") else ()
    says = language.count(
        "The nearest other asset, %(what)s, has %(number)s such detail.",
        "The nearest other asset, %(what)s, has %(number)s such details.",
        int(other.get("inliers", 0)),
        what=named(language, other),
    )
    return tuple(filter(None, (says, _apart(language, match, evidence, other))))


def _apart(language: Language, match: Mapping[str, Any], evidence: Evidence, other: Evidence) -> str:
    """Why so many details do not tell that one; nothing where they are too few, or that was not recorded."""
    needed = other.get("threshold") or (evidence.get("geometry") or {}).get("threshold") or 0
    if match.get("detector") != "page_copy" or not needed or other.get("inliers", 0) < needed:
        return ""
    if other.get("told_apart") in _APART:
        return language.say(_APART[other["told_apart"]])
    return language.say("So many can come of the form alone: the text tells.") if evidence.get("text") else ""


def _doubt(language: Language, match: Mapping[str, Any]) -> tuple[str, ...]:
    if match.get("confidence", 1.0) >= SURE or not match.get("asset_id"):
        return ()
    return (language.say("This is not certain: please compare."),)


def _confidence(language: Language, match: Mapping[str, Any]) -> tuple[tuple[str, str, str], ...]:
    needed = language.say("a leak from %(share)s on", share=language.percent(SURE))
    return ((language.say("Confidence"), language.percent(match.get("confidence", 0)), needed),)


def _geometry_facts(language: Language, match: Mapping[str, Any], found: Evidence) -> tuple[tuple[str, str, str], ...]:
    def needs(value: str) -> str:
        return language.say("needs %(needed)s", needed=value)

    number, percent = language.number, language.percent
    facts = [(language.say("Details that agree"), number(found.get("inliers", 0)), needs(number(found.get("threshold", 0))))]
    if "mutual" in found:
        facts.append((language.say("Of these, details that fit nowhere else as well"), number(found["mutual"]), ""))
    if "coverage" in found:
        needed = needs(percent(found.get("coverage_threshold", 0)))
        facts.append((language.say("Confirmed of what can be seen of it"), percent(found["coverage"]), needed))
    if "visible" in found:
        facts.append((language.say("Part of it that is on the picture"), percent(found["visible"]), ""))
    whole = match["evidence"].get("perceptual")
    return (*facts, *(_perceptual_facts(language, whole) if whole else ()))


def _perceptual_facts(language: Language, found: Evidence) -> tuple[tuple[str, str, str], ...]:
    near = language.say("near up to %(most)s", most=language.number(found.get("threshold", 0)))
    value = language.say("%(distance)s of %(bits)s", distance=language.number(found.get("distance", 0)), bits=BITS)
    return ((language.say("Features of the whole picture that differ"), value, near),)


def _text_facts(language: Language, found: Evidence) -> tuple[tuple[str, str, str], ...]:
    if "units" not in found:
        return ()
    needed = language.say("needs %(needed)s", needed=language.number(round(found.get("threshold", 0))))
    return ((language.say("Text shared, by its rarity"), language.number(round(found["units"])), needed),)


_APART = {
    "found": marked("It was found as well."),
    "spread": marked("They would be enough, but lie in too small a part of it."),
    "read": marked(
        "They would be enough, as pages of one form share details; but what was read there is not what that one says."
    ),
    "proved": marked("They would be enough, as pages of one form share details; but that one says something else there."),
}
"""``told_apart`` (``detectors/telling_apart.py``)."""
_TOKENS = {
    ("watch_term", "text"): marked("The code name “%(word)s” of “%(title)s” stands in the message."),
    ("watch_term", "file"): marked("The code name “%(word)s” of “%(title)s” stands in the file’s text."),
    ("watch_term", "ocr"): marked("The code name “%(word)s” of “%(title)s” can be read in the picture."),
    ("watch_term", "code"): marked("The code name “%(word)s” of “%(title)s” is in a QR code or barcode in the picture."),
    ("asset_tag", "text"): marked("The serial or asset number “%(word)s” of “%(title)s” stands in the message."),
    ("asset_tag", "file"): marked("The serial or asset number “%(word)s” of “%(title)s” stands in the file’s text."),
    ("asset_tag", "ocr"): marked("The serial or asset number “%(word)s” of “%(title)s” can be read in the picture."),
    ("asset_tag", "code"): marked(
        "The serial or asset number “%(word)s” of “%(title)s” is in a QR code or barcode in the picture."
    ),
}
_KINDS = {
    "sha256": _same_file,
    "geometry": _geometry,
    "perceptual": _perceptual,
    "token": _token,
    "marking": _marking,
    "text": _text,
}
