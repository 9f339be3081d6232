"""What the report about a leak says, section by section, in the reader's language: for a lawyer who knows no leakwatch.

It repeats what was recorded and judges nobody: accounts are named as the chat system names them, findings as the machine's,
decisions as those of who made them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.alerts.schemas import AlertOut
from app.console.alerts.history import PURPOSES, RESOLUTIONS
from app.console.alerts.sentences import said
from app.console.evidence.moments import stated, times_of
from app.console.speech import Language
from app.console.wording import DETECTORS, unread
from app.evidence.hindsight import found_at, widened
from app.evidence.types import WHOLE, Evidence, Export, Piece
from app.incidents.clocks import counted

Block = dict[str, Any]
MOST_TOLD, MOST_ROWS, LONGEST = 60, 500, 800
"""Alerts whose recognition is told, rows of a table, characters of a message; what is more stands in the bundle's files."""
MANY = 4
"""Days that are no longer named one by one."""
DRAWING = "spread.svg"
TAKEN = ("exported", "revealed")
"""Steps with a note that decide nothing."""


def report(language: Language, evidence: Evidence, export: Export, pictures: Mapping[str, str]) -> dict[str, Any]:
    """As ``typesetting`` sets it. ``pictures``: path in the bundle to the name of its veiled picture."""
    say, subject = language.say, evidence.subject
    sections = [
        section(say("What was leaked"), leaked(language, evidence)),
        section(say("What happened, in order"), times_of(language, evidence, export, MOST_ROWS)),
        section(say("What the team wrote"), written(language, evidence)),
        section(say("How it was recognised"), recognised(language, evidence)),
        section(say("What was decided, and why"), decided(language, evidence)),
        section(say("Where it went"), spread(language, evidence)),
        section(say("Pictures"), shown(language, pictures)),
        section(say("Files"), files(language, evidence)),
        section(say("How to check this evidence"), checking(language)),
    ]
    return {
        "lang": language.code,
        "region": "CN" if language.code == "zh" else "GB",
        "kicker": say("Evidence report"),
        "title": subject.title,
        "running": f"{say('Evidence report')} · {subject.title} · {subject.id}",
        "made": f"leakwatch · {stamp(export.at)}",
        "paging": say("page {page} of {pages}"),
        "contents": say("Contents"),
        "facts": facts(language, evidence, export),
        "notice": notice(language, export),
        "sections": [one for one in sections if one["blocks"]],
    }


def section(heading: str, blocks: Iterable[Block]) -> Block:
    return {"heading": heading, "blocks": list(blocks)}


