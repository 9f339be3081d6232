"""Whether one plane explains the correspondences of two pictures: matching, homography, and what it says.

A registered page or photograph, wherever it went, stays flat: its points move by one homography. Chance agreement is small and
huddles together, so correspondences count once per place, and the blocks of the reference they confirm are counted as well.
"""

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from fingerprints.types import F32, GeometricHit, Key, Keypoints, Quad

F64 = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

RATIO = 0.85  # Lowe's test (IJCV 2004, section 7.1): nearest against second nearest distance
WORKING_SIDE = 640.0  # pixels along the longer side that geometry is judged in, and features are extracted in
TOLERANCE = 4.0  # working pixels a correspondence may be off its place
PLACE = 10.0  # working pixels: two correspondences nearer than this are one place
FEWEST = 6
_MOST_DEPTH = 6.0  # how much nearer one corner may be than another
_MOST_STRETCH = 4.0  # foreshortening: about 75 degrees off the frontal view
_SMALLEST, _LARGEST = 0.04, 30.0  # reference's shown side in shown query sides
_BLOCKS = (10, 6)  # along the longer and the shorter side of the reference
_BLOCK_KEYPOINTS = 3
_CONFIRMED = 0.15
_ALIKE = 2 * (1 - 0.85) * 512**2  # squared distance at cosine 0.85
_SEEN = 2.2  # working pixels of diameter below which SIFT finds nothing
_CORNERS = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64)
_MIRROR = np.array([[-1, 0, 1], [0, 1, 0], [0, 0, 1]], np.float64)


def verify(key: Key, query: Keypoints, reference: Keypoints) -> GeometricHit | None:
    """The best plane that carries ``reference`` into ``query``, ``None`` if there is none. Deterministic."""
    distances = squared_distances(query.descriptors, reference.descriptors)
    of_query, of_reference = correspondences(distances)
    if len(of_query) < FEWEST:
        return None
    there, here = _working(query)[of_query], _working(reference)[of_reference]
    cv2.setRNGSeed(1)
    plane, mask = cv2.findHomography(here, there, cv2.USAC_MAGSAC, TOLERANCE, maxIters=2000, confidence=0.999)
    if plane is None or mask is None:
        return None
    homography = np.linalg.inv(_to_working(query)) @ plane @ _to_working(reference)
    agreeing = np.flatnonzero(mask.ravel())
    agreeing = agreeing[_once_per_place(there[agreeing], here[agreeing])]
    if len(agreeing) < FEWEST or not plausible(homography, query.aspect, reference.aspect):
        return None
    return GeometricHit(
        key=key,
        inliers=len(agreeing),
        homography=homography / np.linalg.norm(homography),
        points=np.hstack([query.xy[of_query[agreeing]], reference.xy[of_reference[agreeing]]]),
        coverage=_coverage(homography, query, reference, distances),
        visible=float(_inside(project(homography, _samples(20, 20))).mean()),
        outline=_outline(homography),
    )


def correspondences(distances: F32, ratio: float = RATIO) -> tuple[Indices, Indices]:
    """Pairs that are each other's nearest, and for the row clearly nearer than its second: row and column indices."""
    rows = np.arange(len(distances))
    nearest = distances.argmin(axis=1)
    best = distances[rows, nearest]
    mutual = distances.argmin(axis=0)[nearest] == rows
    distances[rows, nearest] = np.inf
    second = distances.min(axis=1)
    distances[rows, nearest] = best
    kept = np.flatnonzero(mutual & (best < ratio * ratio * second))
    return kept, nearest[kept]


def squared_distances(a: npt.NDArray[np.uint8], b: npt.NDArray[np.uint8]) -> F32:
    """float32 (len(a), len(b)): exact, for all of it stays below 2**24."""
    x, y = a.astype(np.float32), b.astype(np.float32)
    return np.asarray((x * x).sum(axis=1)[:, None] + (y * y).sum(axis=1) - 2.0 * (x @ y.T), np.float32)


def project(homography: F64, points: npt.NDArray[np.floating]) -> F64:
    """(n, 2) through a homography. Points that fall behind it come out as NaN."""
    homogeneous = np.column_stack([points, np.ones(len(points))]) @ homography.T
    depth = homogeneous[:, 2:] * np.sign(homography[2] @ [0.5, 0.5, 1.0])
    return np.asarray(np.where(depth > 1e-9, homogeneous[:, :2] / homogeneous[:, 2:], np.nan), np.float64)


