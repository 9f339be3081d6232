"""Ordinary-sounding sentences about invented technology, in Chinese and English, drawn from a seed."""

from collections.abc import Iterator
from string import Formatter

import numpy as np

_ZH = {
    "part": (
        "主缸密封组件|滑块导轨|回程蓄能器|伺服阀组|模具加热板|送料机械臂|位移传感器|冷却环路|控制柜背板|上横梁|"
        "预紧螺杆|真空腔门|石英窗口|离心叶轮|镍基轴承套|陶瓷隔热环|取样阀|折叠支架|光纤转接盒|备用电源模块"
    ).split("|"),
    "prop": "表面粗糙度|同轴度|温升|泄漏率|响应时间|残余应力|振动幅值|绝缘电阻|重复定位精度|压力脉动|疲劳寿命|装配间隙".split(
        "|"
    ),
    "dept": "总体室|工艺处|质量处|三车间|动力站|试验二组|计量中心|保障科|外协办公室|信息化办公室".split("|"),
    "place": "东岭试验场|三号厂房|西河中转库|青石滩码头|北山测试井|临湖实验楼|六号工位|云台联调大厅".split("|"),
    "cause": "润滑不足|装配偏载|介质含水量超标|接插件松动|冷却流量偏低|模板变形|标定系数未更新|批次材料硬度不均".split("|"),
    "act": "更换后复测|加严抽样|先行封存|补充热循环试验|调整节拍|重新标定|增加隔振垫|改用双路供油".split("|"),
    "unit": "微米|微米|摄氏度|毫升|毫秒|兆帕|微米|兆欧|微米|千帕|小时|毫米".split("|"),  # of the property in the same place
    "phase": "首件鉴定|小批试制|联合调试|验收评审|定型试验|移交准备|年度检修".split("|"),
}
_ZH_SENTENCES = (
    "{part}的{prop}应控制在{n}{unit}以内，超差件一律退回{dept}，{act}。",
    "{month}月{day}日在{place}完成第{k}轮试验，{part}连续运行{n}小时，{prop}较上一轮下降百分之{k}。",
    "经{dept}会同{dept2}排查，偏差主要由{cause}引起，拟对{part}{act}。",
    "{phase}阶段所需的{part}共{n}套，已有{k}套运抵{place}，其余由{dept}按旬催交。",
    "请{dept}于{month}月{day}日前提交{part}的{prop}实测数据，逾期影响{phase}的，在通报中说明。",
    "{part}与{part2}之间增设测点{k}处，采样周期{n}毫秒，原始数据由{dept}统一保存。",
    "鉴于{cause}在{place}多次出现，{phase}前应对同批次{part}全部{act}。",
    "试验负荷由{n}千牛逐级加至{m}千牛，每级保持{k}分钟，期间{prop}不得出现突变。",
    "{dept}负责{part}的接口文件，{dept2}负责现场安装，双方于每周{week}核对一次进度。",
    "第{k}批{part}采用新的热处理制度，保温{n}分钟后随炉冷却，{prop}合格率为百分之{p}。",
    "{place}的供电改造于{month}月{day}日完工，备用回路可支持{part}独立运行{k}小时。",
    "会议认为，{part}的{prop}已满足{phase}要求，但{part2}仍需{act}。",
    "运输途中{part}须立放固定，颠簸量级不超过{k}级，到达{place}后静置{n}小时再开箱。",
    "现行图样中{part}的公差由±{k}{unit}放宽至±{n}{unit}，更改单编号{code}。",
    "{dept}已将{part}的备件清单并入{code}号台账，库存低于{k}件时自动提示补货。",
    "夜间值守人员每{k}小时记录一次{prop}，读数超过{n}{unit}时立即停机并报告{dept}。",
)
_EN = {
    "part": (
        "ram guide|return accumulator|servo valve block|die heater plate|feed arm|position sensor|cooling loop|"
        "cabinet backplane|upper crosshead|preload screw|chamber door|quartz window|impeller hub|bearing sleeve|"
        "ceramic spacer|sampling valve|folding bracket|fibre junction|standby supply|coupling flange"
    ).split("|"),
    "prop": (
        "surface finish|concentricity|temperature rise|leak rate|response time|residual stress|vibration level|"
        "insulation resistance|repeatability|pressure ripple|fatigue life|assembly clearance"
    ).split("|"),
    "dept": (
        "systems group|process office|quality office|workshop three|power house|test team two|metrology|stores|"
        "contract office|records office"
    ).split("|"),
    "place": (
        "Eastridge range|hall three|Westriver depot|Slate Quay|the north shaft|the lakeside laboratory|bay six|the joint rig"
    ).split("|"),
    "cause": (
        "poor lubrication|an eccentric load|water in the fluid|a loose connector|low coolant flow|a warped platen|"
        "an outdated calibration|uneven hardness in the batch"
    ).split("|"),
    "act": (
        "replaced and measured again|sampled more tightly|sealed and set aside|cycled once more in the oven|"
        "run at a slower beat|calibrated afresh|mounted on softer pads|fed from two pumps"
    ).split("|"),
    "unit": "µm|µm|°C|ml|ms|MPa|µm|MΩ|µm|kPa|h|mm".split("|"),
    "phase": "first article review|pilot batch|joint commissioning|acceptance|type approval|hand-over|the annual overhaul".split(
        "|"
    ),
}
_EN_SENTENCES = (
    "The {prop} of the {part} must stay below {n} {unit}; parts beyond it go back to {dept} and are {act}.",
    "Trial {k} at {place} ended on day {day}: after {n} hours the {part} had lost {k} percent of its {prop}.",
    "Together with {dept}, {dept2} traced the drift to {cause}; the {part} will be {act}.",
    "Of {n} {part} units needed for {phase}, {k} have reached {place}; {dept} reports weekly on the rest.",
    "{Dept} will deliver {prop} readings for the {part} before {phase}, in the format of sheet {code}.",
    "Between the {part} and the {part2}, {k} more probes are read every {n} ms and kept by {dept}.",
    "Because {cause} was seen twice at {place}, all sister units of the {part} are to be {act}.",
    "Load rises from {n} to {m} kN in steps of {k} minutes, with no jump in {prop} allowed.",
    "Heat treatment of lot {k} holds for {n} minutes; {p} percent of the {part} batch met its {prop}.",
    "The drawing relaxes the {part} from {k} to {n} {unit}; see change note {code}.",
    "Transport the {part} upright, let it rest {n} hours at {place}, then call {dept} before opening the crate.",
    "Spares for the {part} move to ledger {code}, with an automatic order below {k} pieces.",
    "The night shift notes the {prop} every {k} hours and stops the line above {n} {unit}.",
    "The board accepted the {prop} of the {part} for {phase}, while the {part2} has to be {act}.",
)
_ZH_TITLES = ("关于{part}{phase}有关安排的通知", "关于{place}{part}试验情况的报告", "关于加强{part}{prop}管控的通知")
_EN_TITLES = ("{Part}: findings before {phase}", "Trials of the {part} at {place}", "Change of {prop} limits for the {part}")


