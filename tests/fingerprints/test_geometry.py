"""Planes: found where there is one, refused where no camera could have seen it, and counted once per place."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fingerprints.geometry import (
    ALIKE,
    FEWEST,
    Pairs,
    agreeing,
    squared_distances,
    tentative,
    unmirrored,
    verify,
)
from fingerprints.projecting import plausible, project
from fingerprints.types import Keypoints
from fingerprints.views import mirrored

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
MOVED = np.array([[0.6, -0.1, 0.2], [0.08, 0.5, 0.15], [0.1, -0.05, 1.0]])


def scattered(count: int = 200, seed: int = 1, aspect: float = 1.4) -> Keypoints:
    """Keypoints at random places with descriptors that resemble nobody's."""
    rng = np.random.default_rng(seed)
    descriptors = np.minimum(rng.gamma(0.5, 40, (count, 128)), 255).astype(np.uint8)
    xy = rng.uniform(0, 1, (count, 2)).astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi, count).astype(np.float32)
    return Keypoints(xy, np.full(count, 0.02, np.float32), angle, descriptors, aspect)


def seen_through(homography: F64, reference: Keypoints, seed: int = 2, aspect: float = 1.4) -> Keypoints:
    """The reference as a camera would have it: moved, descriptors a little off, the rest of the query filled with others."""
    rng = np.random.default_rng(seed)
    xy = project(homography, reference.xy)
    inside = ((xy >= 0) & (xy <= 1)).all(axis=1)
    noisy = np.clip(reference.descriptors + rng.normal(0, 6, reference.descriptors.shape), 0, 255).astype(np.uint8)
    other = scattered(150, seed + 100, aspect)
    scale, angle = seen_sizes(homography, reference, aspect)
    return Keypoints(
        np.vstack([xy[inside].astype(np.float32), other.xy]),
        np.concatenate([scale[inside], other.scale]),
        np.concatenate([angle[inside], other.angle]),
        np.vstack([noisy[inside], other.descriptors]),
        aspect,
    )


def seen_sizes(homography: F64, reference: Keypoints, aspect: float) -> tuple[F32, F32]:
    """Scale and angle of each keypoint after the move: two short steps, along the keypoint and across it, are moved as well."""
    here, there = (np.array([a, 1.0]) / max(a, 1.0) for a in (reference.aspect, aspect))
    along = np.column_stack([np.cos(reference.angle), np.sin(reference.angle)])
    across = along[:, ::-1] * [-1, 1]
    step = 1e-4
    at = project(homography, reference.xy)
    moved = [(project(homography, reference.xy + step * way / here) - at) * there / step for way in (along, across)]
    area = np.abs(moved[0][:, 0] * moved[1][:, 1] - moved[0][:, 1] * moved[1][:, 0])
    turned = np.arctan2(moved[0][:, 1], moved[0][:, 0]) % (2 * np.pi)
    return (reference.scale * np.sqrt(area)).astype(np.float32), turned.astype(np.float32)


def test_what_repeats_agrees_without_being_mutual() -> None:
    rng = np.random.default_rng(5)
    one = scattered(1).descriptors
    column, row = (part.ravel() for part in np.meshgrid(np.arange(16), np.arange(12)))

    def windows(spacing: float) -> Keypoints:
        xy = (np.column_stack([column, row]) * spacing + 0.1).astype(np.float32)
        noisy = np.clip(one + rng.normal(0, 8, (len(xy), 128)), 0, 255).astype(np.uint8)
        scale, angle = np.full(len(xy), 0.5 * spacing, np.float32), np.zeros(len(xy), np.float32)
        return Keypoints(xy, scale, angle, noisy, 1.0)

    by_chance = verify("k", windows(0.05), windows(0.04))
    reference = scattered()
    found = verify("k", seen_through(MOVED, reference), reference)
    assert by_chance is not None
    assert by_chance.inliers > 15
    assert by_chance.mutual < by_chance.inliers / 4
    assert found is not None
    assert found.mutual > 0.9 * found.inliers