def stamp(at: datetime) -> str:
    """A moment that nobody reads as another."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def table(head: Sequence[str], widths: Sequence[str], rows: Iterable[Sequence[str]], mono: Sequence[int] = ()) -> Block:
    """``widths``: shares of the page, or ``auto``; ``mono``: columns of what is compared letter by letter."""
    return {"kind": "table", "head": list(head), "widths": list(widths), "rows": [list(row) for row in rows], "mono": list(mono)}


def facts(language: Language, evidence: Evidence, export: Export) -> list[list[str]]:
    """What stands on the first page."""
    say, alerts = language.say, evidence.alerts
    kind = say("Incident") if evidence.subject.kind == "incident" else say("Alert")
    gravest = max(alerts, key=lambda one: ("low", "medium", "high", "critical").index(one.severity), default=None)
    purpose = say(PURPOSES.get(export.purpose, export.purpose))
    rows = [
        (kind, evidence.subject.id),
        (say("Alerts in it"), language.number(len(alerts)) if len(alerts) > 1 else ""),
        (say("Severity"), say(gravest.severity) if gravest else ""),
        (say("State"), say(str(evidence.subject.facts.get("status", "")))),
        (say("Led by"), str(evidence.subject.facts.get("commander") or "")),
        (say("Decided as"), language.listed(_resolutions(language, alerts))),
        (say("Found in hindsight"), _days(language, (found_at(one) for one in alerts if one.historic))),
        (say("Leaked on"), _days(language, (one.leaked_at for one in alerts if one.leaked_at))),
        (say("First posted"), stamp(min(map(posted, _counted(alerts)))) if alerts else ""),
        (say("Channels"), language.number(len({(one.message.gateway, one.message.channel.id) for one in _counted(alerts)}))),
        (say("Exported"), stamp(export.at)),
        (say("Exported by"), say("%(name)s (%(role)s)", name=export.by, role=say(export.role))),
        (say("What for"), f"{purpose}: {export.words}" if export.words else purpose),
        (say("Audit record"), say("ended at entry %(seq)s when this was exported", seq=evidence.head.seq)),
    ]
    return [[name, value] for name, value in rows if value]


def _days(language: Language, moments: Iterable[datetime]) -> str:
    """Days, UTC; of many the first and the last."""
    days = sorted({f"{at.astimezone(UTC):%Y-%m-%d}" for at in moments})
    return language.listed(days) if len(days) < MANY else f"{days[0]} – {days[-1]}"


def notice(language: Language, export: Export) -> list[str]:
    """How all of it is to be read."""
    return [
        language.say(
            "This report repeats what was recorded. It draws no conclusion about any person: accounts are named as the chat "
            "system named them, and who used an account is not known to leakwatch."
        ),
        language.say(
            "What was recognised is the machine’s finding; what was decided is told with the name of who decided it. Times are in"
            " UTC; beside them stands the time in %(zone)s.",
            zone=zone_of(export),
        ),
    ]


def zone_of(export: Export) -> str:
    """A time zone's name, and how far it is from UTC at the time of the export."""
    there = export.at.astimezone(export.zone)
    return f"{export.zone or there.tzname()} (UTC{there:%z})"


def posted(alert: AlertOut) -> datetime:
    """When the message says it was sent; of one that does not, or says what cannot be, when it came."""
    return counted(alert.message.sent_at, alert.message.received_at)


def _counted(alerts: Sequence[AlertOut]) -> Sequence[AlertOut]:
    """Without false alarms, unless all of them are."""
    return [one for one in alerts if one.resolution != "false_positive"] or alerts


def leaked(language: Language, evidence: Evidence) -> Iterable[Block]:
    """The assets, and markings on what nobody registered."""
    say = language.say
    head = [say("Registered as"), say("Kind"), say("Level"), say("Owner"), say("Unit")]
    rows = [
        [one.title if one.there else say("%(title)s (no longer registered)", title=one.title)]
        + [say(word.replace("_", " ")) for word in (one.kind, one.level)]
        + [one.owner, one.unit]
        for one in evidence.assets
    ]
    if rows:
        yield table(head, ["2.2", "1", "1", "1", "1"], rows)
    for marking in dict.fromkeys(_markings(evidence.alerts)):
        says = say("Something that nobody registered carries the classification marking “%(marking)s”.", marking=marking)
        yield {"kind": "text", "text": says}


def written(language: Language, evidence: Evidence) -> Iterable[Block]:
    """An incident's story in somebody's own words."""
    own = evidence.subject.facts.get("narrative")
    if own:
        yield {
            "kind": "quote",
            "name": language.say("Written by %(name)s, %(at)s.", name=own["by"], at=stamp(datetime.fromisoformat(own["at"]))),
            "text": own["text"],
        }


def recognised(language: Language, evidence: Evidence) -> Iterable[Block]:
    """Alert by alert, in sentences."""
    for number, alert in enumerate(evidence.alerts[:MOST_TOLD], 1):
        channel = alert.message.channel.name or alert.message.channel.id
        yield {"kind": "heading", "text": language.say("No. %(number)s, in “%(channel)s”", number=number, channel=channel)}
        yield from _recognised(language, alert)
    if len(evidence.alerts) > MOST_TOLD:
        yield {"kind": "soft", "text": language.say("The others are in the folder alerts/ of the bundle.")}


