"""A look is small and exact, tells a JPEG's quality, and copies drift along their chain."""

import io
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.demo.equipment import photograph
from fingerprints.descent import framed, grids, within
from fingerprints.images import decode
from fingerprints.lineage import Look, dump_look, load_look, look_of, quality_of
from fingerprints.types import Limits
from tests.fingerprints.test_perceptual import scene


def jpeg(picture: Image.Image, quality: int) -> bytes:
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=quality)
    return target.getvalue()


def looked(data: bytes) -> Look:
    return look_of(decode(data, Limits()), data)


def again(data: bytes, quality: int, longest: int) -> bytes:
    """As a chat application sends a saved picture anew."""
    picture = Image.open(io.BytesIO(data))
    picture.thumbnail((longest, longest))
    return jpeg(picture, quality)


def apart(child: Look, parent: Look) -> float:
    return float(framed(grids([parent]), grids([child]))[0][0])


PHOTO = jpeg(Image.fromarray(photograph(3, 10.0, 15, 5.0)), 92)


def test_a_look_is_small_and_comes_back_from_its_bytes() -> None:
    look = looked(PHOTO)
    data = dump_look(look)
    assert len(data) < 4096
    assert dump_look(load_look(data)) == data
    assert (look.width, look.height, look.size, look.quality) == (*Image.open(io.BytesIO(PHOTO)).size, len(PHOTO), 92)


@pytest.mark.parametrize("broken", [b"", b"LOK1", dump_look(looked(PHOTO))[:-1], b"XXXX" + dump_look(looked(PHOTO))[4:]])
def test_other_bytes_are_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match="look"):
        load_look(broken)


def test_a_look_of_the_first_version_is_read_with_its_grid_drawn_larger() -> None:
    look = looked(PHOTO)
    header = b"LOK1" + dump_look(look)[4:17]
    grid = np.full((20, 20), 77 * 256, "<u2")
    old = load_look(header + grid.tobytes() + look.detail.tobytes())
    assert (old.width, old.height, old.quality) == (look.width, look.height, look.quality)
    assert old.grid.shape == look.grid.shape
    assert np.unique(old.grid).tolist() == [77 * 64]
    assert (old.detail == look.detail).all()


@pytest.mark.parametrize("wrong", [b"", zlib.compress(bytes(4607)), zlib.compress(bytes(10_000_000)), b"no zlib"])
def test_a_damaged_or_swollen_grid_is_refused(wrong: bytes) -> None:
    with pytest.raises(ValueError, match="grid"):
        load_look(dump_look(looked(PHOTO))[: 17 + 64] + wrong)


@given(st.binary(max_size=40))
def test_whatever_bytes_have_a_quality_or_none(data: bytes) -> None:
    assert quality_of(data) == 0
    assert 0 <= quality_of(b"\xff\xd8\xff" + data) <= 100


@pytest.mark.parametrize("quality", [5, 30, 49, 50, 75, 90, 99])
def test_the_quantisation_table_tells_the_quality(quality: int) -> None:
    assert abs(quality_of(jpeg(scene(1), quality)) - quality) <= 1


def test_the_same_bytes_look_the_same() -> None:
    assert dump_look(looked(PHOTO)) == dump_look(looked(PHOTO))


def test_a_child_is_nearer_to_its_parent_than_to_its_grandparent_or_sibling() -> None:
    parent = again(PHOTO, 70, 1280)
    child, sibling = again(parent, 65, 1080), again(PHOTO, 80, 1440)
    looks = {name: looked(data) for name, data in (("first", PHOTO), ("parent", parent), ("sibling", sibling))}
    own = looked(child)
    distances = {name: apart(own, look) for name, look in looks.items()}
    assert min(distances, key=distances.__getitem__) == "parent", distances


def test_what_is_compressed_and_reduced_has_lost_detail_and_pixels() -> None:
    first, child = looked(PHOTO), looked(again(PHOTO, 40, 900))
    one = within(child, first, apart(child, first), 0.0)
    assert one.lost > 0
    assert one.scale == pytest.approx(np.log2(900 / first.width), abs=0.01)
    back = within(first, child, apart(first, child), 0.0)
    assert (back.lost, back.scale) == pytest.approx((-one.lost, -one.scale))


def test_another_picture_has_another_border() -> None:
    assert apart(looked(PHOTO), looked(jpeg(Image.fromarray(photograph(4, 10.0, 15, 5.0)), 92))) == np.inf
