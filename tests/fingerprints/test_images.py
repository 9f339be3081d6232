"""Every kind of picture file people send, and every kind of broken one."""

import struct
import time
import zlib
from io import BytesIO

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from fingerprints.errors import Unreadable
from fingerprints.images import count_frames, decode, read_header, sniff
from fingerprints.types import U8, Limits

LIMITS = Limits()


def drawing(width: int = 320, height: int = 200) -> Image.Image:
    """White, with a red block top left and a blue one bottom right: every turn and every lost colour shows."""
    picture = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, width // 4, height // 4), fill="red")
    draw.rectangle((width * 3 // 4, height * 3 // 4, width, height), fill="blue")
    return picture


def noise(width: int, height: int, seed: int = 1) -> Image.Image:
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 255, (height, width, 3), dtype=np.uint8))


def encoded(picture: Image.Image, form: str, **options: object) -> bytes:
    out = BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def looks_like_the_drawing(pixels: U8, tolerance: int = 60) -> bool:
    height, width = pixels.shape[:2]
    at = {(0.1, 0.1): (255, 0, 0), (0.9, 0.9): (0, 0, 255), (0.1, 0.9): (255, 255, 255), (0.5, 0.5): (255, 255, 255)}
    return all(
        np.abs(pixels[int(y * height), int(x * width)].astype(int) - colour).max() <= tolerance for (y, x), colour in at.items()
    )


