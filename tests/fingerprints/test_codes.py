"""Codes drawn into pictures at every tilt come back as they were written; pictures without codes give none."""

import cv2
import numpy as np
import pytest
import zxingcpp

from fingerprints.codes import MAX_SIDE, read_codes
from fingerprints.types import U8, Picture

WIDTH, HEIGHT = 1000, 760


def code(text: str, symbology: str) -> U8:
    drawn = zxingcpp.create_barcode(text, zxingcpp.barcode_format_from_str(symbology))
    return np.array(zxingcpp.write_barcode_to_image(drawn, scale=4, add_quiet_zones=True))


def photographed(
    label: U8, width: float, tilt: float = 0, at: tuple[float, float] = (0.5, 0.5), scale: float = 1, light: float = 1
) -> Picture:
    """The label lying on a speckled table: tilted by so many degrees, slightly blurred, noisy."""
    rng = np.random.default_rng(5)
    height_px, width_px = round(HEIGHT * scale), round(WIDTH * scale)
    table = cv2.resize(rng.integers(60, 160, (12, 16, 3), np.uint8), (width_px, height_px), interpolation=cv2.INTER_CUBIC)
    h, w = label.shape
    zoom = width * scale / w
    turn = cv2.getRotationMatrix2D((w / 2, h / 2), tilt, zoom)
    turn[:, 2] += np.array([at[0] * width_px - w / 2, at[1] * height_px - h / 2])
    lying = cv2.warpAffine(label, turn, (width_px, height_px), flags=cv2.INTER_AREA)
    covered = cv2.warpAffine(np.full_like(label, 255), turn, (width_px, height_px)) > 127
    table[covered] = lying[covered][:, None]
    blurred = cv2.GaussianBlur(table, (0, 0), 0.8).astype(np.float32) * light
    noisy = np.clip(blurred + rng.normal(0, 3 * light, blurred.shape), 0, 255).astype(np.uint8)
    return Picture(noisy, width_px, height_px)


@pytest.mark.parametrize("tilt", [0, 17, 45, 90, 133, 180, 270])
@pytest.mark.parametrize(
    ("symbology", "width"), [("QRCode", 110), ("DataMatrix", 110), ("Code128", 420), ("Code39", 520), ("EAN13", 420)]
)
def test_codes_at_every_tilt(symbology: str, width: float, tilt: float) -> None:
    text = "4006381333931" if symbology == "EAN13" else "SN-550199"
    [found] = read_codes(photographed(code(text, symbology), width, tilt))
    assert (found.text, found.symbology) == (text, symbology)
    centre = np.mean(found.quad, axis=0)
    assert np.abs(centre - 0.5).max() < 0.06


@pytest.mark.parametrize(("symbology", "width"), [("QRCode", 130), ("DataMatrix", 130)])
def test_codes_in_white_on_black(symbology: str, width: float) -> None:
    [found] = read_codes(photographed(255 - code("SN-550199", symbology), width, 4))
    assert (found.text, found.symbology) == ("SN-550199", symbology)


