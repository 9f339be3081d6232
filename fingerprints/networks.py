"""The neural networks that find and read lines, as RapidOCR runs them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from fingerprints.errors import EngineMissing

_MODELS = "default_models.yaml"
_UNUSED = {"lang_mapping", "fonts", "openvino", "mnn", "paddle", "torch", "tensorrt"}
"""Of what RapidOCR knows of models: what languages are called, what they are drawn with, and engines that are not asked."""


def opened(side: int, threads: int, more: Mapping[str, float]) -> Any:
    """RapidOCR, looking for lines at ``side`` pixels of the longer side. ``more``: of its parameters. Raises EngineMissing."""
    try:
        import onnxruntime  # noqa: PLC0415 (takes a second, and only this engine's users should pay)

        with suppress(Exception), sparing():  # of another version, whatever it makes of this: as it comes
            import_module("rapidocr.main")
        from rapidocr import RapidOCR  # noqa: PLC0415
    except ImportError as error:
        raise EngineMissing("RapidOCR is not installed: pip install rapidocr onnxruntime") from error
    onnxruntime.disable_telemetry_events()
    engine: Any = RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.max_side_len": 4096,
            "Global.min_side_len": 1,  # else a strip of a few rows is blown up until its width takes seconds
            "Det.limit_type": "max",
            "Det.limit_side_len": side,
            "Rec.rec_batch_num": 1,  # on one thread six together cost a quarter more, and each says what the others let it
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            **more,
        }
    )
    _tabulate(engine.text_det or engine._load_det_model())
    return engine


def _tabulate(detector: Any) -> None:
    """Has tones scaled for the network by a table of all 256: RapidOCR reckons each pixel anew, in twice the width it keeps."""
    scaling = detector.get_preprocess()
    tones = np.repeat(np.arange(256, dtype=np.uint8), 3).reshape(256, 1, 3)
    table = scaling.normalize(tones).astype(np.float32)
    scaling.normalize = lambda pixels: cv2.LUT(pixels, table)
    detector.get_preprocess = lambda: scaling


@contextmanager
def sparing() -> Iterator[None]:
    """Meanwhile the list of models is read once, and without what is not used of it.

    RapidOCR reads it twice as it is imported, which took two fifths of the time from nothing to the first picture's first look.
    """
    import yaml  # noqa: PLC0415 (as RapidOCR)
    from omegaconf import OmegaConf  # noqa: PLC0415

    whole = OmegaConf.load

    @cache
    def load(path: str | Path) -> Any:
        if Path(path).name != _MODELS:
            return whole(path)
        models = yaml.load(Path(path).read_bytes(), yaml.CSafeLoader)
        return OmegaConf.create({name: part for name, part in models.items() if name not in _UNUSED})

    OmegaConf.load = load  # type: ignore[method-assign]
    try:
        yield
    finally:
        OmegaConf.load = whole  # type: ignore[method-assign]
