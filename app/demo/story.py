"""The staged chat, in order: five ways in which secrets leak, between the ordinary things people post.

A scene says what is posted, what leakwatch is expected to conclude and why. Pictures are made when ``draw`` is called.
"""

from collections.abc import Callable
from functools import cache

from app.demo import ordinary, pages
from app.demo.camera import jpeg, print_photo, screen_photo
from app.demo.cast import CODENAME, PRESS, SERIAL, TAG_URL, File, brief, report, unread_memo
from app.demo.equipment import photograph
from app.demo.laptop import laptop_photo
from app.demo.scenes import (
    AUNT,
    CANTEEN,
    CHENG,
    CLASSMATES,
    FAMILY,
    HU,
    IVO,
    LENA,
    MARKET,
    OFFICE,
    SELLER,
    SITE,
    TEACHERS,
    XIE,
    ZHANG,
    Expected,
    Scene,
    Sender,
)
from app.demo.screens import Bubble, chat_screenshot, crop, forward, sticker
from fingerprints.types import U8


@cache
def _press_photo() -> U8:
    return photograph(PRESS, azimuth=-11, elevation=20, distance=5.0, background_seed=0, light=0.6)


@cache
def _press_cut() -> U8:
    return sticker(crop(_press_photo(), 0.18, 0.02, 0.86, 0.95), 4)


@cache
def _screenshot_of_press() -> U8:
    talk = (Bubble("表姐", "表弟厂里的新设备"), Bubble("表姐", picture=_press_cut()), Bubble("Lena", "what is it?", mine=True))
    return chat_screenshot(_press_cut(), 5, talk, "Old classmates (43)")


def _cut_again() -> U8:
    return crop(_screenshot_of_press(), 0.1, 0.22, 0.85, 0.72)


@cache
def _report_photo(leaf: int) -> U8:
    return print_photo(report(leaf), seed=60 + leaf)


@cache
def _memo_received() -> bytes:
    return forward(unread_memo(), 1280, 75)


def _screenshot_of_report() -> U8:
    talk = (
        Bubble("Cheng", "page two, as promised"),
        Bubble("Cheng", picture=_report_photo(2)),
        Bubble("老陈", "收到，别再往外传了"),
        Bubble("Mara", "too late :)", mine=True),
    )
    return chat_screenshot(_report_photo(2), 7, talk, "Site four contractors (12)")


def _screenshot_of_memo() -> U8:
    talk = (
        Bubble("Hu", "please all read before Monday"),
        Bubble("Hu", picture=unread_memo()),
        Bubble("王老师", "这是给我们的吗？"),
        Bubble("Hu", "sorry, wrong group, deleting it"),
    )
    return chat_screenshot(unread_memo(), 9, talk, "Evening school teachers (61)")


def _other_official() -> U8:
    return pages.official(64, marking="机密★10年", number=8, head="临湖水务工程局").pixels


def _other_memo() -> U8:
    return pages.memo(67, banner="SECRET//NOFORN", letterhead="HARBOUR SIGNALS").pixels


def _photo(name: str, draw: Callable[[], bytes]) -> File:
    return File(name, "image/jpeg", cache(draw))


def _clear(why: str) -> Expected:
    return Expected("clear", why)


def _asset(title: str, why: str) -> Expected:
    return Expected("asset", why, title)