def _recognised(language: Language, alert: AlertOut) -> Iterable[Block]:
    say, files = language.say, {file.index: file.name for file in alert.message.attachments}
    sender = alert.message.sender.name or alert.message.sender.id
    yield {"kind": "before", "text": say("Posted %(at)s by the account “%(name)s”.", at=stamp(posted(alert)), name=sender)}
    if alert.leaked_at and widened(alert):
        says = say(
            "Part of this was found in hindsight, on %(found)s, by the fingerprints that were kept: nobody had registered it yet"
            " when it was posted.",
            found=_days(language, [found_at(alert)]),
        )
        yield {"kind": "text", "text": says}
    elif alert.leaked_at:
        says = say(
            "Historic: leaked on %(leaked)s, when nobody had registered it yet, and found in hindsight on %(found)s, by the"
            " fingerprints that were kept. No picture of it was kept.",
            leaked=_days(language, [alert.leaked_at]),
            found=_days(language, [alert.created_at]),
        )
        yield {"kind": "text", "text": says}
    if alert.message.text:
        text = alert.message.text
        yield {"kind": "quote", "name": say("The message’s text"), "text": text[:LONGEST] + "…" * (len(text) > LONGEST)}
    for match in alert.matches:
        found = said(language, match.model_dump())
        noun = say(DETECTORS.get(match.detector, match.detector))
        place = say("the message’s text") if match.attachment is None else files.get(match.attachment, "")
        where = language.listed(one for one in (place, match.part) if one)
        yield {"kind": "text", "text": say("%(where)s: %(found)s", where=where, found=found.says)}
        yield {"kind": "soft", "text": " ".join([f"({noun})", *found.more])}
    if alert.raised:
        says = say("Raised by one step because of what the organisation’s directory said; that is not repeated here.")
        yield {"kind": "soft", "text": says}
    for part in alert.unread:
        name = files.get(part.attachment, "") if part.attachment is not None else say("the message’s text")
        why = unread(language, part.reason)
        yield {"kind": "soft", "text": say("%(file)s could not be inspected: %(why)s", file=name, why=why)}


def decided(language: Language, evidence: Evidence) -> Iterable[Block]:
    """Conclusions, with the reason that was given."""
    say = language.say
    rows = [
        (entry.at, [stamp(entry.at), str(number), entry.actor, _concluded(language, entry.change), stated(language, entry)])
        for number, alert in enumerate(evidence.alerts, 1)
        for entry in alert.history
        if "resolution" in entry.change or (entry.note and entry.action not in TAKEN)
    ]
    if not rows:
        yield {"kind": "text", "text": say("Nothing was decided yet.")}
        return
    head = [say("When"), say("No."), say("Who"), say("What"), say("Why")]
    yield table(head, ["auto", "auto", "1", "1.2", "2.6"], [row for _, row in sorted(rows)[:MOST_ROWS]])


def _concluded(language: Language, change: Mapping[str, Any]) -> str:
    if "resolution" not in change:
        return language.say("noted")
    resolution = change["resolution"][1]
    return language.say(RESOLUTIONS[resolution]) if resolution in RESOLUTIONS else language.say("open again")


def spread(language: Language, evidence: Evidence) -> Iterable[Block]:
    """Channels, without those of false alarms, and the drawing if there is one."""
    say = language.say
    if evidence.spread is not None:
        yield {"kind": "drawing", "file": DRAWING, "caption": say("Where it went")}
        if evidence.spread.whole:
            yield {"kind": "soft", "text": say("Every channel in a lane of its own: %(path)s in the bundle.", path=WHOLE)}
        if count := evidence.spread.facts["left_out"]:
            yield {"kind": "soft", "text": _untraced(language, count)}
    places: dict[tuple[str, str], list[AlertOut]] = {}
    for alert in sorted(_counted(evidence.alerts), key=posted):
        places.setdefault((alert.message.gateway, alert.message.channel.id), []).append(alert)
    head = [say("First seen there"), say("Channel"), say("Members"), say("Read from outside"), say("Messages")]
    rows = [_place(language, alerts) for alerts in places.values()]
    yield table(head, ["auto", "2", "1", "1.3", "1"], rows[:MOST_ROWS])


