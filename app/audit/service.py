"""Writing down what people did, showing it, and walking along it to see whether it is as it was written.

What the machine concludes by itself stands in the histories of alerts and is none of it: messages wait for nobody's turn here.
"""

import asyncio
import os
import pwd
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from app.audit import repository
from app.audit.chain import Broken, Entry, Place, Walk, plain, sealed
from app.audit.schemas import AuditFilter, EntryOut
from app.db import Database, Session
from app.db.models import now
from app.errors import NotFound
from app.paging import Page

BATCH = 250
"""A walk in the server lets others have their turn after so many."""


class Somebody(Protocol):
    """Whoever can be held to what they did; a ``Principal`` is one."""

    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def address(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody with neither token nor account."""

    name: str
    role: str
    id: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """``head``: the last entry that holds; ``broken``: the first that does not."""

    head: Place
    broken: Broken | None

    @property
    def ok(self) -> bool:
        """Whether all of it holds."""
        return self.broken is None


def operator() -> Actor:
    """Whoever runs a command on the machine itself, as the system knows them: no environment variable says otherwise."""
    uid = os.getuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = f"uid {uid}"
    return Actor(f"cli:{name}", "operator")


async def record(session: Session, who: Somebody, action: str, object_kind: str, object_id: str, /, **details: Any) -> None:
    """Write down what ``who`` did, in the very transaction that does it, and after everything else in it.

    After: from here to its end nobody else can write anything down, and whoever then asked for a row that another transaction
    holds could wait for ever. ``details``: ids, field names and decisions; never what a message or a picture says, nor a secret.
    Raises TypeError for values that are not strings, integers, booleans, times or collections of them.
    """
    done = {"action": action, "object_kind": object_kind, "object_id": object_id, "details": details}
    about = plain({"actor": who.name, "role": who.role, "identity": who.id, "address": who.address, **done})

    def entry(last: Place) -> Entry:
        return sealed(Entry(last.seq + 1, now(), previous=last.hash, **about))

    await repository.append(session, entry)


async def page(session: Session, wanted: AuditFilter, cursor: str | None, size: int) -> Page[EntryOut]:
    """Newest first."""
    found = await repository.find(session, wanted, int(cursor) if cursor else None, size + 1)
    after = str(found[size - 1].seq) if len(found) > size else None
    return Page(items=[EntryOut.model_validate(entry) for entry in found[:size]], next_cursor=after)


async def one(session: Session, seq: int) -> EntryOut:
    """Raises NotFound."""
    found = await repository.entry(session, seq)
    if found is None:
        raise NotFound(f"There is no entry {seq}.", "unknown_entry")
    return EntryOut.model_validate(found)


async def head(session: Session) -> Place:
    """Where the record ends: written down elsewhere, it tells later whether something was cut off."""
    return await repository.head(session)


async def verify(database: Database, expected: Place | None = None, walked: Callable[[int], object] | None = None) -> Check:
    """Walk along the whole record, some entries at a time. ``walked`` is told how many they were.

    ``expected``: what its end was once. Without it nobody can tell an end that was cut off, or a record written anew from some
    entry on, from an unbroken one.
    """
    walk, after = Walk(), None
    while True:
        async with database.reading() as session:
            entries = await repository.following(session, after, BATCH)
        broken = await asyncio.to_thread(_broken, walk, entries, expected)
        if walked is not None:
            walked(len(entries))
        if broken is not None or not entries:
            return Check(walk.place, broken or _cut_off(walk.place, expected))
        after = entries[-1].seq


def _broken(walk: Walk, entries: list[Entry], expected: Place | None) -> Broken | None:
    for entry in entries:
        before = walk.place
        broken = walk.follow(entry)
        if broken is not None:
            return broken
        if expected is not None and entry.seq == expected.seq and entry.hash != expected.hash:
            walk.place = before
            return Broken(entry.seq, "it is not the entry that was written down")
    return None


def _cut_off(end: Place, expected: Place | None) -> Broken | None:
    if expected is None or end.seq >= expected.seq:
        return None
    return Broken(end.seq + 1, f"it is missing, with all up to {expected.seq}")
