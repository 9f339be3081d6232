"""What people post all day: a lunch, a landscape, a cat, a meme, a notice on a door."""

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from app.demo.camera import expose
from app.demo.lettering import Colour, font, wrap, write
from app.demo.rooms import tabletop
from app.demo.surfaces import clouds, plaster, tinted
from fingerprints.types import U8

_SHAPE = (900, 1200)
_MEMES = (
    ("周一早上的我", "咖啡还没到"),
    ("ONE DOES NOT SIMPLY", "LEAVE AT FIVE"),
    ("会议说十分钟", "两小时以后"),
    ("WHEN THE BUILD", "IS GREEN AT LAST"),
    ("群里有人发红包", "抢到一分钱"),
    ("DIET STARTS", "TOMORROW"),
)
_NOTICES = (
    ("食堂通知", "本周三起早餐供应时间调整为七点至八点半。新增豆浆和杂粮粥，欢迎品尝。用餐后请将餐具送至回收处。"),
    ("寻物启事", "昨天下午在篮球场遗失蓝色雨伞一把，伞柄上有小猫贴纸。拾到者请放到传达室，谢谢！"),
    ("Secret Santa", "Draw a name at the front desk by Friday. Gifts up to ten euros, wrapped, no names on them. Party at four."),
    (
        "Car wash day",
        "The yard is closed on Saturday morning. Please park behind the sports hall. Buckets and sponges are provided.",
    ),
    ("停水通知", "因管道检修，周六上午九点到十二点生活区停水，请提前储水。给您带来不便，敬请谅解。"),
)


def _tone(rng: np.random.Generator, low: int, high: int) -> Colour:
    red, green, blue = rng.integers(low, high, 3).tolist()
    return red, green, blue


