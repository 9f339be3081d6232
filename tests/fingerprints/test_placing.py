"""Where a registered line must lie in a picture, and the strip cut out there."""

import cv2
import numpy as np
import pytest

from fingerprints.lines import laid_out
from fingerprints.placing import held, placed
from fingerprints.strips import MOST_HEIGHT, OTHERWISE, otherwise, straightened
from fingerprints.text import shingles
from fingerprints.types import U8, Line, Lines, Picture, Quad

UNIT = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
QUAD: Quad = ((0.1, 0.4), (0.9, 0.4), (0.9, 0.45), (0.1, 0.45))


def line_at(quad: Quad) -> Lines:
    made = laid_out([Line("a line of some length", 1.0, quad)], [0])
    assert made is not None
    return made


def to(corners: object) -> np.ndarray:
    return np.asarray(cv2.getPerspectiveTransform(UNIT, np.asarray(corners, np.float32)), np.float64)


def test_a_line_lies_where_the_homography_puts_it() -> None:
    [there] = placed(line_at(QUAD), np.diag([0.5, 0.5, 1.0]), (1000, 2000))
    assert np.allclose(there.quad, np.array(QUAD) / 2, atol=1e-4)
    assert there.visible == 1.0
    assert there.height == pytest.approx(50, abs=0.2)


@pytest.mark.parametrize(("shift", "visible"), [(0.3, 0.75), (-0.5, 0.5), (0.85, None)])
def test_only_what_is_inside_the_picture_is_read(shift: float, visible: float | None) -> None:
    moved = np.array([[1, 0, shift], [0, 1, 0], [0, 0, 1.0]])
    found = placed(line_at(QUAD), moved, (1000, 1000))
    assert [one.visible for one in found] == ([] if visible is None else [pytest.approx(visible, abs=0.04)])
    assert all(0 <= x <= 1 for one in found for x, _ in one.quad)


def test_the_text_begins_first_in_a_mirrored_picture_too() -> None:
    [there] = placed(line_at(QUAD), np.array([[-1, 0, 1], [0, 1, 0], [0, 0, 1.0]]), (800, 800))
    assert there.quad[0][0] > there.quad[1][0]
    assert there.quad[0][1] < there.quad[3][1]


def test_the_share_of_marked_shingles_by_line() -> None:
    texts = ["Readiness review of the northern depot", "7", "every second Tuesday in the month of May"]
    starts = [0, len(texts[0]) + 1, len(texts[0]) + 3]
    made = laid_out([Line(text, 1.0, QUAD) for text in texts if len(text) > 2], [starts[0], starts[2]])
    text = shingles("\n".join(texts))
    assert made is not None
    assert text is not None
    assert held(made, text, text.starts >= starts[2]) == [0.0, 1.0]
    assert held(made, text, text.starts >= 0) == [1.0, 1.0]


def arrow() -> U8:
    """A dark bar, thick where it begins."""
    picture = np.full((600, 800, 3), 255, np.uint8)
    picture[280:320, 200:600] = 0
    picture[270:330, 200:260] = 0
    return picture


@pytest.mark.parametrize("corners", [
    [(0, 0), (1, 0), (1, 1), (0, 1)],
    [(1, 0), (1, 1), (0, 1), (0, 0)],
    [(1, 1), (0, 1), (0, 0), (1, 0)],
    [(1, 0), (0, 0), (0, 1), (1, 1)],
    [(0.2, 0.1), (0.9, 0.25), (0.8, 0.9), (0.1, 0.7)],
], ids=["as it is", "turned right", "on its head", "mirrored", "in perspective"])  # fmt: skip
def test_a_strip_is_upright_whatever_became_of_the_picture(corners: list[tuple[float, float]]) -> None:
    size = (900, 1000)
    view = to(np.array(corners) * size) @ np.diag([1 / 800, 1 / 600, 1.0])
    shown = np.asarray(cv2.warpPerspective(arrow(), view, size, borderValue=(255, 255, 255)), np.uint8)
    bar = line_at(((200 / 800, 270 / 600), (600 / 800, 270 / 600), (600 / 800, 330 / 600), (200 / 800, 330 / 600)))
    [there] = placed(bar, to(corners), size)
    strip = straightened(Picture(shown, *size), there.quad)
    dark = (strip.mean(axis=2) < 128).mean(axis=0)
    begin, end = dark[: strip.shape[1] // 7].max(), dark[-strip.shape[1] // 3 :].max()
    assert strip.shape[0] <= MOST_HEIGHT
    assert begin > 1.2 * end > 0.4


def test_a_strip_beyond_the_border_is_still_a_strip() -> None:
    assert straightened(Picture(arrow(), 800, 600), ((0.9, 0.9), (1.3, 0.9), (1.3, 1.1), (0.9, 1.1))).size
    assert straightened(Picture(arrow(), 800, 600), ((0.5, 0.5), (0.5, 0.5), (0.5, 0.5), (0.5, 0.5))).size


@pytest.mark.parametrize("turned", range(4))
def test_the_same_line_is_cut_out_otherwise_whichever_way_it_runs(turned: int) -> None:
    flat = np.array([(100, 100), (300, 100), (300, 120), (100, 120)], np.float64)
    for _ in range(turned):
        flat = np.stack([600 - flat[:, 1], flat[:, 0]], axis=1)
    a, b, c, d = ((float(x), float(y)) for x, y in flat / (600, 800))
    cuts = np.array(otherwise((a, b, c, d), (600, 800))) * (600, 800)
    sides = [np.linalg.norm(cuts[:, i] - cuts[:, j], axis=1) for i, j in ((0, 1), (1, 2), (2, 3), (3, 0))]
    for (above, below, beside), *lengths in zip(OTHERWISE, *sides, strict=True):
        wide, high = 200 + 40 * beside, 20 * (1 + above + below)
        assert np.allclose(lengths, [wide, high, wide, high])
    assert np.allclose(cuts[0].mean(axis=0), flat.mean(axis=0))
    assert all(np.linalg.norm(cut.mean(axis=0) - flat.mean(axis=0)) < 4 for cut in cuts)