@pytest.mark.parametrize(("symbology", "width"), [("QRCode", 70), ("DataMatrix", 60), ("Aztec", 60), ("Code128", 300)])
@pytest.mark.parametrize("light", [0.4, 1])
def test_small_pale_codes_in_any_light(symbology: str, width: float, light: float) -> None:
    pale = (code("SN-550199", symbology) // 4 + 120).astype(np.uint8)  # 63 grey levels between black and white
    [found] = read_codes(photographed(pale, width, 2, light=light))
    assert (found.text, found.symbology) == ("SN-550199", symbology)


@pytest.mark.parametrize("at", [(0.08, 0.1), (0.92, 0.1), (0.08, 0.9), (0.92, 0.9)])
@pytest.mark.parametrize("symbology", ["QRCode", "DataMatrix", "PDF417", "EAN13"])
def test_codes_that_touch_the_border(symbology: str, at: tuple[float, float]) -> None:
    text = "4006381333931" if symbology == "EAN13" else "SN-550199"
    label = code(text, symbology)
    width = 160 if label.shape[0] == label.shape[1] else 300
    x, y = (width / WIDTH / 2, width * label.shape[0] / label.shape[1] / HEIGHT / 2)
    inside = (x if at[0] < 0.5 else 1 - x, y if at[1] < 0.5 else 1 - y)
    [found] = read_codes(photographed(label, width, 0, inside))
    assert found.text == text
    assert np.mean(found.quad, axis=0) == pytest.approx(inside, abs=0.05)


@pytest.mark.parametrize(
    ("symbology", "width"), [("QRCode", 740), ("DataMatrix", 740), ("Aztec", 740), ("PDF417", 960), ("EAN13", 960)]
)
def test_codes_that_fill_the_picture(symbology: str, width: float) -> None:
    text = "4006381333931" if symbology == "EAN13" else "SN-550199"
    [found] = read_codes(photographed(code(text, symbology), width))
    assert found.text == text


def test_a_code_among_text_is_found_beside_it() -> None:
    pixels = photographed(code("SN-550199", "QRCode"), 120, 0, (0.8, 0.5)).pixels.copy()
    for row in range(12):
        cv2.putText(pixels, "the quick brown fox 0123456789", (5, 60 + 55 * row), cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 0, 0), 2)
    assert [one.text for one in read_codes(Picture(pixels, WIDTH, HEIGHT))] == ["SN-550199"]


def test_one_code_twice_in_a_picture_is_two() -> None:
    left, right = (photographed(code("SN-550199", "QRCode"), 120, 0, (x, 0.5)).pixels for x in (0.2, 0.8))
    both = np.hstack([left[:, : WIDTH // 2], right[:, WIDTH // 2 :]])
    assert len(read_codes(Picture(both, WIDTH, HEIGHT))) == 2


def test_the_quad_encloses_the_code() -> None:
    [found] = read_codes(photographed(code("SN-550199", "QRCode"), 200, 0, (0.25, 0.7)))
    (left, top), _, (right, bottom), _ = found.quad
    assert left == pytest.approx(0.25 - 0.07, abs=0.03)
    assert right == pytest.approx(0.25 + 0.07, abs=0.03)
    assert top == pytest.approx(0.7 - 0.09, abs=0.04)
    assert bottom == pytest.approx(0.7 + 0.09, abs=0.04)


def test_the_quad_of_a_tilted_linear_code_lies_where_it_was_put() -> None:
    [found] = read_codes(photographed(code("SN-550199", "Code128"), 420, 45, (0.45, 0.55)))
    assert np.mean(found.quad, axis=0) == pytest.approx((0.45, 0.55), abs=0.04)


def test_several_codes_in_order_of_place() -> None:
    upper = photographed(code("https://assets.example/17", "QRCode"), 150, 10, (0.7, 0.25))
    lower = photographed(code("SN-550199", "Code128"), 380, 0, (0.4, 0.75))
    both = np.vstack([upper.pixels[: HEIGHT // 2], lower.pixels[HEIGHT // 2 :]])
    assert [one.text for one in read_codes(Picture(both, WIDTH, HEIGHT))] == ["https://assets.example/17", "SN-550199"]


def test_a_large_picture_is_reduced_first() -> None:
    picture = photographed(code("SN-550199", "QRCode"), 200, 30, scale=4)
    assert picture.width > MAX_SIDE
    [found] = read_codes(picture)
    assert np.mean(found.quad, axis=0) == pytest.approx((0.5, 0.5), abs=0.05)


@pytest.mark.parametrize("seed", range(4))
def test_stripes_text_and_noise_are_no_codes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 255, (400, 600, 3), np.uint8)
    pixels[:130] = np.repeat(rng.integers(0, 2, (1, 120, 1), np.uint8) * 255, 5, axis=1)
    for row in range(4):
        cv2.putText(pixels, "the quick brown fox 0123456789", (5, 180 + 60 * row), cv2.FONT_HERSHEY_SIMPLEX, 1, (0, 0, 0), 2)
    assert read_codes(Picture(pixels, 600, 400)) == ()


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 900, 3), (64, 64, 3)])
def test_blank_and_tiny_pictures(shape: tuple[int, int, int]) -> None:
    assert read_codes(Picture(np.full(shape, 255, np.uint8), shape[1], shape[0])) == ()
