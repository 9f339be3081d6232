"""Whether the details of two pictures lie as a camera would show one thing: flat as one plane, or solid as a few.

Every keypoint has a place, a size and an angle, so one pair of like keypoints already says how the reference would lie in the
query: moved, turned, magnified. Pairs that say the same are no chance. What most of them say is refined to a homography, which
tells where every other keypoint is due; those found there, at the due size and angle, are its inliers, counted once per place.
What a solid thing shows beside its best plane is sought again among the pairs left over.
"""

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from fingerprints.nearness import Places
from fingerprints.projecting import CORNERS, F64, jacobian, jacobians, plausible, project
from fingerprints.types import F32, GeometricHit, Key, Keypoints, Quad

Indices = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

WORKING_SIDE = 640.0  # pixels along the longer side that geometry is judged in
TOLERANCE = 4.0  # working pixels a correspondence may be off its place
PLACE = 10.0  # working pixels: two correspondences nearer than this are one place
FEWEST = 5
PLANES = 4  # at most, of one thing
FEWEST_MORE = 9  # places, of every plane after the first: where much looks alike, planes of fewer are found by chance
ALIKE = 2 * (1 - 0.80) * 512**2  # squared distance at cosine 0.80
_RATIO = 0.9  # Lowe's test (IJCV 2004, section 7.1), of distances
_MOST_CELLS = 1 << 20  # of places, along a side of any picture
_TENTATIVE = 320  # pairs that geometry is sought among
_HYPOTHESES = 200  # of them, that are asked what they say of all, ...
_PIECE = 64  # ... so many at once, that it stays near the processor
_ROUGH = 14.0  # working pixels, and ...
_ROUGH_SHARE = 0.18  # ... this part of the distance, that one pair's say may be off at another
_TURN = np.deg2rad(30)
_SIZE = 0.75  # octaves
_BLOCKS = (10, 6)  # along the longer and the shorter side of the reference
_BLOCK_KEYPOINTS = 3
_CONFIRMED = 0.15
_SEEN = 3.2  # working pixels of diameter below which a keypoint is not expected to be found
_MIRROR = np.array([[-1, 0, 1], [0, 1, 0], [0, 0, 1]], np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Correspondences in working pixels. ``there``/``here``: (n, 2) in query and reference. ``turn``: radians, ``size``: octaves,
    by which the query's keypoint is turned and larger. ``query``/``reference``: indices of the keypoints.
    """

    there: F64
    here: F64
    turn: F64
    size: F64
    query: Indices
    reference: Indices

    @classmethod
    def of(cls, query: Keypoints, reference: Keypoints, q: Indices, r: Indices, at: tuple[F64, F64] | None = None) -> "Pairs":
        """``at``: where all keypoints of both are, in working pixels, if that is known."""
        there, here = at or (_working(query), _working(reference))
        size = np.log2(query.scale[q].astype(np.float64) / reference.scale[r])
        turn = query.angle[q].astype(np.float64) - reference.angle[r]
        return cls(there[q], here[r], turn, size, q, r)

    def __len__(self) -> int:
        return len(self.query)

    def __getitem__(self, which: Indices | Flags) -> "Pairs":
        return Pairs(*(getattr(self, name)[which] for name in self.__slots__))

    def without(self, taken: "Pairs") -> "Pairs":
        """Those that share no keypoint with ``taken``."""
        return self[~np.isin(self.query, taken.query) & ~np.isin(self.reference, taken.reference)]


class Alike:
    """Which keypoints of two pictures are like each other. On a page each is like hundreds: pairs are made of those that are due.

    ``which``: bool, (keypoints of the query, keypoints of the reference).
    """

    def __init__(self, query: Keypoints, reference: Keypoints, which: npt.NDArray[np.bool_]) -> None:
        self._query = query
        self._reference = reference
        self._which = which
        self._at = _working(query), _working(reference)
        self._there = Places.of(*self._at[0].T)

    def without(self, taken: Pairs) -> "Alike":
        """Without the keypoints of ``taken``."""
        which = self._which.copy()
        which[taken.query] = False
        which[:, taken.reference] = False
        return Alike(self._query, self._reference, which)

    def due(self, plane: F64, reach: float) -> Pairs:
        """The pairs that lie where the plane puts them, turned and sized as it says there, nearest first."""
        there, here = self._at
        pairs = Pairs.of(self._query, self._reference, *self._near(project(plane, here), reach), (there, here))
        off = ((project(plane, pairs.here) - pairs.there) ** 2).sum(axis=1)
        local = jacobians(plane, pairs.here)
        size = 0.5 * np.log2(np.maximum(np.abs(local[:, 0, 0] * local[:, 1, 1] - local[:, 0, 1] * local[:, 1, 0]), 1e-12))
        turn = np.arctan2(local[:, 1, 0] - local[:, 0, 1], local[:, 0, 0] + local[:, 1, 1])
        fits = (off < reach * reach) & (np.abs(pairs.size - size) < _SIZE) & (_angle(pairs.turn - turn) < _TURN)
        near = np.flatnonzero(fits)
        return pairs[near[np.argsort(off[near], kind="stable")]]

    def _near(self, due: F64, reach: float) -> tuple[Indices, Indices]:
        """Keypoints of the query and like ones of the reference that are due so near them, across and down."""
        query, reference = self._there.near(due[:, 0], due[:, 1], reach)
        alike = self._which[query, reference]
        query, reference = query[alike], reference[alike]
        order = np.lexsort((reference, query))
        return query[order], reference[order]


def agreeing(pairs: Pairs) -> Indices:
    """Indices of the pairs that agree with what the best of them says."""
    counts, agree = _support(pairs)
    return np.flatnonzero(agree[counts.argmax()])


def _support(pairs: Pairs) -> tuple[Indices, Flags]:
    """Of each of the first ``_HYPOTHESES`` pairs, what it says of all the others: how many agree, (m,), and which, (m, n)."""
    count = min(_HYPOTHESES, len(pairs))
    agree = np.concatenate([_agree(pairs, slice(at, min(at + _PIECE, count))) for at in range(0, count, _PIECE)])
    return agree.sum(axis=1), agree


def _agree(pairs: Pairs, which: slice) -> Flags:
    """(which, n): the pairs that agree with what each of some says: where it would move them, from where it stands itself."""
    toward = np.stack([np.cos(pairs.turn), np.sin(pairs.turn)])
    cos, sin = toward[:, which] * 2 ** pairs.size[which]
    (x, y), here = pairs.here.T, np.column_stack([pairs.here, np.ones(len(pairs))]).T
    rows = (cos, -sin, sin * y[which] - cos * x[which]), (sin, cos, -sin * x[which] - cos * y[which])
    far_x, far_y = (np.stack(row, axis=1) @ here for row in rows)
    off_x, off_y = (to - to[which, None] for to in pairs.there.T)
    off = _squared(np.subtract(far_x, off_x, out=off_x), np.subtract(far_y, off_y, out=off_y))
    reach = _squared(far_x, far_y)
    np.sqrt(reach, out=reach)
    reach *= _ROUGH_SHARE
    reach += _ROUGH
    agree = off < np.multiply(reach, reach, out=reach)
    agree &= toward[:, which].T @ toward > np.cos(_TURN)
    apart = pairs.size - pairs.size[which, None]
    agree &= np.abs(apart, out=apart) < _SIZE
    return np.asarray(agree, np.bool_)


def _squared(x: F64, y: F64) -> F64:
    """The sum of squares, in the place of the first: many and large, they cost what making room for them costs."""
    x *= x
    y *= y
    x += y
    return x


def verify(key: Key, query: Keypoints, reference: Keypoints) -> GeometricHit | None:
    """The planes that carry ``reference`` into ``query``, ``None`` if there is none. Deterministic."""
    distances = squared_distances(query.descriptors, reference.descriptors)
    pairs = Pairs.of(query, reference, *tentative(distances))
    like = Alike(query, reference, distances < ALIKE)
    planes: list[tuple[F64, Pairs]] = []
    left = like
    while len(planes) < PLANES and (plane := _plane(pairs, left, query, reference)) is not None:
        if planes and len(plane[1]) < FEWEST_MORE:
            break
        planes.append(plane)
        pairs, left = pairs.without(plane[1]), left.without(plane[1])
    return _hit(key, query, reference, planes, like, distances) if planes else None


def best_plane(query: Keypoints, reference: Keypoints, fewest: int, enough: int) -> F64 | None:
    """The homography alone, fractions of the reference to those of the query, of the plane that most agree on: what ``verify``
    finds first, for a third of its cost. ``None`` where fewer than ``fewest`` agree; the first on which ``enough`` do is taken.
    Deterministic.
    """
    distances = squared_distances(query.descriptors, reference.descriptors)
    pairs = Pairs.of(query, reference, *tentative(distances))
    found = _plane(pairs, Alike(query, reference, distances < ALIKE), query, reference, enough)
    return None if found is None or len(found[1]) < fewest else _as_fractions(found[0], query, reference)


def _hit(
    key: Key, query: Keypoints, reference: Keypoints, planes: list[tuple[F64, Pairs]], like: Alike, distances: F32
) -> GeometricHit:
    homography = _as_fractions(planes[0][0], query, reference)
    q, r = (np.concatenate([getattr(pairs, name) for _, pairs in planes]) for name in ("query", "reference"))
    return GeometricHit(
        key=key,
        inliers=len(q),
        mutual=int(((distances.argmin(axis=1)[q] == r) & (distances.argmin(axis=0)[r] == q)).sum()),
        homography=homography / np.linalg.norm(homography),
        points=np.hstack([query.xy[q], reference.xy[r]]),
        coverage=_coverage(homography, query, reference, planes, like),
        visible=float(_inside(project(homography, _samples(20, 20))).mean()),
        outline=_outline(homography),
    )


def tentative(distances: F32) -> tuple[Indices, Indices]:
    """Pairs that are each other's nearest, or clearly the row's nearest, the clearest first: row and column indices.

    Clear is what is much nearer than the row's second. On a page every glyph has its like, so the unclear are tried as well.
    """
    rows = np.arange(len(distances))
    nearest = distances.argmin(axis=1)
    best = distances[rows, nearest]
    mutual = _first_of_its_column(distances, best, nearest)
    distances[rows, nearest] = np.inf
    second = distances.min(axis=1)
    distances[rows, nearest] = best
    ratio = (best + 1) / (second + 1)
    kept = np.flatnonzero(mutual & (best < ALIKE * 1.5) | (ratio < _RATIO * _RATIO) & (best < ALIKE * 2))
    kept = kept[np.argsort(ratio[kept], kind="stable")][:_TENTATIVE]
    return kept, nearest[kept]


def _first_of_its_column(distances: F32, best: npt.NDArray[np.float32], nearest: Indices) -> Flags:
    """Of each row whether it is the first that is nearest to its nearest column: ``argmin`` down, for a fraction of it."""
    least = distances.min(axis=0)
    mutual = np.asarray(best == least[nearest], np.bool_)
    rows = np.flatnonzero(mutual)
    if np.count_nonzero(distances == least) > distances.shape[1]:  # some are as near as another one
        mutual[rows] = distances[:, nearest[rows]].argmin(axis=0) == rows
    return mutual


def _plane(
    pairs: Pairs, like: Alike, query: Keypoints, reference: Keypoints, enough: int | None = None
) -> tuple[F64, Pairs] | None:
    """The homography, in working pixels, that most pairs agree on, and its inliers among all like pairs; or the first that has
    ``enough`` of them.
    """
    if len(pairs) < FEWEST:
        return None
    counts, agree = _support(pairs)
    best: tuple[F64, Pairs] | None = None
    for one in np.argsort(-counts, kind="stable")[:3]:
        if counts[one] < FEWEST or (best is not None and len(best[1]) > min(counts[one], enough or counts[one])):
            break
        found = _refined(pairs[np.flatnonzero(agree[one])], like, query, reference)
        if found is not None and (best is None or len(found[1]) > len(best[1])):
            best = found
    return best


def _refined(rough: Pairs, like: Alike, query: Keypoints, reference: Keypoints) -> tuple[F64, Pairs] | None:
    """A plane through rough agreement, then twice through what is found where it says."""
    plane = _fitted(rough, 500, query, reference)
    agreeing = rough
    for reach in (2.0, 1.0):
        if plane is None:
            return None
        agreeing = like.due(plane, reach * TOLERANCE)
        if len(agreeing) < FEWEST:
            return None
        if reach > 1:
            plane = _fitted(agreeing, 200, query, reference)
    agreeing = agreeing[_once_per_place(agreeing.there, agreeing.here)]
    return (plane, agreeing) if plane is not None and len(agreeing) >= FEWEST else None


def _fitted(pairs: Pairs, trials: int, query: Keypoints, reference: Keypoints) -> F64 | None:
    """A homography by MAGSAC++ (Barath et al., CVPR 2020); where that bends the reference as no camera would, as it may for a
    solid thing, an affine map. Always with the same random numbers. ``None`` if neither is plausible.
    """
    cv2.setRNGSeed(1)
    plane, _ = cv2.findHomography(pairs.here, pairs.there, cv2.USAC_MAGSAC, TOLERANCE, maxIters=trials, confidence=0.999)
    if plane is None or not plausible(_as_fractions(plane, query, reference), query.aspect, reference.aspect):
        affine, _ = cv2.estimateAffine2D(
            pairs.here, pairs.there, method=cv2.RANSAC, ransacReprojThreshold=2 * TOLERANCE, maxIters=trials, confidence=0.999
        )
        if affine is None:
            return None
        plane = np.vstack([affine, [0.0, 0.0, 1.0]])
        if not plausible(_as_fractions(plane, query, reference), query.aspect, reference.aspect):
            return None
    return np.asarray(plane, np.float64)


def _angle(difference: F64) -> F64:
    """Absolute, 0..pi."""
    return np.asarray(np.abs(difference - 2 * np.pi * np.rint(difference / (2 * np.pi))), np.float64)


def squared_distances(a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8]) -> F32:
    """float32 (len(a), len(b)): exact, for all of it stays below 2**24."""
    x, y = a.astype(np.float32), b.astype(np.float32)
    product = x @ y.T
    product *= -2.0
    product += (x * x).sum(axis=1)[:, None]
    product += (y * y).sum(axis=1)
    return np.asarray(product, np.float32)


def unmirrored(hit: GeometricHit) -> GeometricHit:
    """A hit on the mirrored query, in the coordinates of the query as it came."""
    homography = _MIRROR @ hit.homography
    points = hit.points * np.array([-1, 1, 1, 1], np.float32) + np.array([1, 0, 0, 0], np.float32)
    return replace(hit, homography=homography, points=points, outline=_outline(homography), mirrored=not hit.mirrored)


def _as_fractions(plane: npt.NDArray[Any], query: Keypoints, reference: Keypoints) -> F64:
    return np.asarray((1 / _pixels(query))[:, None] * plane * _pixels(reference), np.float64)


def _working(keypoints: Keypoints) -> F64:
    return np.asarray(keypoints.xy * _pixels(keypoints)[:2], np.float64)


def _pixels(keypoints: Keypoints) -> F64:
    """(3,): working pixels along the sides of a picture, and 1."""
    longest = max(keypoints.aspect, 1.0)
    return np.array([WORKING_SIDE * keypoints.aspect / longest, WORKING_SIDE / longest, 1.0])


def _once_per_place(*sides: F64) -> Indices:
    """Indices of correspondences no two of which share a cell on either picture."""
    kept = np.arange(len(sides[0]))
    for side in sides:
        across, down = np.floor(side[kept] / PLACE).astype(np.int64).T
        kept = kept[np.sort(np.unique(across * _MOST_CELLS + down, return_index=True)[1])]
    return kept


def _coverage(homography: F64, query: Keypoints, reference: Keypoints, planes: list[tuple[F64, Pairs]], like: Alike) -> float:
    """Share of the reference's blocks confirmed, of those where enough keypoints are due in the query.

    A keypoint is due where the homography puts it inside the query, large enough to be seen; it is confirmed by a like keypoint
    there, whether or not that is like others as well. A block is confirmed by ``_CONFIRMED`` of its due keypoints.
    """
    due = _due(homography, query, reference)
    found = np.concatenate([like.due(plane, TOLERANCE).reference for plane, _ in planes])
    confirmed = np.isin(np.arange(len(due)), found)
    of_due, of_confirmed = (_per_block(reference.xy[which], reference.aspect) for which in (due, due & confirmed))
    blocks = of_due >= _BLOCK_KEYPOINTS
    return float((of_confirmed[blocks] >= _CONFIRMED * of_due[blocks]).mean()) if blocks.any() else 0.0


def agreement(hit: GeometricHit, query: Keypoints, reference: Keypoints) -> float:
    """How evenly what is registered agrees with the query: of the reference's blocks where enough keypoints are due in the query
    the lower quartile of the share of them that are inliers, 0..1; 0 where no block has enough.

    Pages of one form agree in letterhead and rules, and elsewhere as letters do by chance; a copy agrees all over.
    """
    of_due = _per_block(reference.xy[_due(hit.homography, query, reference)], reference.aspect)
    agreeing = _per_block(hit.points[:, 2:], reference.aspect)
    blocks = of_due >= _BLOCK_KEYPOINTS
    return float(np.percentile(agreeing[blocks] / of_due[blocks], 25)) if blocks.any() else 0.0


def _due(homography: F64, query: Keypoints, reference: Keypoints) -> Flags:
    """Which keypoints of the reference lie in the query, large enough to be seen."""
    local = _pixels(query)[:2, None] * jacobian(homography) * (1 / _pixels(reference)[:2])
    magnified = np.sqrt(abs(np.linalg.det(local)))
    large = reference.scale * WORKING_SIDE * magnified > _SEEN
    return np.asarray(_inside(project(homography, reference.xy)) & large, np.bool_)


def _per_block(at: F32, aspect: float) -> Indices:
    """How many of these places, fractions of a reference, lie in each of its blocks."""
    columns, rows = _BLOCKS if aspect >= 1 else _BLOCKS[::-1]
    block = np.clip((at * [columns, rows]).astype(np.intp), 0, [columns - 1, rows - 1])
    return np.bincount(block[:, 1] * columns + block[:, 0], minlength=columns * rows)


def _samples(columns: int, rows: int) -> F64:
    """Middles of equal blocks, row by row."""
    x, y = np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows)
    return np.column_stack([x.ravel(), y.ravel()])


def _inside(points: F64) -> Flags:
    return np.asarray(((points >= 0) & (points <= 1)).all(axis=1))


def _outline(homography: F64) -> Quad:
    a, b, c, d = ((float(x), float(y)) for x, y in project(homography, CORNERS))
    return a, b, c, d
