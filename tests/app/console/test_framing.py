"""What is drawn of an outline that is larger than the picture."""

import cv2
import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.console.alerts.framing import EDGE, framed
from app.demo import pages
from app.demo.camera import png
from tests.app.conftest import Server
from tests.app.console.test_console import reveal

INNER = [(EDGE, EDGE), (1 - EDGE, EDGE), (1 - EDGE, 1 - EDGE), (EDGE, 1 - EDGE)]


def area(corners: list[tuple[float, float]]) -> float:
    return float(cv2.contourArea(np.array(corners, np.float32))) if corners else 0.0


def test_what_lies_inside_is_drawn_as_it_is() -> None:
    inside = [(0.1, 0.2), (0.8, 0.1), (0.9, 0.9), (0.2, 0.7)]
    assert framed(inside) == inside


def test_what_surrounds_the_picture_is_its_frame() -> None:
    around = [[-0.1283, -0.5861], [1.587, -0.5516], [1.372, 1.8696], [-0.5986, 1.6534]]
    assert np.allclose(sorted(framed(around)), sorted(INNER), atol=1e-4)


def test_what_lies_outside_is_not_drawn() -> None:
    assert framed([[1.2, 0.1], [1.8, 0.1], [1.8, 0.9], [1.2, 0.9]]) == []


@given(st.tuples(*[st.floats(-3, 3)] * 2), st.floats(0.05, 4), st.floats(0.05, 4), st.floats(0, 6.3))
def test_as_much_is_left_as_lies_in_it(middle: tuple[float, float], width: float, height: float, turn: float) -> None:
    turned = np.array([(np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))])
    half = np.array([(-width, -height), (width, -height), (width, height), (-width, height)]) / 2
    corners = (half @ turned.T + middle).astype(np.float32)
    common, _ = cv2.intersectConvexConvex(corners, np.array(INNER, np.float32))
    found = framed(corners.tolist())
    assert all(0 <= value <= 1 for corner in found for value in corner)
    assert area(found) == pytest.approx(common, abs=2e-3)


def test_a_marking_is_boxed_wherever_it_stands(server: Server, analyst: httpx.Client) -> None:
    marked = png(pages.memo(7701, banner="SECRET//NOFORN").pixels)
    verdict = server.verdict(server.post("", {"m.png": marked}))
    boxes = verdict["matches"][0]["evidence"]["marking"]["boxes"]
    assert sorted(round(max(y for _, y in box) * 2) for box in boxes) == [0, 2], "at the top and at the foot"
    reveal(analyst, verdict["alert_id"])
    assert analyst.get(f"/alerts/{verdict['alert_id']}").text.count('<polygon class="box"') == 2