def _untraced(language: Language, count: int) -> str:
    return language.count(
        "%(number)s later message is not among these: an incident is traced by those posted first.",
        "%(number)s later messages are not among these: an incident is traced by those posted first.",
        count,
    )


def _place(language: Language, alerts: Sequence[AlertOut]) -> list[str]:
    """``alerts``: in order of time."""
    from detectors.spread.channels import Facts, known  # noqa: PLC0415 (it loads what most servers never need)

    told = (one.message.channel for one in alerts)
    facts = known(Facts(one.name or "", one.external, one.members) for one in told)
    outside = {True: language.say("yes"), False: language.say("no")}.get(facts.external, language.say("not known"))  # type: ignore[arg-type]
    members = language.number(facts.members) if facts.members is not None else language.say("not known")
    name = facts.name or alerts[0].message.channel.id
    return [stamp(posted(alerts[0])), name, members, outside, language.number(len(alerts))]


def shown(language: Language, pictures: Mapping[str, str]) -> Iterable[Block]:
    """Pictures veiled, so that the report can be passed on more freely than the bundle."""
    if pictures:
        says = language.say("They are blurred here on purpose. What was posted is in the bundle, in the files named below them.")
        yield {"kind": "before", "text": says}
        yield {"kind": "pictures", "items": [{"file": name, "caption": path} for path, name in pictures.items()]}


def files(language: Language, evidence: Evidence) -> Iterable[Block]:
    """What was posted and kept, with SHA-256."""
    say, kept = language.say, [piece for piece in evidence.pieces if piece.blob]
    if kept:
        yield {"kind": "before", "text": say("All files of the bundle, these among them, are listed in its manifest.json.")}
        yield table([say("File"), "SHA-256"], ["1", "auto"], [_file(piece) for piece in kept[:MOST_ROWS]], [1])
    if evidence.left_out:
        yield {"kind": "heading", "text": say("Not in the bundle")}
        yield {"kind": "list", "items": list(evidence.left_out[:MOST_ROWS])}


def _file(piece: Piece) -> list[str]:
    return [piece.path, piece.blob or ""]


def checking(language: Language) -> Iterable[Block]:
    """What somebody must do who trusts neither us nor the file."""
    say = language.say
    steps = [
        say("Take the ZIP file that this report came in, as it was handed over, without unpacking or changing it."),
        say("Get the verifier, one file of Python, and the fingerprint of the signing key from whoever runs leakwatch."),
        say("Run the verifier on the ZIP file with that fingerprint:"),
    ]
    yield {"kind": "list", "items": steps}
    yield {"kind": "mono", "text": "python3 -I verify.py BUNDLE.zip --key FINGERPRINT"}
    yield {
        "kind": "text",
        "text": say(
            "It says that the bundle holds, or names every file that was changed, added or removed. Without the fingerprint it"
            " can only prove that nothing was changed, not who made it."
        ),
    }


def _resolutions(language: Language, alerts: Iterable[AlertOut]) -> list[str]:
    found = dict.fromkeys(one.resolution for one in alerts)
    return [language.say(RESOLUTIONS[one]) if one else language.say("not decided yet") for one in found]


def _markings(alerts: Iterable[AlertOut]) -> Iterable[str]:
    for alert in alerts:
        for match in alert.matches:
            if match.asset_id is None and match.evidence.get("marking"):
                yield str(match.evidence["marking"].get("text", ""))
