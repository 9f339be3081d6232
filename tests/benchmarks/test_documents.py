"""The benchmark of documents counts what it says it counts, and gives others a fair chance."""

import cv2
import numpy as np
import pytest

from app.demo import pages
from detectors.types import Conclusion, Match, Severity, Verdict
from fingerprints.layout import Layout
from fingerprints.types import Picture
from tests.benchmarks.bought import AsItComes
from tests.benchmarks.documents import TEMPLATES, WAYS, Pasted, Peers, Posted, ReadOnce, report
from tests.benchmarks.slides import slide
from tests.detectors.drawn import lines
from tests.fingerprints.test_extraction import CountingReader


def verdict(*assets: str, confidence: float = 0.9) -> Verdict:
    found = tuple(Match(asset, asset, "", "page_copy", confidence, 0, {}) for asset in assets)
    return Verdict(Conclusion.LEAK if found else Conclusion.CLEAR, Severity.HIGH if found else Severity.LOW, found, (), ())


def posted(own: str | None, quick: Verdict, full: Verdict, way: str = "half of the page") -> Posted:
    cost = {"adaptive": 200.0, "our reading in full": 1000.0, "RapidOCR as it comes": 2000.0}
    return Posted("memo", way, own, quick, full, cost, {"our reading in full + TLSH": (own or "a", -50.0 if own else -90.0)})


def test_the_nearest_text_is_the_one_that_was_read() -> None:
    texts = {f"p{seed}": pages.memo(seed).text for seed in range(5)}
    peers = Peers.of(texts)
    noisy = texts["p3"].replace("e", "c").replace("l", "1")
    assert {peers.by_winnowing(texts["p3"])[0], peers.by_tlsh(noisy)[0], peers.by_rapidfuzz(noisy)[0]} == {"p3"}
    assert peers.by_winnowing("")[0] == peers.by_tlsh("")[0] == ""


def test_what_was_found_and_who_was_accused_is_counted() -> None:
    looks = [
        posted("a", verdict("a"), verdict("a")),
        posted("b", verdict("a"), verdict("b")),
        posted("c", verdict(), verdict("c")),
        posted(None, verdict("a", confidence=0.65), verdict(), "recompressed by a chat"),
        posted(None, verdict(), verdict(), "recompressed by a chat"),
    ]
    page = report(7, looks, Pasted(10, (0.75,)))
    assert "| half of the page | 0.98 | 0.333 (1/3) |" in page
    assert "| recompressed by a chat | 2 | 1 | 0 |" in page
    assert "for 2 of 5." in page
    assert (
        "9 of 10 named their page (must: 0.99). What other pages say as well accuses none; of those missed they hold 75%." in page
    )
    assert "| registered pages: adaptive | 200 | 200 | 0.10 | 0.25 | 0.20 |" in page
    assert "| unregistered pages: RapidOCR as it comes | 2000 | 2000 | 1.00 | – | 2.00 |" in page
    assert "| our reading in full + TLSH | 3 | 1.000 | 1.000 |" in page


@pytest.mark.parametrize("way", WAYS)
def test_every_way_makes_a_picture_and_the_same_again(way: str) -> None:
    picture = cv2.resize(TEMPLATES["table"](3).pixels, None, fx=0.3, fy=0.3)
    make = WAYS[way][0]
    assert make(np.asarray(picture, np.uint8), 5) == make(np.asarray(picture, np.uint8), 5)


def test_the_peer_reads_what_a_page_says() -> None:
    pixels = np.full((120, 900, 3), 255, np.uint8)
    cv2.putText(pixels, "Minutes of the meeting", (20, 75), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (0, 0, 0), 3)
    assert "meeting" in " ".join(AsItComes(1).read(Picture(pixels, 900, 120)))


def test_a_slide_is_light_on_dark_and_no_two_are_alike() -> None:
    one, other = slide(1), slide(2)
    assert one.pixels.mean() < 80
    assert one.text != other.text
    assert len(one.text.splitlines()) > 6


def test_a_picture_is_read_once_however_often_one_asks() -> None:
    counting = CountingReader(lines(["one", "two"]))
    reader, picture = ReadOnce(counting), Picture(np.zeros((9, 9, 3), np.uint8), 9, 9)
    layout: Layout = reader.layout(picture)
    assert layout.read(range(2)) == reader.read(picture)
    assert counting.reads == 1
    reader.read(Picture(np.ones((9, 9, 3), np.uint8), 9, 9))
    assert counting.reads == 2
