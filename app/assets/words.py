"""The code names and numbers of an asset, which come and go one by one: nobody who adds one undoes what another did meanwhile."""

import hashlib
from collections.abc import Iterable, Set
from dataclasses import dataclass

from app.assets import recorded, repository, service
from app.assets.schemas import AssetOut, AssetPatch
from app.audit.service import Somebody
from app.db import Session

KINDS = ("terms", "tags")


@dataclass(frozen=True, slots=True)
class Word:
    """A code name (``terms``) or a number (``tags``)."""

    kind: str
    text: str

    @property
    def id(self) -> str:
        """What a form calls it, however long it is."""
        return hashlib.sha256(f"{self.kind}:{self.text}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Moved:
    """How many words came, and how many went."""

    added: int
    taken: int


def of(asset: AssetOut) -> list[Word]:
    """All of an asset's, code names first."""
    return [Word(kind, one) for kind in KINDS for one in getattr(asset, kind)]


async def change(
    session: Session, asset_id: str, add: Iterable[Word], take: Set[str], who: Somebody, owner: str | None = None
) -> Moved:
    """Add these, and take out those of these ids; what is there already, or gone already, is passed over.

    Raises NotFound, Invalid, ValidationError.
    """
    await repository.alone(session)
    before = of(await service.one(session, asset_id, owner))
    kept = [one for one in before if one.id not in take]
    after = list(dict.fromkeys([*kept, *add]))
    if after != before:
        texts = {kind: [one.text for one in after if one.kind == kind] for kind in KINDS}
        await recorded.change(session, asset_id, AssetPatch.model_validate(texts), who, owner)
    return Moved(len(after) - len(kept), len(before) - len(kept))