def plausible(homography: F64, query_aspect: float, reference_aspect: float) -> bool:
    """Whether a camera could have seen the reference so: in front of it, unfolded, not edge-on, neither a speck nor a wall."""
    corners = project(homography, _CORNERS)
    if not np.isfinite(corners).all():
        return False
    seen = corners * [query_aspect, 1.0]
    sides = np.roll(seen, -1, axis=0) - seen
    turns = sides[:, 0] * np.roll(sides[:, 1], -1) - sides[:, 1] * np.roll(sides[:, 0], -1)
    depths = np.column_stack([_CORNERS, np.ones(4)]) @ homography[2]
    if (turns <= 0).any() or np.abs(depths).max() > _MOST_DEPTH * np.abs(depths).min():
        return False
    local = _jacobian(homography) * np.array([[query_aspect], [1.0]]) / np.array([reference_aspect, 1.0])
    wide, narrow = np.linalg.svd(local, compute_uv=False)
    return bool(wide <= _MOST_STRETCH * narrow and narrow >= _SMALLEST and wide <= _LARGEST)


def _jacobian(h: F64) -> F64:
    """Of the homography at the middle of the reference."""
    middle = np.array([0.5, 0.5, 1.0])
    x, y, depth = h @ middle
    return np.asarray((h[:2, :2] - np.outer([x / depth, y / depth], h[2, :2])) / depth, np.float64)


def mirrored(query: Keypoints) -> Keypoints:
    """What would have been extracted from the mirror image.

    Mirroring permutes OpenCV's descriptor (4 rows, 4 columns, 8 orientations): rows reversed, columns as they lie,
    orientations negated.
    """
    cells = query.descriptors.reshape(-1, 4, 4, 8)[:, ::-1][..., (-np.arange(8)) % 8]
    xy = query.xy * np.array([-1, 1], np.float32) + np.array([1, 0], np.float32)
    return replace(query, xy=xy, descriptors=np.ascontiguousarray(cells.reshape(-1, 128)))


def unmirrored(hit: GeometricHit) -> GeometricHit:
    """A hit on the mirrored query, in the coordinates of the query as it came."""
    homography = _MIRROR @ hit.homography
    points = hit.points * np.array([-1, 1, 1, 1], np.float32) + np.array([1, 0, 0, 0], np.float32)
    return replace(hit, homography=homography, points=points, outline=_outline(homography), mirrored=not hit.mirrored)


def _working(keypoints: Keypoints) -> F64:
    return np.asarray(keypoints.xy * np.diag(_to_working(keypoints))[:2], np.float64)


def _to_working(keypoints: Keypoints) -> F64:
    longest = max(keypoints.aspect, 1.0)
    return np.diag([WORKING_SIDE * keypoints.aspect / longest, WORKING_SIDE / longest, 1.0])


def _once_per_place(*sides: F64) -> Indices:
    """Indices of correspondences no two of which share a cell on either picture."""
    kept = np.arange(len(sides[0]))
    for side in sides:
        cells = np.floor(side[kept] / PLACE).astype(np.int64)
        kept = kept[np.sort(np.unique(cells, axis=0, return_index=True)[1])]
    return kept


def _coverage(homography: F64, query: Keypoints, reference: Keypoints, distances: F32) -> float:
    """Share of the reference's blocks confirmed, of those where enough keypoints are due in the query.

    A keypoint is due where the homography puts it inside the query, large enough to be seen; it is confirmed by a like keypoint
    there, whether or not that is like others as well. A block is confirmed by ``_CONFIRMED`` of its due keypoints.
    """
    there = project(homography, reference.xy)
    local = _to_working(query)[:2, :2] @ _jacobian(homography) @ np.linalg.inv(_to_working(reference)[:2, :2])
    magnified = np.sqrt(abs(np.linalg.det(local)))
    due = _inside(there) & (reference.scale * WORKING_SIDE * magnified > _SEEN)
    rows, columns = np.nonzero(distances < _ALIKE)
    offset = (there[columns] - query.xy[rows]) * np.diag(_to_working(query))[:2]
    confirmed = np.isin(np.arange(len(due)), columns[(offset * offset).sum(axis=1) < TOLERANCE**2])
    of_due, of_confirmed = _per_block(reference, due), _per_block(reference, due & confirmed)
    blocks = of_due >= _BLOCK_KEYPOINTS
    return float((of_confirmed[blocks] >= _CONFIRMED * of_due[blocks]).mean()) if blocks.any() else 0.0


def _per_block(reference: Keypoints, which: npt.NDArray[np.bool_]) -> Indices:
    columns, rows = _BLOCKS if reference.aspect >= 1 else _BLOCKS[::-1]
    block = np.clip((reference.xy[which] * [columns, rows]).astype(np.intp), 0, [columns - 1, rows - 1])
    return np.bincount(block[:, 1] * columns + block[:, 0], minlength=columns * rows)


def _samples(columns: int, rows: int) -> F64:
    """Middles of equal blocks, row by row."""
    x, y = np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows)
    return np.column_stack([x.ravel(), y.ravel()])


def _inside(points: F64) -> npt.NDArray[np.bool_]:
    return np.asarray(((points >= 0) & (points <= 1)).all(axis=1))


def _outline(homography: F64) -> Quad:
    a, b, c, d = ((float(x), float(y)) for x, y in project(homography, _CORNERS))
    return a, b, c, d
