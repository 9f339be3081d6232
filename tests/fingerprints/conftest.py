"""One OCR engine for all tests here: loading it takes longer than most of them."""

import pytest

from fingerprints.ocr import RapidReader


@pytest.fixture(scope="session")
def rapid() -> RapidReader:
    return RapidReader(threads=1)