def lunch(seed: int) -> U8:
    """A bowl and a plate from above; uint8, (900, 1200, 3)."""
    rng = np.random.default_rng([seed, 41])
    table = tabletop(int(rng.integers(4)), rng, _SHAPE)
    bowl, plate = (400 + int(rng.integers(-40, 40)), 470), (890 + int(rng.integers(-20, 30)), 400 + int(rng.integers(-60, 90)))
    _dish(table, bowl, int(rng.integers(260, 310)), rng)
    _noodles(table, bowl, int(rng.integers(190, 215)), rng)
    _dish(table, plate, int(rng.integers(160, 185)), rng)
    _greens(table, plate, 120, rng)
    for offset in (0, 26):
        cv2.line(table, (1040 + offset, 860), (1130 + offset // 2, 470), (70, 38, 24), 13, cv2.LINE_AA)
        cv2.line(table, (1038 + offset, 856), (1127 + offset // 2, 470), (122, 70, 44), 4, cv2.LINE_AA)
    return expose(table, rng, 1.3)


def _dish(table: U8, centre: tuple[int, int], radius: int, rng: np.random.Generator) -> None:
    x, y = centre
    shadow = np.zeros(table.shape[:2], np.uint8)
    cv2.circle(shadow, (x + 14, y + 20), radius + 6, 255, -1)
    gain = 1 - 0.55 * cv2.GaussianBlur(shadow, (0, 0), 16)[:, :, None] / 255
    np.copyto(table, (table * gain).astype(np.uint8))
    glaze = ((236, 238, 240), (206, 222, 232), (240, 230, 214))[rng.integers(3)]
    cv2.circle(table, centre, radius, glaze, -1, cv2.LINE_AA)
    for share, gain_ in ((0.97, 0.9), (0.94, 1.05), (0.8, 0.84), (0.78, 0.95)):
        tone = tuple(min(255.0, c * gain_) for c in glaze)
        cv2.circle(table, centre, int(radius * share), tone, -1 if share < 0.9 else 4, cv2.LINE_AA)
    for angle in range(0, 360, 20):
        cv2.ellipse(table, centre, (int(radius * 0.88),) * 2, 0, angle, angle + 9, (52, 92, 160), 6, cv2.LINE_AA)


def _noodles(table: U8, centre: tuple[int, int], radius: int, rng: np.random.Generator) -> None:
    cv2.circle(table, centre, radius, (150, 92, 44), -1, cv2.LINE_AA)
    for _ in range(95):
        start, turn = rng.uniform(0, 2 * np.pi), rng.uniform(-1.6, 1.6)
        t = np.linspace(0, 1, 30)
        reach = radius * rng.uniform(0.25, 0.92) * np.sqrt(0.15 + 0.85 * t)
        points = np.stack([np.cos(start + turn * t) * reach, np.sin(start + turn * t) * reach], 1) + centre
        tone = float(rng.uniform(0.82, 1.06))
        _strand(table, points.astype(np.int32), tone)
    for _ in range(6):
        at = (np.array(centre) + np.clip(rng.normal(0, radius * 0.3, 2), -0.6 * radius, 0.6 * radius)).astype(int)
        cv2.ellipse(table, (int(at[0]), int(at[1])), (46, 30), float(rng.uniform(0, 180)), 0, 360, (126, 62, 44), -1, cv2.LINE_AA)
        cv2.ellipse(table, (int(at[0]) - 4, int(at[1]) - 5), (34, 20), 20, 0, 360, (158, 84, 60), -1, cv2.LINE_AA)
    egg = (int(centre[0] + radius * 0.42), int(centre[1] - radius * 0.38))
    cv2.ellipse(table, egg, (62, 48), 25, 0, 360, (250, 246, 234), -1, cv2.LINE_AA)
    cv2.circle(table, egg, 27, (240, 160, 40), -1, cv2.LINE_AA)


def _strand(table: U8, points: npt.NDArray[np.int32], tone: float) -> None:
    cv2.polylines(table, [np.add(points, (2, 3))], False, (110, 70, 34), 8, cv2.LINE_AA)
    cv2.polylines(table, [points], False, tuple(c * tone for c in (232, 196, 124)), 8, cv2.LINE_AA)
    cv2.polylines(table, [np.subtract(points, (1, 2))], False, (250, 226, 170), 2, cv2.LINE_AA)


def _greens(table: U8, centre: tuple[int, int], radius: int, rng: np.random.Generator) -> None:
    for _ in range(70):
        at = (np.array(centre) + rng.normal(0, radius * 0.42, 2)).astype(int)
        tone = tuple(float(c * rng.uniform(0.7, 1.2)) for c in (74, 132, 50))
        axes = (int(rng.integers(14, 44)), int(rng.integers(6, 18)))
        cv2.ellipse(table, (int(at[0]), int(at[1])), axes, float(rng.uniform(0, 180)), 0, 360, tone, -1, cv2.LINE_AA)
    for _ in range(8):
        at = (np.array(centre) + rng.normal(0, radius * 0.4, 2)).astype(int)
        cv2.circle(table, (int(at[0]), int(at[1])), int(rng.integers(9, 20)), (206, 52, 40), -1, cv2.LINE_AA)


def landscape(seed: int) -> U8:
    """Hills under a sky; uint8, (900, 1200, 3)."""
    rng = np.random.default_rng([seed, 42])
    picture = _sky(rng)
    base = np.array([(96, 118, 140), (84, 110, 92), (120, 96, 112)][rng.integers(3)], float)
    for layer in range(5):
        ridge = clouds((2, 1200), rng, 3 + 2 * layer, 5)[0] * (70 - 6 * layer) + 420 + 95 * layer
        tone = base * (1.25 - 0.22 * layer)
        below = np.arange(900)[:, None] > ridge[None, :]
        texture = tinted(_SHAPE, (int(tone[0]), int(tone[1]), int(tone[2])), 1 + 0.10 * clouds(_SHAPE, rng, 20, 4))
        np.copyto(picture, texture, where=below[:, :, None])
    return expose(picture, rng, 1.0)


def _sky(rng: np.random.Generator) -> U8:
    top, low = ((70, 120, 190), (226, 222, 208)) if rng.random() < 0.6 else ((60, 60, 110), (246, 170, 110))
    t = np.linspace(0, 1, 900, dtype=np.float32)[:, None, None] ** 0.8
    sky = np.array(top, np.float32) * (1 - t) + np.array(low, np.float32) * t
    cover = np.clip(clouds(_SHAPE, rng, 3, 6) * 1.3 - 0.2, 0, 0.85)[:, :, None]
    sky = sky * (1 - cover) + 250 * cover
    picture = np.ascontiguousarray(np.clip(sky, 0, 255).astype(np.uint8))
    cv2.circle(picture, (int(rng.integers(150, 1050)), int(rng.integers(100, 300))), 46, (255, 246, 214), -1, cv2.LINE_AA)
    return picture


def cat(seed: int) -> U8:
    """A drawn cat before a wall; uint8, (900, 1200, 3)."""
    rng = np.random.default_rng([seed, 43])
    wall = plaster(_SHAPE, rng, _tone(rng, 170, 235), _tone(rng, 90, 160))
    fur = ((208, 140, 66), (92, 92, 98), (226, 214, 196), (60, 54, 52))[rng.integers(4)]
    x, y = int(rng.integers(480, 720)), 470
    dark = tuple(c * 0.7 for c in fur)
    cv2.ellipse(wall, (x, y + 330), (230, 300), 0, 0, 360, fur, -1, cv2.LINE_AA)
    for side in (-1, 1):
        ear = np.array([(x + side * 60, y - 150), (x + side * 200, y - 290), (x + side * 190, y - 40)])
        cv2.fillPoly(wall, [ear], fur, cv2.LINE_AA)
        cv2.fillPoly(wall, [((ear - ear.mean(0)) * 0.55 + ear.mean(0)).astype(np.int32)], (226, 160, 156), cv2.LINE_AA)
    cv2.ellipse(wall, (x, y), (215, 185), 0, 0, 360, fur, -1, cv2.LINE_AA)
    for k in range(-2, 3):
        cv2.line(wall, (x + 34 * k, y - 180 + abs(k) * 8), (x + 26 * k, y - 110), dark, 12, cv2.LINE_AA)
    _face(wall, x, y, rng)
    grain = (clouds(_SHAPE, rng, 120, 2) * 7)[:, :, None]
    return expose(np.clip(wall + grain, 0, 255).astype(np.uint8), rng, 1.2)


def _face(wall: U8, x: int, y: int, rng: np.random.Generator) -> None:
    iris = ((120, 180, 70), (80, 150, 200), (220, 170, 50))[rng.integers(3)]
    look = int(rng.integers(-14, 15))
    for side in (-1, 1):
        eye = (x + side * 88, y - 10)
        cv2.ellipse(wall, eye, (52, 46), 0, 0, 360, (250, 250, 246), -1, cv2.LINE_AA)
        cv2.circle(wall, (eye[0] + look, eye[1]), 36, iris, -1, cv2.LINE_AA)
        cv2.ellipse(wall, (eye[0] + look, eye[1]), (13, 32), 0, 0, 360, (16, 16, 18), -1, cv2.LINE_AA)
        cv2.circle(wall, (eye[0] + look - 10, eye[1] - 14), 8, (255, 255, 255), -1, cv2.LINE_AA)
        cv2.ellipse(wall, (x + side * 32, y + 92), (34, 24), 0, 0, 180, (40, 34, 34), 5, cv2.LINE_AA)
        for k in range(3):
            cv2.line(wall, (x + side * 70, y + 76 + 14 * k), (x + side * 250, y + 50 + 34 * k), (246, 246, 246), 2, cv2.LINE_AA)
    cv2.fillPoly(wall, [np.array([(x - 24, y + 58), (x + 24, y + 58), (x, y + 88)])], (214, 120, 124), cv2.LINE_AA)


def meme(seed: int) -> U8:
    """A picture with two lines over it; uint8, (900, 1200, 3)."""
    rng = np.random.default_rng([seed, 44])
    image = Image.fromarray(cat(seed) if rng.random() < 0.6 else landscape(seed))
    upper, lower = _MEMES[rng.integers(len(_MEMES))]
    pen = ImageDraw.Draw(image)
    for words, y in ((upper, 80), (lower, 820)):
        pen.text((600, y), words, font=font(86), fill=(255, 255, 255), anchor="mm", stroke_width=6, stroke_fill=(0, 0, 0))
    return np.asarray(image)


def notice(seed: int) -> U8:
    """A sheet taped to a wall; uint8, (1200, 900, 3)."""
    rng = np.random.default_rng([seed, 45])
    title, body = _NOTICES[rng.integers(len(_NOTICES))]
    image = Image.fromarray(plaster((1200, 900), rng, _tone(rng, 150, 225)))
    pen, tone = ImageDraw.Draw(image), _tone(rng, 225, 255)
    pen.rectangle((148, 168, 768, 1048), fill=(90, 90, 90))
    pen.rectangle((140, 160, 760, 1040), fill=tone)
    write(pen, (450, 270), title, 66, anchor="mm", bold=True)
    for row, line in enumerate(wrap(body, 40, 500)):
        write(pen, (200, 390 + 62 * row), line, 40)
    write(pen, (700, 970), f"{rng.integers(1, 13)} / {rng.integers(1, 29)}", 36, anchor="rs")
    for x in (180, 720):
        pen.rectangle((x - 34, 144, x + 34, 176), fill=(222, 214, 170))
    return expose(np.asarray(image), rng, 1.0)
