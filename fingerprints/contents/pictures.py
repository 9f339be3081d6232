"""Pictures: one, the pages of a TIFF, or the frames of an animation that differ."""

from collections.abc import Iterator
from functools import partial

from fingerprints import images
from fingerprints.contents.paged import label, paged
from fingerprints.contents.parts import Allowance, Item, Part
from fingerprints.contents.scenes import Scenes
from fingerprints.errors import Unreadable
from fingerprints.types import Limits, Unread

_PAGED = {"TIFF", "HEIF"}
_SMALL = 256  # pixels: an animation's frames are compared so small


def pictures(data: bytes, allowance: Allowance) -> Iterator[Item]:
    """Of an animation the first frame is always there, and is called the whole file."""
    limits = allowance.limits
    count = images.count_frames(data, limits)
    if count == 1:
        images.read_header(data, limits)
        yield Part("", load=partial(images.decode, data, limits))
    elif images.sniff(data) in _PAGED:
        yield from paged(count, limits.max_pages, lambda index: _page(data, limits, index))
    else:
        yield from _animation(data, allowance)


def _page(data: bytes, limits: Limits, index: int) -> Iterator[Part]:
    images.read_header(data, limits, index)
    yield Part(label(index), load=partial(images.decode, data, limits, frame=index))


def _animation(data: bytes, allowance: Allowance) -> Iterator[Item]:
    limits = allowance.limits
    header = images.read_header(data, limits)
    most = allowance.frames(header.width, header.height)
    yield Part("", load=partial(images.decode, data, limits))
    scenes, looked_at = Scenes(limits.max_pages), 0
    try:
        for looked_at, frame in enumerate(images.frames(data, limits, _SMALL)):
            if looked_at == most or scenes.full:
                detail = f"Of an animation {looked_at} frames were looked at. Send the others as pictures."
                yield Unread("too_many_frames", detail, f"frames after {looked_at}")
                return
            if scenes.new(frame) and looked_at:
                yield Part(f"frame {looked_at + 1}", load=partial(images.decode, data, limits, frame=looked_at))
        ended = images.complete(data)
    except Unreadable:
        ended = False
    if not ended:
        detail = f"The animation is cut off or damaged after {looked_at + 1} frames. Send it again."
        yield Unread("truncated", detail, f"frames after {looked_at + 1}")
