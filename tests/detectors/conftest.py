"""One OCR engine for all tests here: loading it takes longer than most of them."""

import pytest

from fingerprints.extraction import Extractor
from fingerprints.ocr import RapidReader
from fingerprints.types import Reader


@pytest.fixture(scope="session")
def reader() -> Reader:
    """On one thread, as in a detection process: two of them wait for each other, busily."""
    return RapidReader(threads=1)


@pytest.fixture
def extractor(reader: Reader) -> Extractor:
    return Extractor(reader)
