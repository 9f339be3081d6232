"""Searches backwards, on the bench of a detection process: what to look for, and whether what came up is it."""

from collections.abc import Iterable, Iterator
from datetime import date

from app.hunts.errands import Judge, Judged, Seek, Sought, Suspect
from app.ingest.bench import Bench, match_out
from detectors.hindsight import Hindsight, concluded, is_more_than_a_form
from detectors.hindsight import judged as told
from detectors.types import AssetKind, Match, Standing
from fingerprints import geometry, kept, views
from fingerprints.keypoints import KeypointFingerprinter
from fingerprints.sieve import packed
from fingerprints.sketches import NEAREST, wanted
from fingerprints.types import Fingerprints, Key, Keypoints

FEW = 64
"""References up to which a detail is sought in more than one cell; of more in one, so that it takes no longer."""
_KEYPOINTS = KeypointFingerprinter()
_GONE = Standing(ended=date.min)
"""A standing that is of concern whatever the level."""


def sought(bench: Bench, job: Seek) -> Sought:
    """Nothing, if there is no such asset."""
    registry = bench.registry
    asset, every = registry.assets.get(job.asset_id), registry.keys_of(job.asset_id)
    if asset is None:
        return Sought()
    keys, nearest = sorted(every), NEAREST if len(every) <= FEW else 1
    views = tuple(
        (key, mirrored, packed(wanted(view, nearest)))
        for key in keys
        for view, mirrored in _views(_details(bench, key, job.details.get(key, b"")), mirrors=asset.kind is AssetKind.EQUIPMENT)
    )
    texts = (registry.snapshot.text.get(key) for key in keys)
    return Sought(views, b"".join(packed(text.hashes) for text in texts if text is not None), nearest)


def _details(bench: Bench, key: Key, stored: bytes) -> Keypoints | None:
    """Exactly, or as the registry has them."""
    try:
        return _KEYPOINTS.load(stored)
    except ValueError:
        return bench.registry.snapshot.keypoints.get(key)


def judged(bench: Bench, job: Judge) -> tuple[Judged, ...]:
    found = []
    for suspect in job.suspects:
        bench.alive()
        try:
            prints = kept.load(suspect.digest, suspect.kinds)
        except ValueError:  # of another version of this program, or damaged
            continue
        matches = _matches(bench, job.asset_id, suspect, prints)
        found += [_told(bench, suspect, matches)] if matches else []
    return tuple(found)


def _matches(bench: Bench, asset_id: str, suspect: Suspect, prints: Fingerprints) -> list[Match]:
    nominated = () if suspect.view is None else tuple(_likely(bench, suspect.view, prints))
    if not (nominated or suspect.view is None):
        return []
    points = bench.inspector.thresholds
    return told(Hindsight(prints, bench.extractor, bench.registry, points, nominated), asset_id)


def _likely(bench: Bench, view: tuple[str, bool], prints: Fingerprints) -> Iterator[Key]:
    """The reference, if its details lie in what was seen at all, and not only those of its form: most suspects end here, for a
    few milliseconds each.
    """
    key, mirrored = view
    reference, points = bench.registry.snapshot.keypoints.get(key), bench.inspector.thresholds
    if reference is None or prints.keypoints is None:
        return
    seen = views.mirrored(prints.keypoints) if mirrored else prints.keypoints
    hit = geometry.verify(key, seen, reference)
    if hit is not None and hit.inliers >= points.inliers_view and is_more_than_a_form(bench.registry, points, hit, seen):
        yield key


def _told(bench: Bench, suspect: Suspect, matches: list[Match]) -> Judged:
    points, registry = bench.inspector.thresholds, bench.registry
    inside, outside, *graver = (
        concluded(matches, registry, external, points, standing) for standing in (None, _GONE) for external in (False, True)
    )
    severity, (near, far) = (inside.severity.value, outside.severity.value), graver
    told = tuple(match_out(one) for one in matches)
    return Judged(suspect.number, suspect.digest, inside.verdict.value, severity, (near.severity.value, far.severity.value), told)


def _views(keypoints: Keypoints | None, *, mirrors: bool) -> Iterable[tuple[Keypoints, bool]]:
    """Who photographs a page does not mirror it."""
    if keypoints is None:
        return []
    return [(keypoints, False), *([(views.mirrored(keypoints), True)] if mirrors else [])]