def test_distances_are_exact() -> None:
    a, b = scattered(9).descriptors, scattered(7, 5).descriptors
    expected = ((a[:, None].astype(int) - b[None].astype(int)) ** 2).sum(axis=2)
    assert np.array_equal(squared_distances(a, b), expected)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_of_several_that_are_as_near_the_first_is_each_other_s(rows: int, columns: int, most: int, seed: int) -> None:
    distances = np.random.default_rng(seed).integers(0, most, (rows, columns)).astype(np.float32) * 1e5
    row, column = tentative(distances.copy())
    nearest, best = distances.argmin(axis=1), distances.min(axis=1)
    second = np.array([min([*one[:at], *one[at + 1 :], np.inf]) for one, at in zip(distances, nearest, strict=True)])
    ratio = (best + 1) / (second + 1)
    mutual = distances.argmin(axis=0)[nearest] == np.arange(rows)
    wanted = mutual & (best < ALIKE * 1.5) | (ratio < 0.81) & (best < ALIKE * 2)
    assert sorted(row.tolist()) == np.flatnonzero(wanted).tolist()
    assert column.tolist() == nearest[row].tolist()


def test_tentative_pairs_are_mutual_and_the_clearest_come_first() -> None:
    reference = scattered(50)
    half = replace(reference, descriptors=np.vstack([reference.descriptors[:40], reference.descriptors[:10]]))
    of_query, of_reference = tentative(squared_distances(reference.descriptors, half.descriptors))
    assert np.array_equal(of_query, of_reference)
    assert set(of_query[:30]) == set(range(10, 40))
    assert set(of_query[30:]) == set(range(10))


def test_pairs_that_say_the_same_agree_and_chance_pairs_do_not() -> None:
    reference = scattered(60)
    query = seen_through(MOVED, reference)
    same = np.arange(40)
    assert len(agreeing(Pairs.of(query, reference, same, same))) > 30
    assert len(agreeing(Pairs.of(query, reference, same, np.roll(same, 7)))) < 4


@pytest.mark.parametrize("first", [150, 230])
def test_only_the_clearest_pairs_are_asked_what_they_say(first: int) -> None:
    """Two hundred: those that agree are found if some of them are among these."""
    reference = scattered(300)
    query, one, other = seen_through(MOVED, reference), np.arange(290), np.arange(290)
    other[:first] = np.random.default_rng(3).permutation(first)
    found = agreeing(Pairs.of(query, reference, one, other))
    assert (len(found) > 50) is (first < 200)


def test_a_plane_is_recovered() -> None:
    reference = scattered()
    hit = verify("it", seen_through(MOVED, reference), reference)
    assert hit is not None
    assert hit.key == "it"
    assert hit.inliers == len(hit.points) > 150
    corners = project(MOVED, np.array([[0, 0], [1, 0], [1, 1], [0, 1]]))
    assert np.abs(np.array(hit.outline) - corners).max() < 0.005
    assert np.abs(project(hit.homography, hit.points[:, 2:]) - hit.points[:, :2]).max() < 0.01
    assert hit.coverage > 0.95
    assert hit.visible == 1.0
    assert not hit.mirrored


def test_strangers_share_no_plane() -> None:
    assert all(verify("it", scattered(300, seed), scattered(300, seed + 50)) is None for seed in range(10, 20))


def test_the_same_answer_every_time() -> None:
    reference = scattered()
    first, second = (verify("it", seen_through(MOVED, reference), reference) for _ in range(2))
    assert first is not None
    assert second is not None
    assert np.array_equal(first.homography, second.homography)
    assert np.array_equal(first.points, second.points)


def test_a_crop_is_judged_by_what_can_be_seen_of_it() -> None:
    reference = scattered(400)
    left_half = np.array([[2.0, 0, 0], [0, 1, 0], [0, 0, 1]])
    hit = verify("it", seen_through(left_half, reference, aspect=0.7), reference)
    assert hit is not None
    assert hit.visible == pytest.approx(0.5, abs=0.05)
    assert hit.coverage > 0.9