SCENES = (
    Scene(
        "m-001",
        None,
        0,
        "Somebody shows their lunch.",
        CANTEEN,
        IVO,
        _clear("An ordinary photo resembles nothing registered."),
        "noodles again",
        (_photo("IMG_1180.jpg", lambda: forward(ordinary.lunch(1))),),
    ),
    Scene(
        "m-002",
        1,
        4,
        "A temporary worker photographs the new press line and shows it to his family. Nobody registered that photo.",
        FAMILY,
        ZHANG,
        _asset("Workshop 3 press line", "Other photos of the same equipment, taken from other places, are registered."),
        "look what we have at work",
        (_photo("IMG_2031.jpg", lambda: jpeg(_press_photo(), 88)),),
    ),
    Scene(
        "m-003",
        1,
        9,
        "A relative cuts the photo down, puts faces on it and passes it on to old classmates.",
        CLASSMATES,
        AUNT,
        _asset("Workshop 3 press line", "Enough of the machine is left between the faces."),
        "表弟厂里的新设备",
        (_photo("mmexport17721.jpg", lambda: forward(_press_cut(), 960, 60)),),
        "m-002",
    ),
    Scene(
        "m-004",
        None,
        13,
        "At a trade fair another machine stands in a hall.",
        CLASSMATES,
        LENA,
        _clear("The same kind of fittings, but another machine."),
        "saw this one today",
        (_photo("IMG_0077.jpg", lambda: jpeg(photograph(6, 15, 15, 5.4, background_seed=3, light=0.3), 85)),),
    ),
    Scene(
        "m-005",
        None,
        15,
        "The office draws lots for Secret Santa.",
        CANTEEN,
        LENA,
        _clear("The word secret inside a sentence is no classification marking."),
        "secret santa: names are at the front desk, keep yours top secret until Friday",
        (_photo("santa.jpg", lambda: forward(ordinary.notice(6))),),
    ),
    Scene(
        "m-006",
        2,
        21,
        "A contractor photographs a secret report page by page and sends it to a group.",
        SITE,
        CHENG,
        _asset("Trial report No. 17", "Both pages are read and compared with what is registered."),
        "",
        (
            _photo("IMG_5520.jpg", lambda: jpeg(_report_photo(1), 85)),
            _photo("IMG_5521.jpg", lambda: jpeg(_report_photo(2), 85)),
        ),
    ),
    Scene(
        "m-007",
        2,
        24,
        "A member crops one half of the first page and forwards it.",
        CLASSMATES,
        XIE,
        _asset("Trial report No. 17", "Half a page holds enough of the registered text."),
        "看这段",
        (_photo("crop.jpg", lambda: forward(crop(_report_photo(1), 0.05, 0.42, 0.97, 0.9), 1080, 65)),),
        "m-006",
    ),
    Scene(
        "m-008",
        2,
        27,
        "Another takes a screenshot of the chat in which the second page stands.",
        MARKET,
        Sender("x-340", "Mara"),
        _asset("Trial report No. 17", "The page is found inside the screenshot."),
        "is this real?",
        (_photo("Screenshot_0312.jpg", lambda: jpeg(_screenshot_of_report(), 88)),),
        "m-006",
    ),
    Scene(
        "m-009",
        2,
        33,
        "Of a second document, Chinese and English on one page, only the first page arrives.",
        SITE,
        CHENG,
        _asset("Joint project brief", "One page is enough, whatever its language."),
        "rest later",
        (_photo("IMG_5530.jpg", lambda: jpeg(print_photo(brief(1), 71, 0.86), 80)),),
    ),
    Scene(
        "m-010",
        2,
        38,
        "The second page follows, photographed from a monitor.",
        SITE,
        CHENG,
        _asset("Joint project brief", "The monitor's grid and glare leave the text readable."),
        "",
        (_photo("IMG_5533.jpg", lambda: jpeg(screen_photo(brief(2), 72), 85)),),
    ),
    Scene(
        "m-011",
        None,
        44,
        "A colleague posts an ordinary circular on the same red letterhead.",
        OFFICE,
        HU,
        _clear("The same form as the registered report, but other content and no marking."),
        "请大家查收",
        (_photo("circular.jpg", lambda: forward(pages.official(52, number=52).pixels)),),
    ),
    Scene(
        "m-012",
        3,
        50,
        "Somebody offers a laptop that went missing last week.",
        MARKET,
        SELLER,
        _asset("Laptop 07", "The serial number in the text is registered."),
        f"selling laptop, barely used, no charger, serial {SERIAL}, make me an offer",
    ),
    Scene(
        "m-013",
        3,
        53,
        "Asked for proof, the seller sends a picture of its label.",
        MARKET,
        SELLER,
        _asset("Laptop 07", "Serial number and QR code on the label are read."),
        "here you go",
        (_photo("label.jpg", lambda: jpeg(laptop_photo(SERIAL, TAG_URL, 24, 52, 2.7, close=True, table=2), 80)),),
    ),
    Scene(
        "m-014",
        None,
        55,
        "A meme goes round.",
        CLASSMATES,
        AUNT,
        _clear("A joke is a joke."),
        "哈哈哈",
        (_photo("meme.jpg", lambda: forward(ordinary.meme(12))),),
    ),
    Scene(
        "m-015",
        4,
        61,
        "A page that nobody registered carries a Chinese classification marking.",
        SITE,
        XIE,
        Expected("marking", "机密★10年 stands where official pages carry their level and term."),
        "",
        (_photo("IMG_5541.jpg", lambda: jpeg(print_photo(_other_official(), 81), 85)),),
    ),
    Scene(
        "m-016",
        4,
        66,
        "So does an English one, photographed from a monitor.",
        CLASSMATES,
        IVO,
        Expected("marking", "SECRET//NOFORN stands at the top and at the bottom of the page."),
        "found this in the shared drive",
        (_photo("IMG_0102.jpg", lambda: jpeg(screen_photo(_other_memo(), 82), 85)),),
        gateway="mattermost-lab",
    ),
    Scene(
        "m-017",
        5,
        72,
        "A clerk forwards a document to the wrong group without having read it, and deletes it ten minutes later.",
        TEACHERS,
        HU,
        _asset("Hand-over memo", "The page bears no marking, but it is registered; what was posted stays inspected."),
        "please all read before Monday",
        (_photo("scan.jpg", _memo_received),),
    ),
    Scene(
        "m-018",
        5,
        84,
        "By then a member has a screenshot of the chat, and posts it elsewhere.",
        FAMILY,
        Sender("x-455", "王老师"),
        _asset("Hand-over memo", "The deleted page still stands in the screenshot."),
        "老师群里发错的文件",
        (_photo("Screenshot_0313.jpg", lambda: jpeg(_screenshot_of_memo(), 85)),),
        "m-017",
    ),
    Scene(
        "m-019",
        None,
        90,
        "Somebody gossips about a project by its code name.",
        SITE,
        XIE,
        _asset("Night Heron schedule", "The code name is a watched term of that asset."),
        f"heard {CODENAME} slips to May, anyone know more?",
    ),
    Scene(
        "m-020",
        None,
        95,
        "A landscape ends the day.",
        FAMILY,
        ZHANG,
        _clear("An ordinary photo resembles nothing registered."),
        "weekend plans",
        (_photo("IMG_2050.jpg", lambda: forward(ordinary.landscape(2))),),
    ),
    Scene(
        "m-021",
        1,
        97,
        "The press line goes on: a classmate takes a screenshot of the cut photo in the chat and posts it to the market.",
        MARKET,
        LENA,
        _asset("Workshop 3 press line", "The machine is found inside the screenshot of a part of the photo."),
        "anybody know what this is for?",
        (_photo("Screenshot_0314.jpg", lambda: jpeg(_screenshot_of_press(), 86)),),
    ),
    Scene(
        "m-022",
        1,
        101,
        "Somebody there cuts the picture out of the screenshot and passes it on, compressed once more.",
        TEACHERS,
        Sender("x-518", "小周"),
        _asset("Workshop 3 press line", "A crop of a screenshot of a crop still shows the machine."),
        "",
        (_photo("mmexport17809.jpg", lambda: forward(_cut_again(), 900, 55)),),
        "m-021",
    ),
    Scene(
        "m-023",
        1,
        104,
        "Zhang's first photo reaches the contractors as well.",
        SITE,
        XIE,
        _asset("Workshop 3 press line", "The whole photo, compressed by two messengers."),
        "有人见过吗？",
        (_photo("IMG-20260313.jpg", lambda: forward(_press_photo(), 1024, 60)),),
        "m-002",
    ),
)
