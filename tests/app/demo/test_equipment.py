"""Machines are solid: what is in front hides what is behind, and one machine is the same from everywhere."""

import cv2
import numpy as np
import pytest
import zxingcpp

from app.demo.equipment import SIZE, machine, photograph
from app.demo.laptop import laptop_photo
from app.demo.shapes import box, cylinder, disc
from app.demo.solids import Face, Lamp, orbit, render
from fingerprints.types import U8

LAMP = Lamp(np.array([0.0, -4.0, 4.0]))


def plain(red: int, green: int, blue: int) -> U8:
    return np.full((20, 20, 3), (red, green, blue), np.uint8)


def bright(faces: list[Face]) -> list[Face]:
    return [Face(f.texture, f.corners, f.normals, f.mask, bright=True) for f in faces]


def test_the_nearer_box_hides_the_farther_whatever_the_order() -> None:
    near = bright(box((0, -1, 0), (1, 0.2, 1), {"front": plain(255, 0, 0)}))
    far = bright(box((0, 1, 0), (1, 0.2, 1), {"front": plain(0, 255, 0)}))
    lens = orbit((0, 0, 0.5), 0, 0, 4)
    for faces in ([*near, *far], [*far, *near]):
        assert render(faces, lens, LAMP, (80, 60))[30, 40].tolist() == [255, 0, 0]


def test_a_point_lands_where_the_pinhole_says() -> None:
    """At distance 4 and focal 1.1 widths, 0.5 m off the axis is 1.1 * 0.5 / 4 widths off the middle."""
    wall = Face(plain(255, 255, 255), np.array([(-0.5, 0, 1), (0.5, 0, 1), (0.5, 0, 0), (-0.5, 0, 0)], float), bright=True)
    row = render([wall], orbit((0, 0, 0.5), 0, 0, 4), LAMP, (400, 300), oversample=2)[150, :, 0]
    assert np.flatnonzero(row > 127)[[0, -1]] == pytest.approx([200 - 55, 200 + 55 - 1], abs=1)


def test_backs_are_not_drawn() -> None:
    front = bright(box((0, 0, 0), (1, 1, 1), {"front": plain(255, 0, 0)}))
    assert render(front, orbit((0, 0, 0.5), 180, 0, 4), LAMP, (80, 60)).max() == 0


def test_a_cylinder_and_its_lid_face_outward_all_round() -> None:
    tube = bright([*cylinder((0, 0, 0), (0, 0, 1), 0.4, plain(200, 0, 0)), disc((0, 0, 1), (0, 0, 1), 0.4, plain(0, 0, 200))])
    for azimuth in (0, 90, 180, 270):
        picture = render(tube, orbit((0, 0, 0.5), azimuth, 30, 4), LAMP, (80, 60))
        assert picture[30, 40].tolist() == [200, 0, 0]
        assert (picture[:, :, 2] > 150).sum() > 50


def test_a_photograph_repeats_itself_to_the_bit() -> None:
    assert np.array_equal(photograph(1, 10), photograph(1, 10))
    assert photograph(1, 10).shape == (SIZE[1], SIZE[0], 3)


def _shared_points(one: U8, other: U8) -> int:
    """Correspondences that one homography explains; brute force over SIFT."""
    sift, matcher = cv2.SIFT.create(1200), cv2.BFMatcher()
    (a, da), (b, db) = (sift.detectAndCompute(cv2.cvtColor(p, cv2.COLOR_RGB2GRAY), None) for p in (one, other))
    good = [m for m, n in matcher.knnMatch(da, db, k=2) if m.distance < 0.75 * n.distance]
    if len(good) < 4:
        return 0
    source = np.array([a[m.queryIdx].pt for m in good], np.float32)
    target = np.array([b[m.trainIdx].pt for m in good], np.float32)
    _, mask = cv2.findHomography(source, target, cv2.RANSAC, 5.0)
    return int(mask.sum())


def test_another_view_shows_the_same_machine_and_another_seed_does_not() -> None:
    view, other_view = photograph(0, 0), photograph(0, 12, 20, 5.0, light=0.6)
    other_machine = photograph(4, 12, 20, 5.0, background_seed=2)
    assert _shared_points(view, other_view) > 2 * max(12, _shared_points(view, other_machine))


def test_every_kind_of_machine_can_be_built() -> None:
    assert all(len(machine(seed)) > 20 for seed in range(4))


def test_the_label_of_the_laptop_can_be_read_by_a_scanner() -> None:
    photo = laptop_photo("AB-12", "https://assets.example/t/AB-12", 20, 55, 2.6, close=True)
    assert [code.text for code in zxingcpp.read_barcodes(photo)] == ["https://assets.example/t/AB-12"]
