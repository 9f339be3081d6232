"""The whole-picture hash holds where it should, declines where it must, and its index equals brute force."""

import imagehash
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from fingerprints.images import decode
from fingerprints.perceptual import PerceptualFingerprinter, PerceptualIndex
from fingerprints.types import Fingerprinter, Index, Limits, PerceptualHash, PerceptualHit, Picture
from tests.fingerprints.fingerprinter_contract import FingerprinterContract
from tests.fingerprints.index_contract import IndexContract
from tests.fingerprints.test_images import encoded, noise

MAKER = PerceptualFingerprinter()


def scene(seed: int = 1, width: int = 480, height: int = 360) -> Image.Image:
    """Soft blotches with some hard shapes: an arbitrary photograph, as far as a hash can tell."""
    rng = np.random.default_rng(seed)
    picture = noise(12, 9, seed).resize((width, height), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(picture)
    for _ in range(8):
        x, y = int(rng.integers(0, width - 60)), int(rng.integers(0, height - 60))
        draw.rectangle((x, y, x + int(rng.integers(20, 120)), y + int(rng.integers(20, 120))), fill=int(rng.integers(1 << 24)))
    return picture


def seen(picture: Image.Image) -> Picture:
    pixels = np.array(picture.convert("RGB"))
    return Picture(pixels, pixels.shape[1], pixels.shape[0])


def hashed(picture: Image.Image) -> PerceptualHash:
    found = MAKER.fingerprint(seen(picture))
    assert found is not None
    return found


def brute_force(stored: dict[str, PerceptualHash], query: PerceptualHash) -> list[tuple[str, int]]:
    def distance(reference: PerceptualHash) -> int:
        return min(int(np.unpackbits(row ^ reference.bits[0]).sum()) for row in query.bits)

    return sorted(((key, distance(one)) for key, one in stored.items()), key=lambda pair: (pair[1], pair[0]))


class TestPerceptualIndex(IndexContract[PerceptualHash, PerceptualHit]):
    def make_index(self) -> Index[PerceptualHash, PerceptualHit]:
        return PerceptualIndex()

    def make_fingerprint(self, seed: int) -> PerceptualHash:
        return hashed(scene(seed))


class TestPerceptualFingerprinter(FingerprinterContract[PerceptualHash]):
    kind = "perceptual"

    def make_fingerprinter(self) -> Fingerprinter[PerceptualHash]:
        return PerceptualFingerprinter()

    def make_picture(self, seed: int) -> Picture:
        return seen(scene(seed))


def test_shape() -> None:
    bits = hashed(scene()).bits
    assert bits.shape == (8, 8)
    assert bits.dtype == np.uint8


def test_the_eight_rows_are_those_of_the_library_for_the_turned_picture() -> None:
    grey = scene().convert("L").resize((32, 32), Image.Resampling.LANCZOS)
    mirrored = grey.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    turns = (None, Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)
    views = [side if turn is None else side.transpose(turn) for side in (grey, mirrored) for turn in turns]
    expected = [np.packbits(imagehash.phash(view).hash.ravel()) for view in views]
    assert (hashed(scene()).bits == np.array(expected)).all()


@pytest.mark.parametrize("turn", [None, *Image.Transpose])
def test_all_eight_orientations_are_found_exactly(turn: Image.Transpose | None) -> None:
    index = PerceptualIndex()
    index.add("it", hashed(scene()))
    index.add("other", hashed(scene(2)))
    hit = index.search(hashed(scene() if turn is None else scene().transpose(turn)))[0]
    assert (hit.key, hit.distance) == ("it", 0)
    assert (hit.orientation == 0) == (turn is None)


def test_recompressed_small_and_blurred_copies_are_near_and_others_are_not() -> None:
    index = PerceptualIndex()
    index.add("it", hashed(scene()))
    small = scene().resize((200, 150)).filter(ImageFilter.GaussianBlur(1))
    copy = decode(encoded(small, "JPEG", quality=25), Limits())
    query = MAKER.fingerprint(copy)
    assert query is not None
    assert index.search(query)[0].distance <= 6
    assert all(index.search(hashed(scene(seed)), max_distance=10) == [] for seed in range(2, 30))


def page(draw_on: str = "") -> Image.Image:
    picture = Image.new("RGB", (800, 1100), "white")
    if draw_on:
        ImageDraw.Draw(picture).text((80, 80), draw_on, fill="black", font_size=40)
    return picture


def shaded(direction: int) -> Image.Image:
    ramp = Image.linear_gradient("L").resize((800, 1100))
    return ramp.transpose(Image.Transpose.ROTATE_90).resize((800, 1100)) if direction else ramp


@pytest.mark.parametrize(
    "plain",
    [page(), page("").point(lambda _: 0), shaded(0), shaded(1), Image.radial_gradient("L"), Image.new("RGB", (1, 1), "red")],
    ids=["white", "black", "down", "across", "round", "one pixel"],
)
def test_plain_pictures_have_no_hash(plain: Image.Image) -> None:
    assert MAKER.fingerprint(seen(plain)) is None


def test_speckles_of_a_scanned_blank_page_are_nothing() -> None:
    speckles = 250 + np.random.default_rng(3).normal(0, 3, (1100, 800))
    assert MAKER.fingerprint(seen(Image.fromarray(np.clip(speckles, 0, 255).astype(np.uint8)))) is None


def test_one_line_on_a_page_is_enough() -> None:
    assert MAKER.fingerprint(seen(page("One line and nothing else"))) is not None


rows = st.binary(min_size=64, max_size=64).map(MAKER.load)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abcdefgh"), rows | st.none()), max_size=40), rows, st.integers(1, 10), st.integers(0, 64)
)
def test_search_equals_brute_force(
    changes: list[tuple[str, PerceptualHash | None]], query: PerceptualHash, limit: int, most: int
) -> None:
    index, stored = PerceptualIndex(), dict[str, PerceptualHash]()
    for key, one in changes:
        if one is None:
            index.remove(key)
            stored.pop(key, None)
        else:
            index.add(key, one)
            stored[key] = one
    expected = [pair for pair in brute_force(stored, query) if pair[1] <= most][:limit]
    assert [(hit.key, hit.distance) for hit in index.search(query, limit, max_distance=most)] == expected
    assert len(index) == len(stored)
