"""A picture that was confirmed to be a leak becomes a reference of its asset, as long as an alert resolved so says it is.

It teaches as little as it can. It is recognised by its bytes, and, where nothing is written (equipment), by its whole picture,
which is put before a person, or ends the search where the asset's own details agree (``detectors.pipeline``), unless the picture
shows another asset too: a screenshot or a page holds more than the asset, and by its details or words everything of that form
would be accused. Only what was matched surely, to a reference that was registered, teaches: what derived references find
never does, so that nothing drifts. Of what was found in hindsight nobody has seen a picture: it teaches its bytes alone. An asset
has ``MOST`` of them. Everything goes with the last alert that says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.alerts.history.repository import add_histories
from app.assets import repository as assets
from app.db import Session
from app.db.ids import new_id
from app.db.models import AlertRow, DerivedAlertRow, FingerprintRow, ReferenceRow, now
from app.derived import repository
from app.ingest import repository as ingest
from app.mistakes.accusations import Pair, Pairs, accusations
from detectors.thresholds import DEFAULT

MOST = 20
"""Derived references of one asset."""
PICTURES = ("page_copy", "equipment_photo")
KINDS = {"equipment": ("perceptual",)}
"""Fingerprints beside the digest that a derived reference has, by the kind of its asset."""
GOOD = {"score": 1.0, "verdict": "good", "advice": "", "flaws": []}


def confirmed(status: str, resolution: str | None) -> bool:
    """Whether an alert says that it is what it was taken for."""
    return status == "resolved" and resolution == "true_positive"


async def follow(session: Session, changed: Iterable[tuple[AlertRow, bool]], actor: str) -> None:
    """Do what changed resolutions of alerts (told: whether they were confirmed before) ask for."""
    moved = [(row, before, confirmed(row.status, row.resolution)) for row, before in changed]
    await _untaught(session, [row for row, before, after in moved if before and not after], actor)
    await _taught(session, [row for row, before, after in moved if after and not before], actor)


async def _taught(session: Session, alerts: Sequence[AlertRow], actor: str) -> None:
    telling = await _telling(session, alerts)
    known = await repository.find(session, {pair for some in telling.values() for pair in some})
    said: list[DerivedAlertRow] = []
    for alert in alerts:
        for pair, (reference, (position, part)) in telling.get(alert.id, {}).items():
            if pair not in known:
                made = await _made(session, alert, pair, reference, (position, part))
                known |= {pair: made} if made is not None else {}
            if pair in known and known[pair].derived:
                row = DerivedAlertRow(reference_id=known[pair].id, alert_id=alert.id, position=position, part=part, actor=actor)
                said.append(row)
    await repository.back(session, said)
    await _tell(
        session,
        "taught",
        {row.alert_id: [one.reference_id for one in said if one.alert_id == row.alert_id] for row in said},
        actor,
    )


async def _telling(session: Session, alerts: Sequence[AlertRow]) -> dict[str, Pairs]:
    """What of these alerts teaches, by alert: sure, of a registered reference, and there was a picture, or it is historic."""
    found = await accusations(session, alerts, _sure)
    registered = await repository.registered(session, {reference for some in found.values() for reference, _ in some.values()})
    pictures = {row.id: await ingest.pictures(session, row.message_id) for row in alerts if found.get(row.id)}
    historic = {row.id for row in alerts if row.historic}
    return {
        alert: {pair: at for pair, at in some.items() if at[0] in registered and (at[1] in pictures[alert] or alert in historic)}
        for alert, some in found.items()
        if some
    }


async def taught_nothing(session: Session, alert: AlertRow) -> str:
    """Why a confirmed alert teaches nothing, one word; ``""``: it does. Answered by what there is now."""
    if await repository.said_by(session, [alert.id]):
        return ""
    pictures = [match for match in alert.matches if match["detector"] in PICTURES]
    if not any(map(_sure, pictures)):
        return "unsure" if pictures else "no_picture"
    sure = [match for match in pictures if _sure(match) and match.get("reference_id")]
    registered = await repository.registered(session, {match["reference_id"] for match in sure})
    if not registered:
        return "derived"
    if all("sha256" in match["evidence"] for match in sure if match["reference_id"] in registered):
        return "registered"
    return "enough" if (await _telling(session, [alert])).get(alert.id) else "not_kept"


def _sure(match: Mapping[str, Any]) -> bool:
    return match["detector"] in PICTURES and match["confidence"] >= DEFAULT.leak_confidence


async def _made(session: Session, alert: AlertRow, pair: Pair, like: str, place: tuple[int, str]) -> ReferenceRow | None:
    """A reference of that digest; ``None`` if its asset has enough of them. ``like``: the one it was matched to."""
    asset_id, digest = pair
    if await repository.count(session, asset_id) >= MOST:
        return None
    kinds = (await ingest.accused_fingerprints(session, [alert.message_id])).get((alert.message_id, place), {})
    kind = (await repository.registered(session, [like]))[like]
    row = ReferenceRow(
        id=new_id("ref"),
        asset_id=asset_id,
        position=await assets.next_position(session, asset_id),
        label=f"confirmed leak, {alert.leaked_at or alert.created_at:%Y-%m-%d}",
        file="",
        digest=digest,
        distinctiveness=GOOD,
        derived=True,
    )
    wanted = KINDS.get(kind, ()) if _shows_nothing_else(alert, asset_id, place) else ()
    prints = [FingerprintRow(reference_id=row.id, kind=name, data=kinds[name]) for name in wanted if name in kinds]
    await assets.append(session, asset_id, [row], prints)
    await assets.remember(session, asset_id, "", "taught", {}, [])
    return row


def _shows_nothing_else(alert: AlertRow, asset_id: str, place: tuple[int, str]) -> bool:
    """Whether all that was found in a part is about that asset, and everything in it was looked at."""
    found = [match for match in alert.matches if (match["attachment"], match.get("part", "")) == place]
    return all(match["asset_id"] == asset_id and "leaked" not in match["evidence"] for match in found)


async def _untaught(session: Session, alerts: Sequence[AlertRow], actor: str) -> None:
    said = await repository.said_by(session, [row.id for row in alerts])
    await repository.withdraw(session, [row.id for row in alerts])
    still = await repository.alerts(session, {reference for some in said.values() for _, reference in some})
    for asset_id in sorted({asset for some in said.values() for asset, _ in some}):
        gone = {reference for some in said.values() for asset, reference in some if asset == asset_id} - still.keys()
        if gone:
            await assets.drop(session, asset_id, gone)
            await assets.remember(session, asset_id, "", "untaught", {}, [])
    await _tell(session, "untaught", {alert: [reference for _, reference in some] for alert, some in said.items()}, actor)


async def _tell(session: Session, action: str, references: Mapping[str, list[str]], actor: str) -> None:
    """The alerts' histories."""
    said = {"at": now(), "actor": actor, "bulk_id": None, "note": None, "action": action}
    rows = [
        {**said, "alert_id": alert, "change": {"derived": [[], some] if action == "taught" else [some, []]}}
        for alert, some in sorted(references.items())
        if some
    ]
    await add_histories(session, rows)
