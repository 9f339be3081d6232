"""The saved snapshots of a data directory: each a folder named after the registry change it comes up to.

The name tells the change's number and its asset, and the database must know the two together: a snapshot of another database, or
of a later state than a backup that was restored, is never loaded. What is saved is what the database holds, and as private.
"""

import shutil
from pathlib import Path

from app.assets import repository
from app.db import Database


class Shelf:
    """One server puts folders on it and takes them away; others may look."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder, self._database = folder, database

    async def newest(self) -> Path | None:
        """The newest one of this database's registry, if there is any."""
        for path in sorted(self._folder.glob("[0-9]*"), reverse=True):
            if path.name == await self._name(int(path.name.partition("-")[0])):
                return path
        return None

    async def place(self, checkpoint: int) -> Path | None:
        """Where a snapshot at this checkpoint goes; ``None`` if that is no change of this registry."""
        name = await self._name(checkpoint)
        return self._folder / name if name else None

    def clear(self, keep: Path | None) -> None:
        """Take away all others, also what was left half written."""
        for path in self._folder.glob("*"):
            if path != keep:
                self.take_away(path)

    def take_away(self, path: Path) -> None:
        """One that is not there need not be taken away."""
        shutil.rmtree(path, ignore_errors=True)

    async def _name(self, checkpoint: int) -> str | None:
        async with self._database.reading() as session:
            asset_id = await repository.changed_at(session, checkpoint)
        return f"{checkpoint:012}-{asset_id}" if asset_id else None
