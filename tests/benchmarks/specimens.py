"""Pages that say how secret they are: a page for every marking of ``FORMS``, laid out as its scheme wants."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from app.demo import pages, vocabulary
from app.demo.lettering import RED, write
from app.demo.pages import HEIGHT, WIDTH, Page, Sheet
from fingerprints.types import U8
from tests.benchmarks import slides

_LIGHT_INK = (232, 236, 244)


@dataclass(frozen=True, slots=True)
class Specimen:
    """A marking as written, and what it says. ``draw``: a page that bears it."""

    text: str
    scheme: str
    level: str
    layout: str
    draw: Callable[[str, int], U8]


def _official(marking: str, seed: int) -> U8:
    return pages.official(seed, marking=marking).pixels


def _mixed(marking: str, seed: int) -> U8:
    return pages.mixed(seed, marking=marking).pixels


def _banner(marking: str, seed: int) -> U8:
    return pages.memo(seed, banner=marking).pixels


def _second_leaf(marking: str, seed: int) -> U8:
    return pages.memo(seed, banner=marking, leaf=2).pixels


def _portions(marking: str, seed: int) -> U8:
    """Every paragraph begins with its marking; the page has no banner, as where it was cut off."""
    rng, sheet, y = np.random.default_rng([seed, 8]), Sheet(), 190.0
    sentences = vocabulary.english(rng)
    for number in range(1, 9):
        text = f"{number}. {marking} {next(sentences)} {next(sentences)} {next(sentences)}"
        y = sheet.paragraph(text, (145, y, WIDTH - 145, HEIGHT - 190), 27, 43) + 28
    return sheet.page().pixels


def _slide(marking: str, seed: int) -> U8:
    """Light letters at the top and at the foot of a dark slide."""
    image = Image.fromarray(slides.slide(seed).pixels)
    drawn = Image.new("RGB", (image.width, image.height + 120), image.getpixel((image.width - 1, 0)))
    drawn.paste(image, (0, 60))
    pen = Sheet(drawn).pen
    for y in (44, drawn.height - 18):
        write(pen, (drawn.width / 2, y), marking, 32, colour=_LIGHT_INK, anchor="ms", bold=True)
    return np.asarray(drawn)


def _stamped(marking: str, seed: int) -> U8:
    """A red frame stamped over the head of the page."""
    image = Image.fromarray(pages.official(seed, leaf=2).pixels)
    pen = Sheet(image).pen
    pen.rectangle((150, 90, 470, 170), outline=RED, width=5)
    write(pen, (310, 132), marking, 44, colour=RED, anchor="mm", bold=True)
    return np.asarray(image)


_CHINESE = (
    ("机密★10年", "机密"),
    ("绝密★长期", "绝密"),
    ("秘密★1年", "秘密"),
    ("秘密★6个月", "秘密"),
    ("机密★会议开始前", "机密"),
    ("绝密★2030年12月31日", "绝密"),
    ("机　密　★　20 年", "机密"),
)
_BANNERS = (
    ("TOP SECRET//SI/TK//RELIDO", "US", "TOP SECRET"),
    ("SECRET//NOFORN", "US", "SECRET"),
    ("SECRET//RD-SIGMA 1 2", "US", "SECRET"),
    ("CONFIDENTIAL//REL TO USA, GBR", "US", "CONFIDENTIAL"),
    ("TOP SECRET//SPECIAL ACCESS REQUIRED-BUTTERED POPCORN", "US", "TOP SECRET"),
    ("//JOINT SECRET CAN GBR USA", "US", "SECRET"),
    ("TOP SECRET", "US", "TOP SECRET"),
    ("SECRET", "US", "SECRET"),
    ("CONFIDENTIAL", "US", "CONFIDENTIAL"),
    ("CUI//SP-PRVCY", "CUI", "CUI"),
    ("CUI", "CUI", "CUI"),
    ("//COSMIC TOP SECRET", "NATO", "COSMIC TOP SECRET"),
    ("NATO SECRET", "NATO", "NATO SECRET"),
    ("NATO RESTRICTED", "NATO", "NATO RESTRICTED"),
    ("TRÈS SECRET UE/EU TOP SECRET", "EU", "EU TOP SECRET"),
    ("RESTREINT UE/EU RESTRICTED", "EU", "EU RESTRICTED"),
    ("STRENG GEHEIM", "DE", "STRENG GEHEIM"),
    ("VS-NUR FÜR DEN DIENSTGEBRAUCH", "DE", "VS-NfD"),
    ("VS-VERTRAULICH", "DE", "VS-VERTRAULICH"),
    ("TRÈS SECRET", "FR", "TRÈS SECRET"),
    ("DIFFUSION RESTREINTE", "FR", "DIFFUSION RESTREINTE"),
    ("TOP SECRET STRAP2 UK EYES ONLY", "UK", "TOP SECRET"),
    ("OFFICIAL-SENSITIVE", "UK", "OFFICIAL-SENSITIVE"),
)
_PORTIONS = (
    ("(TS//SI-G//OC/NF)", "US", "TOP SECRET"),
    ("(S//REL TO USA, GBR/DISPLAY ONLY AFG)", "US", "SECRET"),
    ("(C//NF)", "US", "CONFIDENTIAL"),
    ("(//NS-A)", "NATO", "NATO SECRET"),
)

FORMS: tuple[Specimen, ...] = (
    *(Specimen(text, "CN", level, "official", _official) for text, level in _CHINESE),
    *(Specimen(text, "CN", level, "two languages", _mixed) for text, level in _CHINESE[:3]),
    *(Specimen(text, "CN", level, "red stamp", _stamped) for text, level in _CHINESE[:3]),
    *(Specimen(*form, "banner", _banner) for form in _BANNERS),
    *(Specimen(*form, "banner, second page", _second_leaf) for form in _BANNERS[::4]),
    *(Specimen(*form, "dark slide", _slide) for form in _BANNERS[::3]),
    *(Specimen(*form, "portion marks", _portions) for form in _PORTIONS),
)


def plain(seed: int) -> Page:
    """A page that bears none."""
    return (pages.official, pages.memo, pages.mixed, pages.table)[seed % 4](seed)
