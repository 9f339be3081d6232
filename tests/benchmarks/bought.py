"""RapidOCR as its package comes: the peer that our reading is measured against. Its own defaults, sessions and stages.

Nothing of ours is in it: it looks for lines at the picture's own size (up to 2,000 pixels), asks its direction classifier about
each, reads six at a time, and lets subnormal numbers be slow. Only its logging is hushed, and its threads are as many as ours,
or waiting ones would be counted as work.
"""

from typing import Any

from fingerprints.types import Picture


class AsItComes:
    """``RapidOCR()`` of the package, with so many threads."""

    def __init__(self, threads: int) -> None:
        from rapidocr import RapidOCR  # noqa: PLC0415 (takes a second, and only who measures should pay)

        options = {f"EngineConfig.onnxruntime.{pool}_op_num_threads": threads for pool in ("intra", "inter")}
        self._engine: Any = RapidOCR(params={"Global.log_level": "critical", **options})

    def read(self, picture: Picture) -> list[str]:
        """Every line it reads in the pixels that our reader gets, from where they are decoded."""
        return list(self._engine(picture.pixels[:, :, ::-1]).txts or ())
