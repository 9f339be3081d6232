"""What operators do with evidence on the command line, with or without a server beside it."""

import asyncio
from pathlib import Path

from app.audit import service as audit
from app.blobs.opening import open_blobs
from app.errors import Invalid
from app.evidence.exporting import Wanted, exported
from app.evidence.packing import Bundle
from app.evidence.signing import Signer, signer
from app.evidence.subjects import gather_of
from app.offline import opened
from app.settings import Settings


def key(settings: Settings) -> Signer:
    """Made now if there is none. Raises ValueError."""
    return signer(settings.data_dir, settings.signing_key.get_secret_value())


async def export(settings: Settings, about: str, target: Path, purpose: str, words: str, language: str) -> Bundle:
    """Into a file that is not there yet. Raises Invalid, NotFound, TooLarge, ValueError, OSError."""
    if target.exists():  # noqa: ASYNC240 (nobody else waits)
        raise Invalid(f"{target} is there already.", "file_exists")
    wanted = Wanted(audit.operator(), purpose, words, settings.zone, language)
    signing = await asyncio.to_thread(key, settings)
    async with (
        opened(settings) as database,
        open_blobs(settings) as blobs,
        exported(database, blobs, signing, gather_of(about), wanted, target.parent) as bundle,
    ):
        bundle.path.chmod(0o600)
        bundle.path.rename(target)
    return bundle
