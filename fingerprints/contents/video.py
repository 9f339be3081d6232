"""Films: their key frames, those that show a new scene. A long one is looked at here and there, evenly, over its whole length."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING

import av
import numpy as np

from fingerprints.contents.parts import Allowance, Item, Part
from fingerprints.contents.scenes import Scenes
from fingerprints.errors import Unreadable
from fingerprints.types import U8, Limits, Picture, Unread

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

_LONGEST_SIDE, _SMALL = 2048, 192  # pixels of a frame to be inspected, and to be compared with others
_SEEK = 10.0  # seconds between two frames to look at from which on it is quicker to go there than to read what lies between
_SAME_TIME = 0.001
_DAMAGED = "The film is damaged. Send it again, or send pictures of it."
_BRANDS = (b"iso", b"mp4", b"avc", b"qt ", b"M4V", b"MSN", b"3gp", b"3g2", b"das", b"f4v")


def is_video(data: bytes) -> bool:
    """MP4, MOV and their kin (ISO/IEC 14496-12), Matroska and WebM."""
    if data[4:8] == b"ftyp":
        return data[8:11] in _BRANDS
    return data[4:8] in {b"moov", b"mdat", b"wide"} or data.startswith(b"\x1aE\xdf\xa3")


def video(data: bytes, allowance: Allowance) -> Iterator[Item]:
    """A part a scene, called by its time."""
    limits, scenes, until = allowance.limits, Scenes(allowance.limits.max_pages), ""
    skipped: list[float] = []
    for seconds, grey in _key_frames(data, allowance, skipped):
        if scenes.full:
            detail = f"Only the first {limits.max_pages} scenes are looked at. Send the rest as another file."
            yield Unread("too_many_frames", detail, f"after {until}")
            return
        until = clock(seconds)
        if scenes.new(grey):
            yield Part(f"at {until}", load=partial(_frame, data, seconds, limits))
    if not until:
        raise Unreadable("corrupt", _DAMAGED)
    if skipped:
        detail = "It is too long to look at every key frame: some were passed over, evenly. Send the rest as shorter files."
        yield Unread("too_many_frames", detail, f"some frames from {clock(skipped[0])} on")


def clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}.{int(seconds * 10) % 10}"


def _key_frames(data: bytes, allowance: Allowance, skipped: list[float]) -> Iterator[tuple[float, U8]]:
    """(seconds, small and grey) of key frames, as many as are allowed, evenly over the film.

    ``skipped``: takes the seconds of those that were passed over, as far as they are known.
    """
    with _opened(data, allowance.limits) as (film, stream):
        most = allowance.frames(stream.width, stream.height)
        step, due = (film.duration or 0) / av.time_base / most, 0.0
        looked_at = 0
        while (frame := next(film.decode(stream), None)) is not None:
            seconds = frame.time or 0.0
            if seconds < due or looked_at == most:
                skipped.append(seconds)
                if looked_at == most:
                    return
                continue
            looked_at += 1
            yield seconds, np.asarray(frame.reformat(_SMALL, _SMALL, format="gray").to_ndarray(), np.uint8)
            due = seconds + step
            if step >= _SEEK:
                film.seek(int(due * av.time_base))


def _frame(data: bytes, seconds: float, limits: Limits) -> Picture:
    with _opened(data, limits) as (film, stream):
        film.seek(int(seconds * av.time_base))
        for frame in film.decode(stream):
            if (frame.time or 0.0) >= seconds - _SAME_TIME:
                shrink = min(1.0, _LONGEST_SIDE / max(frame.width, frame.height))
                size = max(1, round(frame.width * shrink)), max(1, round(frame.height * shrink))
                pixels = np.asarray(frame.reformat(*size, format="rgb24").to_ndarray(), np.uint8)
                upright = np.ascontiguousarray(np.rot90(pixels, round(frame.rotation / 90)))
                turned = upright.shape[:2] != pixels.shape[:2]
                wide, high = (frame.height, frame.width) if turned else (frame.width, frame.height)
                return Picture(upright, wide, high)
    raise Unreadable("corrupt", _DAMAGED)


@contextmanager
def _opened(data: bytes, limits: Limits) -> Iterator[tuple["InputContainer", "VideoStream"]]:
    """A film of which only key frames are decoded. Raises Unreadable for whatever FFmpeg cannot do."""
    try:
        with av.open(BytesIO(data), mode="r", metadata_errors="ignore") as film:
            if not film.streams.video:
                raise Unreadable("unsupported", "There are no pictures in it, and sound is not listened to.")
            stream = film.streams.video[0]
            if stream.width * stream.height > limits.max_pixels:
                size = f"{stream.width} x {stream.height} pixels"
                detail = f"{size}; at most {limits.max_pixels:,} in all are read. Send a smaller copy."
                raise Unreadable("too_many_pixels", detail)
            stream.codec_context.skip_frame = "NONKEY"
            stream.codec_context.thread_count = 1
            yield film, stream
    except Unreadable:
        raise
    except Exception as error:  # FFmpeg's errors are many, and so are those of the bindings over a damaged header
        raise Unreadable("corrupt", _DAMAGED) from error