def huge_one_bit_png(side: int = 13000) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress(bytes((side // 8 + 2) * side), 9)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("form", "mode", "options"),
    [
        ("JPEG", "RGB", {"quality": 90}),
        ("JPEG", "CMYK", {"quality": 90}),
        ("PNG", "RGB", {}),
        ("PNG", "P", {}),
        ("PNG", "RGBA", {}),
        ("GIF", "P", {}),
        ("BMP", "RGB", {}),
        ("WEBP", "RGB", {"lossless": True}),
        ("TIFF", "RGB", {"compression": "tiff_lzw"}),
        ("TIFF", "CMYK", {}),
    ],
)
def test_every_form_shows_the_same_drawing(form: str, mode: str, options: dict[str, object]) -> None:
    data = encoded(drawing().convert(mode), form, **options)
    assert sniff(data) == form
    picture = decode(data, LIMITS)
    assert (picture.width, picture.height, picture.truncated) == (320, 200, False)
    assert picture.pixels.shape == (200, 320, 3)
    assert picture.pixels.dtype == np.uint8
    assert looks_like_the_drawing(picture.pixels)


@pytest.mark.parametrize("form", ["TIFF", "PNG", "BMP"])
def test_one_bit_pictures_are_black_and_white(form: str) -> None:
    pixels = decode(encoded(drawing().convert("1", dither=Image.Dither.NONE), form), LIMITS).pixels
    assert set(np.unique(pixels)) == {0, 255}
    assert pixels[5, 5].tolist() == [0, 0, 0]
    assert pixels[5, -5].tolist() == [255, 255, 255]


def test_fax_compressed_tiff() -> None:
    bitonal = drawing().convert("1", dither=Image.Dither.NONE)
    pixels = decode(encoded(bitonal, "TIFF", compression="group4"), LIMITS).pixels
    assert np.array_equal(pixels[..., 0], np.array(bitonal, dtype=np.uint8) * 255)


def test_sixteen_bit_png_keeps_its_greys() -> None:
    ramp = np.tile(np.linspace(0, 65535, 256).astype(np.uint16), (40, 1))
    pixels = decode(encoded(Image.fromarray(ramp), "PNG"), LIMITS).pixels
    assert np.abs(pixels[0, :, 0].astype(int) - np.arange(256)).max() <= 1


def test_floating_tiff_is_stretched() -> None:
    ramp = np.tile(np.linspace(-3.0, 9.0, 256, dtype=np.float32), (40, 1))
    pixels = decode(encoded(Image.fromarray(ramp), "TIFF"), LIMITS).pixels
    assert pixels[0, 0, 0] == 0
    assert pixels[0, -1, 0] == 255


@pytest.mark.parametrize(("form", "mode"), [("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGB"), ("PNG", "L")])
@pytest.mark.parametrize("longest_side", [100, 2048])
def test_grey_and_colours_show_the_same(form: str, mode: str, longest_side: int) -> None:
    """A JPEG's grey is decoded without its colours; where those saturate, it is a little another."""
    picture = decode(encoded(drawing().convert(mode), form), LIMITS, longest_side)
    assert picture.grey.shape == picture.pixels.shape[:2]
    grey = np.asarray(Image.fromarray(picture.pixels).convert("L")).astype(int)
    assert np.abs(picture.grey - grey).mean() < 1


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_becomes_white(mode: str) -> None:
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    clear.paste((200, 0, 0, 255), (0, 0, 20, 20))
    pixels = decode(encoded(clear.convert(mode), "PNG"), LIMITS).pixels
    assert pixels[30, 30].tolist() == [255, 255, 255]
    assert pixels[10, 10].max() < 255


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(form: str, orientation: int) -> None:
    stored = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the inverse of each turn, as Image.Transpose values
    turned = drawing().transpose(Image.Transpose(stored[orientation])) if orientation in stored else drawing()
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = decode(encoded(turned, form, exif=exif), LIMITS)
    assert (picture.width, picture.height) == (320, 200)
    assert looks_like_the_drawing(picture.pixels)


def test_nonsense_exif_is_ignored() -> None:
    data = encoded(drawing(), "JPEG", exif=b"Exif\0\0garbage that is no TIFF header")
    assert looks_like_the_drawing(decode(data, LIMITS).pixels)


def test_first_frame_of_an_animation() -> None:
    data = encoded(drawing(), "GIF", save_all=True, append_images=[Image.new("RGB", (320, 200), "green")])
    assert count_frames(data, LIMITS) == 2
    assert looks_like_the_drawing(decode(data, LIMITS).pixels)


def test_pages_of_a_tiff() -> None:
    data = encoded(Image.new("L", (30, 20), 9), "TIFF", save_all=True, append_images=[drawing(), drawing(500, 100)])
    assert count_frames(data, LIMITS) == 3
    assert read_header(data, LIMITS, 2).width == 500
    assert looks_like_the_drawing(decode(data, LIMITS, frame=1).pixels)
    assert count_frames(data, Limits(max_pages=1)) == 2


@pytest.mark.parametrize(("form", "mode"), [("JPEG", "RGB"), ("PNG", "P"), ("PNG", "RGBA"), ("TIFF", "1")])
def test_large_pictures_are_reduced(form: str, mode: str) -> None:
    picture = decode(encoded(drawing(3001, 1777).convert(mode), form), LIMITS, longest_side=640)
    assert (picture.width, picture.height) == (3001, 1777)
    assert max(picture.pixels.shape) == 640
    assert picture.pixels.shape[0] == pytest.approx(379, abs=1)
    assert mode == "1" or looks_like_the_drawing(picture.pixels)


def test_reducing_averages_instead_of_dropping() -> None:
    board = (np.indices((2000, 2000)).sum(axis=0) % 2 * 255).astype(np.uint8)
    pixels = decode(encoded(Image.fromarray(board), "PNG"), LIMITS, longest_side=500).pixels
    assert np.abs(pixels.astype(int) - 127).max() <= 2


def test_a_huge_one_bit_png_is_refused_at_its_header() -> None:
    data = huge_one_bit_png()
    assert len(data) < 25_000
    started = time.process_time()
    with pytest.raises(Unreadable) as caught:
        decode(data, LIMITS)
    assert time.process_time() - started < 0.05
    assert caught.value.code == "too_many_pixels"
    assert "13000 x 13000" in caught.value.detail


def test_pixels_between_our_limit_and_pillows_do_not_warn() -> None:
    assert read_header(huge_one_bit_png(9800), LIMITS).width == 9800


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"plain words, no picture", "unsupported"),
        (b"%PDF-1.7", "unsupported"),
        (b"BM and other abbreviations", "unsupported"),
        (b"\xff\xd8\xff\xe0 garbage that is no JPEG", "corrupt"),
        (b"\x89PNG\r\n\x1a\n", "corrupt"),
        (b"II*\0\xff\xff\xff\x7f", "corrupt"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "corrupt"),
    ],
)
def test_what_is_no_picture_is_named(data: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        decode(data, LIMITS)
    assert caught.value.code == code
    assert "Send" in caught.value.detail


def test_too_many_bytes() -> None:
    with pytest.raises(Unreadable) as caught:
        decode(encoded(noise(64, 64), "PNG"), Limits(max_bytes=1000))
    assert caught.value.code == "too_many_bytes"


@pytest.mark.parametrize(
    ("form", "options"), [("JPEG", {}), ("JPEG", {"progressive": True}), ("PNG", {}), ("BMP", {}), ("GIF", {})]
)
def test_half_a_file_shows_what_came(form: str, options: dict[str, object]) -> None:
    whole = noise(400, 300)
    data = encoded(whole, form, **options)
    picture = decode(data[: len(data) * 6 // 10], LIMITS)
    assert picture.truncated
    assert (picture.width, picture.height) == (400, 300)
    assert picture.pixels[:100].std() > 30 or picture.pixels[-100:].std() > 30  # a BMP begins at the bottom


def test_a_file_that_ends_before_its_pixels() -> None:
    data = encoded(noise(400, 300), "PNG")
    with pytest.raises(Unreadable) as caught:
        decode(data[:60], LIMITS)
    assert caught.value.code in {"truncated", "corrupt"}


SAMPLES = [
    encoded(noise(48, 32).convert(mode), form)
    for form, mode in [
        ("JPEG", "RGB"),
        ("PNG", "P"),
        ("PNG", "RGBA"),
        ("GIF", "P"),
        ("TIFF", "1"),
        ("WEBP", "RGB"),
        ("BMP", "RGB"),
    ]
]


@settings(max_examples=250, deadline=None)
@given(
    st.sampled_from(SAMPLES),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=12),
    st.floats(0, 1),
)
@example(SAMPLES[0], [], 0.0)
def test_damaged_bytes_decode_or_are_unreadable(sample: bytes, changes: list[tuple[float, int]], kept: float) -> None:
    damaged = bytearray(sample)
    for where, value in changes:
        damaged[int(where * len(damaged))] = value
    data = bytes(damaged[: round(kept * len(damaged))])
    small = Limits(max_pixels=1_000_000)
    try:
        picture = decode(data, small, longest_side=128)
    except Unreadable as error:
        assert error.detail  # noqa: PT017
    else:
        assert picture.pixels.ndim == 3
        assert max(picture.pixels.shape) <= 128
