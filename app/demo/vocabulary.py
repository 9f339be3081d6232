"""Ordinary-sounding sentences about invented technology, in Chinese and English, drawn from a seed.

Sentences are composed of short pieces, so that two pages share words but hardly ever a whole clause.
"""

from collections.abc import Iterator
from string import Formatter

import numpy as np


def _lists(text: str) -> dict[str, list[str]]:
    """``name: a|b|c`` a line; a line that begins with ``|`` goes on with the one before."""
    words: dict[str, list[str]] = {}
    for line in text.strip().replace("\n|", "|").splitlines():
        name, _, values = line.partition(": ")
        words[name] = values.split("|")
    return words


_ZH = _lists("""
part: 主缸密封|滑块导轨|回程蓄能器|伺服阀组|加热板|送料臂|位移传感器|冷却环路|控制柜背板|上横梁|预紧螺杆|真空腔门
|石英窗口|离心叶轮|轴承套
|隔热环|取样阀|折叠支架|光纤盒|备用电源|联轴器|过滤网|排气管|压紧爪|标定块|油箱盖|测温探头|减振垫|限位开关|卷筒|泄压阀
|转接法兰|数据线束|工装夹具|吊环
kind: 左侧|右侧|新到的|返修的|第二套|样机上的|库存|外购|改型后的|旧式|加长|备用|双层|北侧|临时|试制|同批次|封存的
|耐高温|轻量化
who: 总体室|工艺处|质量处|三车间|动力站|试验二组|计量中心|保障科|外协办公室|信息化办公室|值班工程师|夜班组|仓储班
|运输队|评审专家|驻厂代表|材料所|安全员|调度台|装配班
modal: 应当|需要|可以|计划|必须|不再|已经|正在|暂不|争取|同意|负责|建议|坚持|着手|优先
verb: 拆检|清洗|更换|校验|封存|复测|涂覆|调平|打磨|编号|登记|转运|焊补|试装|拍照留存|称重|退火|通电检查|重新绑扎
|抽样送检|密封|报废|移交|拧紧|降温|扩孔
|加固|对中|吹扫|贴标|分解|回装
when: 周一早班|周三下午|月底前|下旬|停机期间|雨季之前|交接班时|冷态下|热态下|放假前|试车当天|第二轮之后|巡检途中
|汇报会前|零点以后|入库当日|春节后|大修窗口内|验收前一天|气温回升后
state: 渗油|偏斜|读数漂移|表面发黑|略有松动|噪声偏大|反复报警|间隙变小|受潮|磨出台阶|漏装垫片|颜色不均|响应迟缓
|出现裂纹|型号不符|缺少合格证|温度偏高|行程不足|接触不良|镀层脱落
cause: 润滑不足|装配偏载|含水量超标|接插件松动|流量偏低|模板变形|系数未更新|硬度不均|图样版本不一|运输颠簸|电压波动
|粉尘进入|操作过快|人手不够|量具超期|备件错发
effect: 暂时停用|降级使用|不影响交付|另行安排|由专人看管|列入下批计划|费用自理|每日上报|拍板后执行|先试一周|照旧运行
|不计入考核|两人同时在场|留作对比|写进日志|择期复查
prop: 粗糙度|同轴度|温升|泄漏率|响应时间|残余应力|振幅|绝缘电阻|定位精度|压力脉动|疲劳寿命|装配间隙
unit: 微米|微米|摄氏度|毫升|毫秒|兆帕|微米|兆欧|微米|千帕|小时|毫米
place: 东岭试验场|三号厂房|西河中转库|青石滩码头|北山测试井|临湖实验楼|六号工位|云台大厅|旧锅炉房|南门货场|二楼机房
|露天堆场
phase: 首件鉴定|小批试制|联合调试|验收评审|定型试验|移交准备|年度检修
week: 一|二|三|四|五
""")
_ZH_SENTENCES = (
    "{who}{modal}{when}{verb}{kind}{part}，{effect}。",
    "{kind}{part}{state}，{who2}{modal}{verb}。",
    "因{cause}，{place}的{part}{when}{state}，{effect}。",
    "{when}{who}{verb}{kind}{part}{n}件，其中{k}件{state}。",
    "{part}{prop}实测{n}{unit}，{who}{modal}{verb}{part2}。",
    "若{part}{state}，{who}{modal}先{verb}{kind}{part2}，再{verb2}。",
    "{place}{month}月{day}日到货{kind}{part}{k}箱，{who}{modal}{verb}。",
    "{who}认为{cause}，{who2}认为{cause2}，{when}{verb}{part}后再议。",
    "{kind}{part}{verb}、{verb2}，{when}送{place}。",
    "编号{code}的{part}{state}，{effect}；{kind}{part2}{effect2}。",
    "{phase}用的{part}由{who}{verb}，{prop}不超过{n}{unit}。",
    "{part}与{part2}相距{n}毫米，{state}时{who}{modal}{verb}。",
    "{who}每周{week}{verb}{part}，{effect}。",
)
_EN = _lists("""
part: ram guide|accumulator|servo valve|heater plate|feed arm|position sensor|cooling loop|backplane|crosshead
|preload screw|chamber door|quartz window|impeller
|bearing sleeve|spacer|sampling valve|bracket|fibre box|standby supply|coupling|filter mesh|exhaust pipe|clamp jaw
|gauge block|tank lid|probe|damping pad
|limit switch|reel|relief valve|flange|cable loom|fixture|lifting eye
kind: left|right|newly arrived|repaired|second|prototype|stocked|purchased|modified|older|longer|spare|twin|northern
|temporary|trial|sealed|heat-proof|lighter|painted
who: the systems group|our process office|the quality office|workshop three|the power house|test team two|metrology
|stores|the contract office|the records office
|the engineer on duty|the night crew|the carrier|two reviewers|the resident inspector|the materials lab
|the safety officer|dispatch|the fitters|a visitor
modal: will|has to|may|plans to|must not|hopes to|agreed to|is about to|offered to|refuses to|is allowed to|forgot to
|wants to|expects to
verb: strip|wash|replace|calibrate|seal|measure|coat|level|grind|number|list|ship|weld|try|photograph|weigh|anneal
|power up|lash down|sample|scrap|hand over|tighten
|cool|widen|brace|align|purge|label|dismantle|refit|borrow
when: on Monday morning|by Wednesday|before the month ends|during the stop|ahead of the rains|at the change of shift
|while it is cold|at full heat|before the holidays
|on the day of the trial|after the second round|between two patrols|past midnight|on arrival|in early spring
|within the repair window|once it is warmer|twice a day
state: weeps oil|sits askew|drifts|has turned black|is slightly loose|hums|trips the alarm|has closed up|got damp
|shows a step|lacks its washer|looks patchy|answers late|has cracked
|is the wrong type|came without papers|runs hot|falls short|makes poor contact|sheds its plating
cause: poor lubrication|an off-centre load|water in the fluid|a loose plug|low flow|a bent platen|an old coefficient
|uneven hardness|two drawing versions|a rough journey|a sagging mains
|dust|haste|too few hands|an expired gauge|a mixed-up order
effect: it stays out of use|a lower rating applies|delivery is not affected|this is settled elsewhere
|somebody watches it|the next lot includes it|they pay for it themselves
|a daily note is due|we try it for a week|everything runs as before|two people must be present
|one is kept for comparison|the log says so|nobody objected
prop: finish|concentricity|temperature rise|leak rate|response time|residual stress|vibration|insulation|repeatability
|pressure ripple|fatigue life|clearance
unit: µm|µm|°C|ml|ms|MPa|µm|MΩ|µm|kPa|h|mm
place: Eastridge|hall three|the Westriver depot|Slate Quay|the north shaft|the lakeside lab|bay six|the joint rig
|the old boiler house|the south yard|the server floor|the open stack
phase: first article review|the pilot batch|joint commissioning|acceptance|type approval|hand-over|the annual overhaul
""")
_EN_SENTENCES = (
    "{Who} {modal} {verb} the {kind} {part} {when}; {effect}.",
    "The {kind} {part} {state}, so {who2} {modal} {verb} it.",
    "With {cause} at {place}, a {part} {state}, and {effect}.",
    "Of {n} {kind} {part} units, {who} could {verb} {k} {when}.",
    "{Part} {prop} came to {n} {unit}; {who} {modal} {verb} the {part2}.",
    "Where the {part} {state}, {verb} its {kind} {part2}, then {verb2} both.",
    "{Place} received {k} crates ({kind} {part}), which {who} {modal} {verb} {when}.",
    "{Who} blames {cause}, {who2} suspects {cause2}; {effect}.",
    "First {verb}, then {verb2} every {kind} {part} bound for {place}.",
    "Item {code}, a {part}, {state}: {effect}. Its {part2} {modal} follow.",
    "For {phase}, {who} {modal} {verb} one {part} to within {n} µm.",
    "{N} mm lie between {part} and {part2}; if either {state}, {who} {modal} {verb} it.",
)
_ZH_TITLES = ("关于{part}{phase}有关安排的通知", "关于{place}{part}试验情况的报告", "关于加强{part}{prop}管控的通知")
_EN_TITLES = ("{Part}: findings before {phase}", "Trials of the {part} at {place}", "Change of {prop} limits for the {part}")