def _filled(template: str, words: dict[str, list[str]], rng: np.random.Generator) -> str:
    numbers = {
        "n": rng.integers(12, 980),
        "m": rng.integers(1000, 4800),
        "k": rng.integers(2, 12),
        "p": rng.integers(81, 99),
        "month": rng.integers(1, 13),
        "day": rng.integers(1, 29),
        "week": "一二三四五"[rng.integers(5)],
        "code": f"{'ABCDEFGHKLMNPRSTVWXYZ'[rng.integers(21)]}{rng.integers(10, 99)}-{rng.integers(100, 9999)}",
    }
    values = {name: str(value) for name, value in numbers.items()}
    for _, slot, _, _ in Formatter().parse(template):
        if slot and slot not in values:
            values[slot] = _word(slot, words, values, rng)
    return template.format_map(values)


def _word(slot: str, words: dict[str, list[str]], chosen: dict[str, str], rng: np.random.Generator) -> str:
    name = slot.rstrip("2").lower()
    if name == "unit" and "prop" in chosen:
        return words["unit"][words["prop"].index(chosen["prop"])]
    word = str(rng.choice([word for word in words[name] if word not in chosen.values()]))
    return word.capitalize() if slot[0].isupper() else word


def _sentences(templates: tuple[str, ...], words: dict[str, list[str]], rng: np.random.Generator) -> Iterator[str]:
    while True:
        for index in rng.permutation(len(templates)):
            yield _filled(templates[index], words, rng)


def chinese(rng: np.random.Generator) -> Iterator[str]:
    """Endless sentences; every template comes once before any comes again."""
    return _sentences(_ZH_SENTENCES, _ZH, rng)


def english(rng: np.random.Generator) -> Iterator[str]:
    """Endless sentences; every template comes once before any comes again."""
    return _sentences(_EN_SENTENCES, _EN, rng)


def chinese_title(rng: np.random.Generator) -> str:
    """A document's title in the official manner."""
    return _filled(str(rng.choice(_ZH_TITLES)), _ZH, rng)


def english_title(rng: np.random.Generator) -> str:
    """A memo's subject."""
    return _filled(str(rng.choice(_EN_TITLES)), _EN, rng)


def rows(rng: np.random.Generator, count: int) -> list[tuple[str, ...]]:
    """Rows of a measurement table: part, property, unit, nominal, tolerance, measured, remark; all text."""
    made: list[tuple[str, ...]] = []
    for _ in range(count):
        nominal, tolerance = rng.integers(20, 900), rng.integers(1, 20)
        kind = int(rng.integers(len(_ZH["prop"])))
        made.append(
            (
                str(rng.choice(_ZH["part"])),
                _ZH["prop"][kind],
                _EN["unit"][kind],
                f"{nominal}.{rng.integers(10)}",
                f"±{tolerance / 10:.1f}",
                f"{nominal + rng.normal() * tolerance / 8:.2f}",
                str(rng.choice(["合格", "合格", "合格", "复测", "让步接收"])),
            )
        )
    return made
