"""RapidOCR's list of models is read once, without what is not used of it, and only while RapidOCR is imported."""

from pathlib import Path

import rapidocr
from omegaconf import OmegaConf

from fingerprints.networks import sparing

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
