"""What came of the messages looked at: how many a person would be shown, today and with less evidence, and by what."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.reruns.errands import Finding, Tried

EXAMPLES = 20
ASSETS = 50
"""Told of, those with the most."""


@dataclass(slots=True)
class Tally:
    """Counts messages. ``alerted``: those that somebody was shown, for whatever reason; ``more``: those that would be shown only
    with less evidence, and were not. ``parts`` were looked at; of ``unknown`` ones nothing is left to look at.
    """

    looked: int = 0
    parts: int = 0
    unknown: int = 0
    alerted: int = 0
    now: int = 0
    more: int = 0
    detectors: tuple[Counter[str], Counter[str]] = field(default_factory=lambda: (Counter(), Counter()))
    assets: tuple[Counter[str], Counter[str]] = field(default_factory=lambda: (Counter(), Counter()))
    examples: list[dict[str, Any]] = field(default_factory=list)

    def add(self, message: str, parts: Sequence[Tried], alerted: bool) -> None:
        """One more message, with what its parts show."""
        now = [one for part in parts for one in part.now]
        then = [one for part in parts for one in part.then]
        self.looked += 1
        self.alerted += alerted
        if now:
            self.now += 1
            self._count(0, now)
        elif then and not alerted:
            self.more += 1
            self._count(1, then)
            self._show(message, max(then, key=lambda one: one.confidence))

    def told(self) -> dict[str, Any]:
        """As JSON; of detectors and assets [today, more]."""
        of_assets = sum(self.assets, Counter())
        known = [asset for asset, _ in of_assets.most_common(ASSETS)]
        return {
            **{name: getattr(self, name) for name in ("parts", "unknown", "alerted", "now", "more")},
            "detectors": _pairs(self.detectors, sorted(self.detectors[0].keys() | self.detectors[1].keys())),
            "assets": _pairs(self.assets, sorted(known, key=lambda one: (-self.assets[1][one], -self.assets[0][one], one))),
            "examples": self.examples,
        }

    def _count(self, which: int, findings: Iterable[Finding]) -> None:
        """A message counts once for each detector and each asset."""
        some = list(findings)
        self.detectors[which].update({one.detector for one in some})
        self.assets[which].update({one.asset_id for one in some})

    def _show(self, message: str, surest: Finding) -> None:
        if len(self.examples) < EXAMPLES:
            about = {"asset_id": surest.asset_id, "detector": surest.detector, "confidence": surest.confidence}
            self.examples.append({"message_id": message, **about})


def _pairs(counts: tuple[Counter[str], Counter[str]], names: Iterable[str]) -> list[dict[str, Any]]:
    today, more = counts
    return [{"name": name, "now": today[name], "more": more[name]} for name in names]
