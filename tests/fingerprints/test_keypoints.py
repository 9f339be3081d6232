"""Features survive what happens to pictures, and the index hears of them whatever was added or removed before."""

import subprocess
import sys
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from fingerprints.geometry import squared_distances
from fingerprints.images import decode
from fingerprints.keypoint_index import CROWDED, INDEXED, NEIGHBOURS, KeypointIndex
from fingerprints.keypoints import FEWEST, QUERY_MOST, KeypointFingerprinter
from fingerprints.projecting import project
from fingerprints.types import Fingerprinter, GeometricHit, Index, Keypoints, Limits, Picture
from fingerprints.views import mirrored, negative
from fingerprints.vocabulary import cells, quantizer
from tests.fingerprints.fingerprinter_contract import FingerprinterContract
from tests.fingerprints.index_contract import IndexContract
from tests.fingerprints.test_images import encoded
from tests.fingerprints.test_perceptual import page, scene, seen, shaded

MAKER = KeypointFingerprinter()
PRINT_TABLES = """
import sys, numpy as np
from fingerprints.vocabulary import cells, quantizer
descriptors = np.frombuffer(sys.stdin.buffer.read(), np.uint8).reshape(-1, 128)
sys.stdout.buffer.write(cells(descriptors, 8).tobytes())
sys.stdout.buffer.write(quantizer(32).compute_codes(descriptors.astype(np.float32)).tobytes())
"""
WORDS = "budget prototype halcyon turbine review archive delivery section annex signal copper harbour".split()


