"""What was made cheaper in RapidOCR gives what RapidOCR gives."""

from pathlib import Path

import numpy as np
import rapidocr
from omegaconf import OmegaConf

from fingerprints.networks import sparing
from fingerprints.ocr import RapidReader

MODELS = Path(rapidocr.__file__).with_name("default_models.yaml")
CONFIG = Path(rapidocr.__file__).with_name("config.yaml")


def test_of_the_models_what_is_used_is_read_as_it_stands() -> None:
    whole = OmegaConf.load
    with sparing():
        little, config = OmegaConf.load(MODELS), OmegaConf.load(CONFIG)
        assert OmegaConf.load(MODELS) is little
    assert OmegaConf.load is whole
    assert config == OmegaConf.load(CONFIG)
    used = {"model_routes", "onnxruntime"}
    assert set(little) == used
    assert all(OmegaConf.select(little, name) == OmegaConf.select(OmegaConf.load(MODELS), name) for name in used)


def test_tones_are_scaled_as_rapidocr_scales_them(rapid: RapidReader) -> None:
    detector = rapid._engine.text_det
    scaling = detector.get_preprocess()
    pixels = np.random.default_rng(0).integers(0, 256, (90, 130, 3), np.uint8)
    own = type(scaling)(detector.limit_side_len, detector.limit_type, detector.mean, detector.std)
    assert np.array_equal(scaling(pixels), own(pixels))
    assert scaling(pixels).dtype == own(pixels).dtype == np.float32
