"""What the staged organisation registered before anything leaked, and the pictures it is made from.

Every ``draw`` makes the file's bytes when it is called, always the same, and remembers them.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from time import gmtime

from PIL import Image

from app.demo import pages
from app.demo.camera import jpeg, png
from app.demo.equipment import photograph
from app.demo.laptop import laptop_photo
from fingerprints.types import U8

PRESS = 0
"""Machine seed of the registered press line; it stands in hall 0."""
SERIAL = "YS-2207-0413"
TAG_URL = "https://assets.yuanshan.example/t/YS-2207-0413"
CODENAME = "Night Heron"
_VIEWS = ((-50, 16, 6.0), (-24, 10, 5.4), (0, 14, 5.8), (26, 18, 5.6), (52, 12, 6.0))
_SCHEDULE = """Night Heron: schedule for the spring campaign
The barge leaves Slate Quay on the second Monday of April with both reels aboard and no escort in sight of the shore.
The northern array goes down first; the southern one waits until the buoys have answered for six hours without a gap.
If the answer stays out, the crew cuts the tether at forty metres, marks the place and returns without a second attempt.
夜鹭计划春季安排：四月第二个星期一自青石滩码头出发，两只绞盘同船装载，岸上视线之内不安排伴航。
北侧阵列先行布放；南侧阵列须待浮标连续应答六小时无间断后再行下水，中断一次即重新计时。
"""


@dataclass(frozen=True, slots=True)
class File:
    """A file in the making; ``draw`` returns its bytes."""

    name: str
    content_type: str
    draw: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class RegisteredAsset:
    """What an owner registers: the fields of the API's ``asset`` with its files."""

    title: str
    kind: str
    level: str
    owner: str
    unit: str
    files: tuple[File, ...]
    terms: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    keep_originals: bool = False
    note: str = ""


def report(leaf: int) -> U8:
    """The secret trial report, Chinese, two pages."""
    return pages.official(17, marking="机密★10年", number=17, leaf=leaf).pixels


def brief(leaf: int) -> U8:
    """The confidential project brief, Chinese and English on one page, two pages."""
    return pages.mixed(23, marking="秘密★5年", leaf=leaf).pixels


def unread_memo() -> U8:
    """The memo that the clerk forwards without reading; it bears no marking."""
    return pages.memo(31).pixels


@cache
def _view(number: int) -> bytes:
    azimuth, elevation, distance = _VIEWS[number]
    return jpeg(photograph(PRESS, azimuth, elevation, distance, background_seed=0), 90)


@cache
def _report_pdf() -> bytes:
    target, undated = io.BytesIO(), gmtime(0)
    first, second = (Image.fromarray(report(leaf)) for leaf in (1, 2))
    first.save(target, "PDF", save_all=True, append_images=[second], resolution=150, creationDate=undated, modDate=undated)
    return target.getvalue()


@cache
def _brief_page(leaf: int) -> bytes:
    return png(brief(leaf))


@cache
def _memo() -> bytes:
    return png(unread_memo())


@cache
def _laptop(*, opened: bool) -> bytes:
    azimuth, elevation, distance = (-15, 38, 7.0) if opened else (10, 52, 6.0)
    return jpeg(laptop_photo(SERIAL, TAG_URL, azimuth, elevation, distance, opened=opened), 90)


ASSETS = (
    RegisteredAsset(
        title="Workshop 3 press line",
        kind="equipment",
        level="secret",
        owner="Equipment office",
        unit="Workshop 3",
        files=tuple(File(f"press-line-{n + 1}.jpg", "image/jpeg", partial(_view, n)) for n in range(len(_VIEWS))),
        keep_originals=True,
        note="Five photographs from different sides, taken when the line was installed.",
    ),
    RegisteredAsset(
        title="Trial report No. 17",
        kind="document",
        level="secret",
        owner="Records office",
        unit="Yuanshan Equipment Institute",
        files=(File("trial-report-17.pdf", "application/pdf", _report_pdf),),
        keep_originals=True,
        note="Two pages in Chinese, marked 机密★10年.",
    ),
    RegisteredAsset(
        title="Joint project brief",
        kind="document",
        level="confidential",
        owner="Joint project office",
        unit="Yuanshan Equipment Institute",
        files=tuple(File(f"brief-{leaf}.png", "image/png", partial(_brief_page, leaf)) for leaf in (1, 2)),
        note="Two pages, Chinese and English mixed; only fingerprints are kept.",
    ),
    RegisteredAsset(
        title="Laptop 07",
        kind="equipment",
        level="secret",
        owner="IT stores",
        unit="Test team two",
        files=(
            File("laptop-07-open.jpg", "image/jpeg", partial(_laptop, opened=True)),
            File("laptop-07-closed.jpg", "image/jpeg", partial(_laptop, opened=False)),
        ),
        tags=(SERIAL,),
        keep_originals=True,
        note="Its label bears the serial number and a QR code.",
    ),
    RegisteredAsset(
        title="Night Heron schedule",
        kind="text",
        level="top_secret",
        owner="Campaign office",
        unit="Harbour group",
        files=(File("night-heron.txt", "text/plain", _SCHEDULE.encode),),
        terms=(CODENAME, "夜鹭计划"),
        note="A text and the code name that stands for it.",
    ),
    RegisteredAsset(
        title="Hand-over memo",
        kind="document",
        level="confidential",
        owner="Engineering Division",
        unit="Northgate Instrument Works",
        files=(File("hand-over-memo.png", "image/png", _memo),),
        keep_originals=True,
        note="One page in English without any marking.",
    ),
)