def detailed(seed: int = 1, width: int = 640, height: int = 480) -> Image.Image:
    """A scene with texture: many corners and blobs, of many sizes."""
    rng = np.random.default_rng(seed)
    picture = scene(seed, width, height)
    draw = ImageDraw.Draw(picture)
    for _ in range(70):
        x, y, size = int(rng.integers(width)), int(rng.integers(height)), int(rng.integers(4, 50))
        colour = int(rng.integers(1 << 24))
        if rng.random() < 0.5:
            draw.ellipse((x, y, x + size, y + size // 2 + 2), fill=colour)
        else:
            draw.polygon([(x, y), (x + size, y + size // 3), (x + size // 4, y + size)], fill=colour)
    return picture


def written(seed: int = 1) -> Image.Image:
    """A page of prose: far more small features than fit."""
    rng = np.random.default_rng(seed)
    picture = Image.new("RGB", (900, 1270), "white")
    draw = ImageDraw.Draw(picture)
    for line in range(34):
        draw.text((70, 70 + 33 * line), " ".join(rng.choice(WORDS, 9)), fill="black", font_size=20)
    return picture


def extracted(picture: Image.Image) -> Keypoints:
    found = MAKER.fingerprint(seen(picture))
    assert found is not None
    return found


@cache
def of_seed(seed: int) -> Keypoints:
    return extracted(detailed(seed, 400, 300))


@cache
def of_page(seed: int) -> Keypoints:
    return extracted(written(seed))


def filled(*seeds: int) -> KeypointIndex:
    index = KeypointIndex()
    for seed in seeds:
        index.add(f"k{seed}", of_seed(seed))
    return index


def photographed(picture: Image.Image, seed: int = 1) -> Image.Image:
    """Seen at an angle on a desk, a little out of focus, unevenly lit."""
    rng = np.random.default_rng(seed)
    wide, high = picture.size
    corners = (-0.12 * wide, -0.1 * high, -0.02 * wide, 1.1 * high, 1.15 * wide, 1.04 * high, 1.06 * wide, -0.15 * high)
    shot = picture.transform(picture.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor="gray")
    light = np.linspace(0.65, 1.05, wide)[None, :, None]
    pixels = np.array(shot.filter(ImageFilter.GaussianBlur(0.8))) * light + rng.normal(0, 4, (high, wide, 1))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


class TestKeypointIndex(IndexContract[Keypoints, GeometricHit]):
    def make_index(self) -> Index[Keypoints, GeometricHit]:
        return KeypointIndex()

    def make_fingerprint(self, seed: int) -> Keypoints:
        return of_seed(seed)


class TestKeypointFingerprinter(FingerprinterContract[Keypoints]):
    kind = "keypoints"

    def make_fingerprinter(self) -> Fingerprinter[Keypoints]:
        return KeypointFingerprinter()

    def make_picture(self, seed: int) -> Picture:
        return seen(detailed(seed))


def test_shape() -> None:
    found = extracted(detailed())
    assert FEWEST <= len(found) <= QUERY_MOST
    assert found.xy.shape == (len(found), 2)
    assert found.xy.min() >= 0
    assert found.xy.max() <= 1
    assert found.descriptors.shape == (len(found), 128)
    assert [str(array.dtype) for array in (found.xy, found.scale, found.descriptors)] == ["float32", "float32", "uint8"]
    assert found.aspect == pytest.approx(4 / 3)
    assert np.linalg.norm(found.descriptors.astype(float), axis=1) == pytest.approx(512, rel=0.03)


def test_a_page_keeps_coarse_features_and_all_its_regions() -> None:
    found = extracted(written())
    assert len(found) == QUERY_MOST
    assert (found.scale * 640 > 4).sum() > QUERY_MOST // 4
    blocks = (found.xy * 4).astype(int).clip(0, 3) @ [1, 4]
    assert np.bincount(blocks, minlength=16).min() >= 3


@pytest.mark.parametrize(
    "plain", [page(), shaded(0), Image.radial_gradient("L"), Image.new("RGB", (1, 1)), Image.new("RGB", (1, 3000))]
)
def test_nothing_to_hold_on_to(plain: Image.Image) -> None:
    assert MAKER.fingerprint(seen(plain)) is None


def test_small_pictures_are_enlarged() -> None:
    assert len(extracted(detailed().resize((200, 150)))) > FEWEST


@pytest.mark.parametrize("picture", [detailed(3), written(3)], ids=["photo", "page"])
@pytest.mark.parametrize(
    "attack",
    [
        lambda p: p.resize((p.width // 2, p.height // 2)),
        lambda p: p.crop((p.width // 3, p.height // 4, p.width, p.height * 7 // 8)),
        lambda p: p.transpose(Image.Transpose.ROTATE_90),
        lambda p: p.rotate(25, expand=True, fillcolor="gray", resample=Image.Resampling.BICUBIC),
        photographed,
    ],
    ids=["small", "crop", "turn", "tilt", "photo"],
)
def test_attacked_pictures_are_found_first(picture: Image.Image, attack: object) -> None:
    assert callable(attack)
    index = filled(*range(4))
    index.add("it", extracted(picture))
    index.add("sibling", of_page(4))
    copy = MAKER.fingerprint(decode(encoded(attack(picture), "JPEG", quality=60), Limits()))
    assert copy is not None
    hit = index.search(copy)[0]
    assert hit.key == "it"
    assert hit.inliers >= 15
    assert hit.coverage >= 0.5


def test_a_crop_tells_where_it_was_cut() -> None:
    index = KeypointIndex()
    index.add("it", extracted(detailed()))
    hit = index.search(extracted(detailed().crop((160, 120, 640, 480))))[0]
    assert np.abs(project(hit.homography, np.array([[0.25, 0.25], [1.0, 1.0]])) - [[0, 0], [1, 1]]).max() < 0.01
    assert hit.visible == pytest.approx(9 / 16, abs=0.05)


def test_a_mirrored_query_is_found_without_a_second_extraction() -> None:
    index = filled(*range(4))
    index.add("it", extracted(detailed(9)))
    hit = index.search(extracted(detailed(9).transpose(Image.Transpose.FLIP_LEFT_RIGHT)))[0]
    assert (hit.key, hit.mirrored) == ("it", True)
    assert np.abs(np.array(hit.outline) - [[1, 0], [0, 0], [0, 1], [1, 1]]).max() < 0.01
    assert np.abs(hit.points[:, 0] + hit.points[:, 2] - 1).max() < 0.02


def test_permuted_descriptors_are_those_of_the_mirror_image() -> None:
    there = extracted(detailed().transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    distances = squared_distances(mirrored(extracted(detailed())).descriptors, there.descriptors)
    assert np.median(distances.min(axis=1)) < 0.01 * 512**2


def test_a_negative_is_found_without_a_second_extraction() -> None:
    index = filled(*range(4))
    index.add("it", extracted(detailed(9)))
    query = extracted(ImageOps.invert(detailed(9).convert("RGB")))
    hit = index.search(query)[0]
    assert (hit.key, hit.negative, hit.mirrored) == ("it", True, False)
    assert np.abs(np.array(hit.outline) - [[0, 0], [1, 0], [1, 1], [0, 1]]).max() < 0.01
    assert np.abs(hit.points[:, :2] - hit.points[:, 2:]).max() < 0.02
    verified = index.verify(query, "it")
    assert verified is not None
    assert (verified.inliers, verified.negative) == (hit.inliers, True)


def test_permuted_descriptors_are_those_of_the_negative() -> None:
    there = extracted(ImageOps.invert(detailed().convert("RGB")))
    view = negative(extracted(detailed()))
    distances = squared_distances(view.descriptors, there.descriptors)
    assert np.median(distances.min(axis=1)) < 0.01 * 512**2
    nearest = distances.argmin(axis=1)[distances.min(axis=1) < 0.01 * 512**2]
    turned = (view.angle[distances.min(axis=1) < 0.01 * 512**2] - there.angle[nearest] + np.pi) % (2 * np.pi) - np.pi
    assert np.median(np.abs(turned)) < 0.1


def test_strangers_are_not_confirmed() -> None:
    index = filled(*range(10))
    assert all(hit.inliers < 12 for seed in range(20, 30) for hit in index.search(of_seed(seed)))


def test_named_candidates_are_tried_beside_the_votes() -> None:
    index = KeypointIndex()
    for copy in range(12):
        index.add(f"copy {copy:02}", of_seed(1))
    voted = {hit.key for hit in index.search(of_seed(1), limit=20)}
    missing = next(f"copy {copy:02}" for copy in range(12) if f"copy {copy:02}" not in voted)
    assert missing in {hit.key for hit in index.search(of_seed(1), limit=20, candidates=[missing, "nobody"])}


def test_verify_one_reference() -> None:
    index = filled(1, 2)
    assert index.verify(of_seed(1), "nobody") is None
    straight, turned = index.verify(of_seed(1), "k1"), index.verify(mirrored(of_seed(1)), "k1")
    assert straight is not None
    assert turned is not None
    assert not straight.mirrored
    assert turned.mirrored
    stranger = index.verify(of_seed(2), "k1")
    assert stranger is None or stranger.inliers < 12


def test_copies_under_many_keys_do_not_hide_each_other() -> None:
    """More equals than a feature hears of: as many as it hears of get more votes than any stranger."""
    index = filled(*range(20, 40))
    for copy in range(3 * NEIGHBOURS):
        index.add(f"copy {copy:02}", of_seed(1))
    votes = index.votes(extracted(photographed(detailed(1, 400, 300))))
    best = sorted(votes, key=lambda key: -votes[key])[:NEIGHBOURS]
    assert all(key.startswith("copy") for key in best)


def brute_force(references: dict[str, Keypoints], query: Keypoints) -> dict[str, float]:
    """The votes as they would be if every stored feature were looked at: the nearest few a query feature, each key once."""
    owners = np.repeat(list(references), [len(one) for one in references.values()])
    distances = squared_distances(query.descriptors, np.vstack([one.descriptors for one in references.values()]))
    nearest = np.argsort(distances, axis=1, kind="stable")[:, :NEIGHBOURS]
    counts: dict[str, float] = dict.fromkeys(references, 0)
    for row in nearest:
        for key in set(owners[row]):
            counts[key] += 1
    return counts


def test_the_index_hears_what_brute_force_hears() -> None:
    references = {f"k{seed}": of_seed(seed) for seed in range(24)}
    index = filled(*range(24))
    for seed in range(0, 24, 3):
        query = extracted(photographed(detailed(seed, 400, 300)))
        exact, heard = brute_force(references, query), index.votes(query)
        assert max(exact, key=lambda key: exact[key]) == max(heard, key=lambda key: heard[key]) == f"k{seed}"


def test_many_of_the_nearest_neighbours_are_heard_of() -> None:
    """Of the features that are listed; enough for votes, cheap enough to ask."""
    index, listed = filled(*range(24)), [of_seed(seed).descriptors[:INDEXED] for seed in range(24)]
    ids = np.concatenate([np.arange(len(one)) + 4096 * number for number, one in enumerate(listed)])
    query = extracted(photographed(detailed(5, 400, 300))).descriptors
    nearest = ids[squared_distances(query, np.vstack(listed)).argmin(axis=1)]
    _, heard = index.neighbours(query)
    assert (heard == nearest[:, None]).any(axis=1).mean() >= 0.4


def first_of(keypoints: Keypoints) -> Keypoints:
    xy, scale, angle, descriptors = keypoints.xy[:1], keypoints.scale[:1], keypoints.angle[:1], keypoints.descriptors[:1]
    return Keypoints(xy, scale, angle, descriptors, keypoints.aspect)


def test_crowded_cells_are_passed_over() -> None:
    """What everybody has costs a bounded time, and hides nobody who has something else as well."""
    index, common = KeypointIndex(), of_seed(50)
    for number in range(CROWDED + 1):
        index.add(f"common {number:04}", first_of(common))
    index.add("it", of_seed(51))
    assert (index.neighbours(first_of(common).descriptors)[1] < 0).all()
    assert index.search(of_seed(51))[0].key == "it"


@given(st.binary(max_size=400) | st.integers(0, 200).map(lambda n: MAKER.dump(of_seed(1))[:n]))
@settings(max_examples=80, deadline=None)
def test_other_bytes_are_no_keypoints(data: bytes) -> None:
    with pytest.raises(ValueError, match="keypoints"):
        MAKER.load(data)


def test_cells_and_codes_are_the_same_in_every_process() -> None:
    descriptors = of_seed(1).descriptors
    command = [sys.executable, "-c", PRINT_TABLES]
    elsewhere = subprocess.run(command, input=descriptors.tobytes(), capture_output=True, check=True).stdout
    here = cells(descriptors, 8).tobytes() + quantizer(32).compute_codes(descriptors.astype(np.float32)).tobytes()
    assert elsewhere == here