def _filled(template: str, words: dict[str, list[str]], rng: np.random.Generator) -> str:
    values = {
        "n": str(rng.integers(12, 980)),
        "N": str(rng.integers(12, 980)),
        "k": str(rng.integers(2, 12)),
        "month": str(rng.integers(1, 13)),
        "day": str(rng.integers(1, 29)),
        "code": f"{'ABCDEFGHKLMNPRSTVWXYZ'[rng.integers(21)]}{rng.integers(10, 99)}-{rng.integers(100, 9999)}",
    }
    for _, slot, _, _ in Formatter().parse(template):
        if slot and slot not in values:
            values[slot] = _word(slot, words, values, rng)
    return template.format_map(values)


def _word(slot: str, words: dict[str, list[str]], chosen: dict[str, str], rng: np.random.Generator) -> str:
    name = slot.rstrip("2").lower()
    if name == "unit":  # a property and its unit stand at the same place in their lists
        return words["unit"][words["prop"].index(chosen["prop"])]
    word = str(rng.choice([word for word in words[name] if word not in chosen.values()]))
    return word[0].upper() + word[1:] if slot[0].isupper() else word


def _sentences(templates: tuple[str, ...], words: dict[str, list[str]], rng: np.random.Generator) -> Iterator[str]:
    while True:
        for index in rng.permutation(len(templates)):
            yield _filled(templates[index], words, rng)


def chinese(rng: np.random.Generator) -> Iterator[str]:
    """Endless sentences."""
    return _sentences(_ZH_SENTENCES, _ZH, rng)


def english(rng: np.random.Generator) -> Iterator[str]:
    """Endless sentences."""
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
