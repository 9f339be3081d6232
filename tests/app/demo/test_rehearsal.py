"""Attacks drawn for an owner: always the same, whatever shape the picture has, without a font."""

import io

import numpy as np
import pytest
from PIL import Image

from app.assets import gallery
from app.console.trials import views
from app.demo.rehearsal import ATTACKS, Attack
from tests.app.pictures import scene


def size(data: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(data)).size


@pytest.mark.parametrize("name", ["stuck_over", "screenshot", "print_photographed"])
def test_the_same_picture_gives_the_same_file(name: str) -> None:
    picture = np.asarray(scene(5, 320, 240))
    assert ATTACKS[name](picture) == ATTACKS[name](picture)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_slim_pictures_survive(attack: Attack) -> None:
    is_quick = not attack.__name__.endswith("photographed") and attack.__name__ not in ("collage", "inset")
    for shape in ((9, 200, 3), (200, 9, 3)) if is_quick else ((9, 200, 3),):
        assert min(size(attack(np.full(shape, 128, np.uint8)))) >= 1


def test_crops_have_the_share_they_say() -> None:
    picture = np.asarray(scene(6, 400, 300))
    for name, share in (("crop40", 0.4), ("crop20", 0.2)):
        across, height = size(ATTACKS[name](picture))
        assert across * height / (400 * 300) == pytest.approx(share, rel=0.03)
    assert size(ATTACKS["turned"](picture)) == (300, 400)


def test_what_is_drawn_is_offered_and_has_a_name() -> None:
    assert tuple(ATTACKS) == gallery.ATTACKS == tuple(views.ATTACKS)
