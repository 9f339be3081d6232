"""What a detection process is asked while something is sought among what was seen. Plain values, as in ``ingest.jobs``."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.ingest.bench import Bench


@dataclass(frozen=True, slots=True)
class Sought:
    """What an asset is looked for by. ``views``: reference, whether it is its mirror image, and codes of its details.

    ``phrases``: of all its texts. ``nearest``: codes of each detail. Bytes as ``fingerprints.sieve`` takes them.
    """

    views: tuple[tuple[str, bool, bytes], ...] = ()
    phrases: bytes = b""
    nearest: int = 1


@dataclass(frozen=True, slots=True)
class Seek:
    """What to look for. ``details``: keypoints of references as the database has them; of others as the registry does.

    A live registry has them coded in a quarter of the bytes: that nearly always verifies, but where a detail becomes one number
    many become another one, and of pictures inset in another a quarter came no longer through the sieve.
    """

    asset_id: str
    details: Mapping[str, bytes]

    def run(self, bench: "Bench") -> Sought:
        from app.hunts.judging import sought  # noqa: PLC0415 (loads the detection libraries)

        return sought(bench, self)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A part that was seen. ``view``: the reference it may show, and whether mirrored, if its details say so."""

    number: int
    digest: str
    kinds: Mapping[str, bytes]
    view: tuple[str, bool] | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A part that shows the asset. ``verdict``, ``severity`` (inside, and where outsiders read along): as if it came now.

    ``graver``: the severity where the sender's standing makes it more urgent. ``matches``: as JSON, the surest first.
    """

    number: int
    digest: str
    verdict: str
    severity: tuple[str, str]
    graver: tuple[str, str]
    matches: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Judge:
    """Which of these parts show the asset."""

    asset_id: str
    suspects: tuple[Suspect, ...]

    def run(self, bench: "Bench") -> tuple[Judged, ...]:
        from app.hunts.judging import judged  # noqa: PLC0415

        return judged(bench, self)
