"""How states and alliances mark what is classified: levels, control strings, portion marks, as patterns.

China: Law on Guarding State Secrets and GB/T 9704-2012 (level★duration). United States: DoDM 5200.01 volume 2 and the CUI
marking handbook (``LEVEL//CONTROL``). NATO: C-M(2002)49. EU: Council Decision 2013/488/EU, bilingual. Germany: VSA. France:
IGI 1300. United Kingdom: Government Security Classifications. Patterns are for text after ``written``.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from detectors.types import Level

_CN = {"绝密": Level.TOP_SECRET, "机密": Level.SECRET, "秘密": Level.CONFIDENTIAL}
_CN_LEVEL = r"(?P<level>绝 ?密|机 ?密|秘 ?密)"
_STAR = "★☆✩✪✫✬✭✮✯✰⭐🌟"
_UNTIL = (
    r"(?:长 ?期|\d{1,3} ?(?:年|个?月|天|日)|\d{4} ?年(?: ?\d{1,2} ?月(?: ?\d{1,2} ?日)?)?|[\u4e00-\u9fff]{2,10}前)(?: ?解密)?"
)
_COPY_NUMBER = r"(?:\d{6} ?)?(?:密 ?级 ?[:：]? ?)?"

CN_CONTROL = re.compile(rf"(?<![\u4e00-\u9fff]){_CN_LEVEL} ?[{_STAR}*✱✳] ?{_UNTIL}(?![\u4e00-\u9fff\d])")
CN_MISREAD = re.compile(rf"{_COPY_NUMBER}{_CN_LEVEL} ?[大太女木本六火※xX+·.\-—]? ?(?:长 ?期|\d{{1,2}} ?年)(?: ?特急| ?加急)?")
CN_BARE_STAR = re.compile(rf"{_COPY_NUMBER}{_CN_LEVEL} ?[{_STAR}]")
CN_ALONE = re.compile(rf"{_COPY_NUMBER}{_CN_LEVEL}")
CN_COPY_NUMBER = re.compile(r"(?:No\.? ?)?\d{6}")
CN_DOCUMENT_NUMBER = re.compile(r"[\u4e00-\u9fff]{2,12} ?[〔\[(【{] ?(?:19|20)\d\d ?[〕\])】}] ?\d{1,5} ?号")

_US = {
    "TOP SECRET": Level.TOP_SECRET,
    "TS": Level.TOP_SECRET,
    "SECRET": Level.SECRET,
    "S": Level.SECRET,
    "CONFIDENTIAL": Level.CONFIDENTIAL,
    "C": Level.CONFIDENTIAL,
    "CUI": Level.INTERNAL,
    "CONTROLLED": Level.INTERNAL,
    "UNCLASSIFIED": Level.INTERNAL,
    "U": Level.INTERNAL,
}
_SPELLED = {"TS": "TOP SECRET", "S": "SECRET", "C": "CONFIDENTIAL", "U": "UNCLASSIFIED"}
_CONTROL = (
    r"(?:SI|TK|HCS|KDK|RSV|KLONDIKE|GAMMA|TALENT KEYHOLE|SAR|SPECIAL ACCESS REQUIRED|WAIVED|RD|FRD|RESTRICTED DATA|CNWDI|TFNI"
    r"|FGI|ATOMAL|NF|NOFORN|OC|ORCON|PR|PROPIN|REL|REL TO|RELIDO|IMC|IMCON|RSEN|DSEN|FISA|FOUO|DISPLAY ONLY|DISPLAYONLY|EYES ONLY"
    r"|ACCM|LIMDIS|EXDIS|NODIS|XD|ND|DS|SBU|LES|SSI|NNPI|FED ONLY|FEDCON|NOCON|DL ONLY)(?![A-Za-z0-9])"
)
_SLASHES = r" ?/ ?/ ?"
_BANNER = r"(?<![A-Za-z/])(?P<level>TOP ?SECRET|SECRET|CONFIDENTIAL|UNCLASSIFIED)"
_TAIL = r"[A-Z0-9 ,/\-]*"
US_BANNER = re.compile(rf"{_BANNER}{_SLASHES}{_CONTROL}{_TAIL}")
US_PORTION = re.compile(rf"\((?P<level>TS|S|C|U){_SLASHES}{_CONTROL}{_TAIL}\)")
US_JOINT = re.compile(r"// ?JOINT (?P<level>TOP SECRET|SECRET|CONFIDENTIAL)(?: [A-Z]{3}\b){2,}")
CUI_BANNER = re.compile(
    rf"(?<![A-Za-z/])(?P<level>CUI|CONTROLLED){_SLASHES}(?:SP-[A-Z]{{2,8}}|{_CONTROL}|[A-Z]{{3,6}}(?![A-Za-z])){_TAIL}"
)
US_AUTHORITY = re.compile(r"(?:Classified By|Derived From|Declassify On|Downgrade To) ?: ?\S", re.IGNORECASE)

_NATO = {"CTS": "COSMIC TOP SECRET", "NS": "NATO SECRET", "NC": "NATO CONFIDENTIAL", "NR": "NATO RESTRICTED"}
NATO_PORTION = re.compile(r"\( ?// ?(?P<level>CTS|NS|NC|NR)(?:-[AB]|-BALK)? ?\)")

_DASH = r" ?[-–—‐] ?"
_OWN_LINE: tuple[tuple[str, str, Level, str], ...] = (
    ("NATO", "COSMIC TOP SECRET", Level.TOP_SECRET, r"(?://)? ?COSMIC TOP SECRET(?:[ -](?:ATOMAL|BOHEMIA|BALK))?"),
    ("NATO", "NATO SECRET", Level.SECRET, r"(?://)? ?NATO SECRET(?:[ -]ATOMAL)?"),
    ("NATO", "NATO CONFIDENTIAL", Level.CONFIDENTIAL, r"(?://)? ?NATO CONFIDENTIAL(?:[ -]ATOMAL)?"),
    ("NATO", "NATO RESTRICTED", Level.INTERNAL, r"(?://)? ?NATO RESTRICTED"),
    ("EU", "EU TOP SECRET", Level.TOP_SECRET, r"TRES SECRET UE ?/ ?EU TOP SECRET"),
    ("EU", "EU SECRET", Level.SECRET, r"SECRET UE ?/ ?EU SECRET"),
    ("EU", "EU CONFIDENTIAL", Level.CONFIDENTIAL, r"CONFIDENTIEL UE ?/ ?EU CONFIDENTIAL"),
    ("EU", "EU RESTRICTED", Level.INTERNAL, r"RESTREINT UE ?/ ?EU RESTRICTED"),
    (
        "DE",
        "VS-NfD",
        Level.INTERNAL,
        rf"VS{_DASH}(?:NUR F(?:U|UE)R DEN DIENSTGEBRAUCH|Nur f(?:u|ue)r den Dienstgebrauch|NfD|NFD)",
    ),
    ("DE", "VS-VERTRAULICH", Level.CONFIDENTIAL, rf"VS{_DASH}(?:VERTRAULICH|Vertraulich)"),
    ("FR", "TRÈS SECRET", Level.TOP_SECRET, r"TRES SECRET DEFENSE|TRES SECRET(?: DEFENSE)? ?[-–—/]? ?SPECIAL FRANCE"),
    ("FR", "SECRET DÉFENSE", Level.SECRET, r"SECRET DEFENSE(?: ?[-–—/]? ?SPECIAL FRANCE)?|SECRET ?[-–—/] ?SPECIAL FRANCE"),
    ("FR", "CONFIDENTIEL DÉFENSE", Level.CONFIDENTIAL, r"CONFIDENTIEL DEFENSE"),
    ("UK", "TOP SECRET", Level.TOP_SECRET, r"(?:UK )?TOP SECRET(?:,? ?[-–—]? ?(?:UK EYES ONLY|STRAP ?[123]))+"),
    ("UK", "SECRET", Level.SECRET, r"(?:UK )?SECRET(?:,? ?[-–—]? ?(?:UK EYES ONLY|STRAP ?[123]))+"),
)
_PLACED: tuple[tuple[str, str, Level, str], ...] = (
    ("US", "TOP SECRET", Level.TOP_SECRET, r"TOP ?SECRET"),
    ("US", "SECRET", Level.SECRET, r"SECRET"),
    ("US", "CONFIDENTIAL", Level.CONFIDENTIAL, r"CONFIDENTIAL"),
    ("CUI", "CUI", Level.INTERNAL, r"CUI"),
    ("UK", "OFFICIAL-SENSITIVE", Level.INTERNAL, rf"OFFICIAL(?:{_DASH}|:? )SENSITIVE(?:{_DASH}[A-Z ]{{4,30}})?"),
    ("DE", "STRENG GEHEIM", Level.TOP_SECRET, r"STRENG GEHEIM"),
    ("DE", "GEHEIM", Level.SECRET, r"GEHEIM"),
    ("FR", "TRÈS SECRET", Level.TOP_SECRET, r"TRES SECRET"),
    ("FR", "DIFFUSION RESTREINTE", Level.INTERNAL, r"DIFFUSION RESTREINTE"),
)


@dataclass(frozen=True, slots=True)
class Form:
    """A marking as written: its scheme, the level spelled out, what that means to us, and how far the form alone is proof."""

    scheme: str
    level: str
    rank: Level
    confidence: float


CN_OFFICIAL = Form("CN", "公文", Level.INTERNAL, 0.5)
US_CLASSIFIED = Form("US", "CLASSIFIED", Level.CONFIDENTIAL, 0.9)


def _compiled(table: tuple[tuple[str, str, Level, str], ...], confidence: float) -> list[tuple[re.Pattern[str], Form]]:
    return [(re.compile(pattern), Form(scheme, level, rank, confidence)) for scheme, level, rank, pattern in table]


_OWN_LINE_FORMS = _compiled(_OWN_LINE, 0.85)
_PLACED_FORMS = _compiled(_PLACED, 0.5)


def written(text: str) -> str:
    """NFKC, Latin accents dropped, every run of white space one space: what the patterns here expect."""
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text))
    kept = "".join(c for c in plain if not "\u0300" <= c <= "\u036f")
    return " ".join(unicodedata.normalize("NFC", kept).split())


def _cn(match: re.Match[str], confidence: float) -> Form:
    level = match["level"].replace(" ", "")
    return Form("CN", level, _CN[level], confidence)


def _us(match: re.Match[str], scheme: str, confidence: float) -> Form:
    level = match["level"].replace("TOPSECRET", "TOP SECRET")
    return Form(scheme, _SPELLED.get(level, level), _US[level], confidence)


def anywhere(line: str) -> Iterator[Form]:
    """Forms nobody writes by chance: level★duration, ``//`` control strings, portion marks."""
    yield from (_cn(match, 0.97) for match in CN_CONTROL.finditer(line))
    for pattern in (US_BANNER, US_PORTION, US_JOINT):
        yield from (_us(match, "US", 0.95) for match in pattern.finditer(line))
    yield from (_us(match, "CUI", 0.9) for match in CUI_BANNER.finditer(line))
    for match in NATO_PORTION.finditer(line):
        spelled = _NATO[match["level"]]
        yield next(form for _, form in _OWN_LINE_FORMS if form.level == spelled)


def own_line(line: str) -> Iterator[Form]:
    """Forms that are proof when nothing else stands in their line."""
    yield from (form for pattern, form in _OWN_LINE_FORMS if pattern.fullmatch(line))


def misread(line: str) -> Iterator[Form]:
    """level★duration whose star the engine dropped or took for a character; for lines of a picture."""
    if match := CN_MISREAD.fullmatch(line):
        yield _cn(match, 0.85)


def chinese_head(line: str) -> Iterator[Form]:
    """What marks a page if it stands at its top left."""
    if match := CN_BARE_STAR.fullmatch(line):
        yield _cn(match, 0.9)
    elif match := CN_ALONE.fullmatch(line):
        yield _cn(match, 0.6)


def banner(line: str) -> Iterator[Form]:
    """What marks a page if it stands centred at its top, the more so if at its foot too."""
    yield from (form for pattern, form in _PLACED_FORMS if pattern.fullmatch(line))
