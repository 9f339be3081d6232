"""One inspected message, as it is counted and written down."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.systems import Outcome

BENIGN, SIBLING, TWO_LEAKS = "benign", "sibling", "two leaks"


@dataclass(frozen=True, slots=True)
class Accusation:
    """One match. ``group``: whose it is (``""``: it names no asset); ``right``: one of those the message really shows."""

    group: str
    detector: str
    confidence: float
    right: bool


@dataclass(frozen=True, slots=True)
class Weighed:
    """A registered picture that was considered, matched or not, with everything measured of it."""

    group: str
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Look:
    """One message. ``own``: the groups it shows; nothing registered: none. ``form``: kind of picture, or its template."""

    seed: int
    row: str
    name: str
    kind: str
    form: str
    own: tuple[str, ...]
    verdict: str
    matches: tuple[Accusation, ...]
    weighed: tuple[Weighed, ...]
    first_ms: float
    repeated_ms: float

    @property
    def right(self) -> bool:
        """Everything it shows was found."""
        return bool(self.own) and {one.group for one in self.matches if one.right} == set(self.own)

    @property
    def wrong(self) -> bool:
        """Something it does not show was named."""
        return any(one.group and not one.right for one in self.matches)

    def right_by(self, detector: str) -> bool:
        """Everything it shows was found by this detector alone."""
        return bool(self.own) and {one.group for one in self.matches if one.right and one.detector == detector} == set(self.own)

    @property
    def accused(self) -> bool:
        """Whether a person is shown it at all."""
        return self.verdict != "clear"


def judged(
    seed: int,
    row: str,
    name: str,
    kind: str,
    form: str,
    own: tuple[str, ...],
    outcome: Outcome,
    owners: Mapping[str, str],
    weighed: Sequence[Weighed],
    times: tuple[float, float],
) -> Look:
    """What an outcome comes to, given whose asset is whose."""
    groups = [owners.get(one.asset, "?") if one.asset is not None else "" for one in outcome.matches]
    matches = tuple(
        Accusation(group, one.detector, one.confidence, group in own) for group, one in zip(groups, outcome.matches, strict=True)
    )
    return Look(seed, row, name, kind, form, own, outcome.verdict, matches, tuple(weighed), *times)


def dump(looks: Iterable[Look]) -> str:
    """One line of JSON a message."""
    return "".join(json.dumps(asdict(look), ensure_ascii=False) + "\n" for look in looks)


def load(path: Path) -> list[Look]:
    """Inverse of ``dump``."""
    return [_look(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _look(row: dict[str, Any]) -> Look:
    row["own"] = tuple(row["own"])
    row["matches"] = tuple(Accusation(**one) for one in row["matches"])
    row["weighed"] = tuple(Weighed(**one) for one in row["weighed"])
    return Look(**row)