def test_what_agrees_in_one_half_only_covers_one_half() -> None:
    reference = scattered(400)
    half = reference.xy[:, 0] < 0.5
    other = scattered(400, 9).descriptors
    query = replace(reference, descriptors=np.where(half[:, None], reference.descriptors, other))
    hit = verify("it", query, reference)
    assert hit is not None
    assert hit.coverage == pytest.approx(0.5, abs=0.1)


def test_many_correspondences_in_one_place_are_one() -> None:
    reference = scattered(60)
    huddled = replace(reference, xy=(reference.xy * np.float32(0.02) + np.float32(0.4)))
    assert verify("it", huddled, huddled) is None


def test_too_little_to_judge() -> None:
    assert verify("it", scattered(FEWEST - 1), scattered(FEWEST - 1)) is None


@pytest.mark.parametrize(
    ("name", "homography", "fine"),
    [
        ("as it is", np.eye(3), True),
        ("turned", np.array([[0, -1, 1], [1, 0, 0], [0, 0, 1.0]]), True),
        ("upside down", np.array([[-1, 0, 1], [0, -1, 1], [0, 0, 1.0]]), True),
        ("oblique", MOVED, True),
        ("negated", -MOVED, True),
        ("mirrored", np.array([[-1, 0, 1], [0, 1, 0], [0, 0, 1.0]]), False),
        ("a speck", np.diag([0.01, 0.01, 1]), False),
        ("a wall", np.diag([60.0, 60, 1]), False),
        ("edge on", np.diag([1, 0.1, 1]), False),
        ("through the camera", np.array([[1, 0, 0], [0, 1, 0], [-2, 0, 1.0]]), False),
        ("a corner at the horizon", np.array([[1, 0, 0], [0, 1, 0], [-0.95, 0, 1.0]]), False),
    ],
)
def test_what_a_camera_could_see(name: str, homography: F64, fine: bool) -> None:
    assert plausible(homography, 1.0, 1.0) is fine


def test_mirroring_twice_changes_nothing() -> None:
    one = scattered()
    twice = mirrored(mirrored(one))
    assert np.array_equal(twice.descriptors, one.descriptors)
    assert np.allclose(twice.xy, one.xy, atol=1e-6)


def test_a_hit_on_the_mirror_image_is_told_in_the_coordinates_of_the_query() -> None:
    reference = scattered()
    query = seen_through(MOVED, reference)
    hit = verify("it", query, reference)
    found = verify("it", mirrored(mirrored(query)), reference)
    assert hit is not None
    assert found is not None
    back = unmirrored(found)
    assert back.mirrored
    assert np.allclose(np.array(back.outline), np.array(found.outline) * [-1, 1] + [1, 0])
    assert np.abs(project(back.homography, back.points[:, 2:]) - back.points[:, :2]).max() < 0.01


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0.4, 1.3),
    st.floats(0.6, 1.6),
    st.floats(-3.1, 3.1),
    st.floats(-0.2, 0.2),
    st.floats(-0.2, 0.2),
    st.floats(0.6, 1.8),
)
def test_any_ordinary_view_is_found(size: float, stretch: float, angle: float, tilt: float, lean: float, aspect: float) -> None:
    cos, sin = np.cos(angle) * size, np.sin(angle) * size
    centred = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1.0]])
    turned = np.array([[cos * stretch, -sin, 0], [sin * stretch, cos, 0], [tilt, lean, 1]])
    homography = np.linalg.inv(centred) @ np.diag([1 / 1.4, 1, 1]) @ turned @ np.diag([aspect, 1, 1]) @ centred
    reference = scattered(aspect=aspect)
    hit = verify("it", seen_through(homography, reference), reference)
    assert hit is not None
    expected = project(homography, np.array([[0.5, 0.5], [0.3, 0.6]]))
    assert np.abs(project(hit.homography, np.array([[0.5, 0.5], [0.3, 0.6]])) - expected).max() < 0.02
