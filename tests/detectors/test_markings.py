"""Markings found where they mark, and nothing found where people merely talk."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.markings import Marking, find_markings_in_lines, find_markings_in_text
from detectors.types import Level
from fingerprints.types import Line, Point, Quad
from tests.detectors import drawn, everyday

PROOF = [
    ("机密★10年", "CN", "机密", Level.SECRET),
    ("绝密★长期", "CN", "绝密", Level.TOP_SECRET),
    ("秘密★1年", "CN", "秘密", Level.CONFIDENTIAL),
    ("机　密　★　１０　年", "CN", "机密", Level.SECRET),
    ("机密☆10年", "CN", "机密", Level.SECRET),
    ("秘密＊3个月", "CN", "秘密", Level.CONFIDENTIAL),
    ("绝密★2030年12月31日", "CN", "绝密", Level.TOP_SECRET),
    ("机密★会议开始前", "CN", "机密", Level.SECRET),
    ("密级：机密★20年 (副本)", "CN", "机密", Level.SECRET),
    ("000017 秘密★5年 特急", "CN", "秘密", Level.CONFIDENTIAL),
    ("TOP SECRET//SI/TK//RELIDO", "US", "TOP SECRET", Level.TOP_SECRET),
    ("TOP SECRET // SI-G // NOFORN", "US", "TOP SECRET", Level.TOP_SECRET),
    ("SECRET//RD-SIGMA 1 2", "US", "SECRET", Level.SECRET),
    ("SECRET//FGI", "US", "SECRET", Level.SECRET),
    ("SECRET／／NOFORN", "US", "SECRET", Level.SECRET),
    ("CONFIDENTIAL//REL TO USA, GBR", "US", "CONFIDENTIAL", Level.CONFIDENTIAL),
    ("TOP SECRET//SPECIAL ACCESS REQUIRED-BUTTERED POPCORN", "US", "TOP SECRET", Level.TOP_SECRET),
    ("UNCLASSIFIED//FOUO", "US", "UNCLASSIFIED", Level.INTERNAL),
    ("//JOINT SECRET CAN GBR USA", "US", "SECRET", Level.SECRET),
    ("2. (TS//SI-G//OC/NF) The exercise begins on Monday.", "US", "TOP SECRET", Level.TOP_SECRET),
    ("(S//REL TO USA, GBR/DISPLAY ONLY AFG) Fuel was moved.", "US", "SECRET", Level.SECRET),
    ("CUI//SP-PRVCY", "CUI", "CUI", Level.INTERNAL),
    ("CUI//PRVCY", "CUI", "CUI", Level.INTERNAL),
    ("(//NS-A) The convoy left.", "NATO", "NATO SECRET", Level.SECRET),
    ("NATO SECRET", "NATO", "NATO SECRET", Level.SECRET),
    ("//COSMIC TOP SECRET", "NATO", "COSMIC TOP SECRET", Level.TOP_SECRET),
    ("NATO RESTRICTED", "NATO", "NATO RESTRICTED", Level.INTERNAL),
    ("TRÈS SECRET UE/EU TOP SECRET", "EU", "EU TOP SECRET", Level.TOP_SECRET),
    ("SECRET UE/EU SECRET", "EU", "EU SECRET", Level.SECRET),
    ("RESTREINT UE / EU RESTRICTED", "EU", "EU RESTRICTED", Level.INTERNAL),
    ("VS-NUR FÜR DEN DIENSTGEBRAUCH", "DE", "VS-NfD", Level.INTERNAL),
    ("VS – NfD", "DE", "VS-NfD", Level.INTERNAL),
    ("VS-Vertraulich", "DE", "VS-VERTRAULICH", Level.CONFIDENTIAL),
    ("SECRET DÉFENSE", "FR", "SECRET DÉFENSE", Level.SECRET),
    ("TRES SECRET DEFENSE", "FR", "TRÈS SECRET", Level.TOP_SECRET),
    ("TOP SECRET STRAP2 UK EYES ONLY", "UK", "TOP SECRET", Level.TOP_SECRET),
]

EVERYDAY = [
    "secret santa is on friday, who is in?",
    "Secret Santa",
    "TOP SECRET RECIPE",
    "My top secret recipe for dumplings",
    "This is top secret, ok?",
    "Confidential",
    "Keep it confidential please",
    "The information in this e-mail is confidential and intended for the addressee only.",
    "PRIVATE AND CONFIDENTIAL",
    "STRICTLY CONFIDENTIAL - DO NOT FORWARD",
    "Victoria's Secret sale // 50% OFF",
    "SECRET//",
    "secret//noforn",
    "https://example.org/SECRET//index.html",
    "https://secret.example.org//nf",
    "client_secret: null // TODO",
    "The SECRET of success is REL",
    "SECRET SALE TODAY ONLY",
    "SECRET / NF / METAL / 2019",
    "© 2024 (C) All rights reserved",
    "(S) (M) (L) (XL) sizes left",
    "(C) is correct, (U) is not",
    "He works for NATO, a secret he kept.",
    "the leaked NATO SECRET document was in the news",
    "NATO summit ends",
    "EU SECRET agents",
    "Das bleibt geheim!",
    "Geheimtipp: VS Villingen",
    "streng geheim, nicht weitersagen",
    "c'est un secret de Polichinelle",
    "official: we are getting married",
    "OFFICIAL TRAILER",
    "TOP 10 SECRET BEACHES",
    "MI6: Top Secret Training Camp tickets",
    "Derived from: https://en.wikipedia.org",
    "COD 3 // SI",
    "TS//LA flight 22:10",
    "(TS) Taylor Swift",
    "CUI Hong",
    "Chengdu University of Information (CUI)",
    "秘密花园",
    "《秘密》周杰伦",
    "这是我们的秘密",
    "评分★5年老店",
    "秘密★★★★☆",
    "秘密★5年老店回馈",
    "她的秘密★超好看",
    "商业秘密★10年",
    "机密文件不要乱发哦",
    "绝密飞行",
    "绝密档案 第10年",
    "最高机密",
    "解锁秘密关卡★3",
    "★★★★★ 五星好评",
    "好评★10年",
    "秘密*",
    "密码*必填",
    "秘密 三天前",
    "秘密10年后公开",
    "机密押运车",
    "十年前的秘密",
    "我有一个秘密，10年没说",
    "长期有效",
    "国办发〔2012〕10号",
    "2012年10月",
    "000123",
    "验证码 483920，5分钟内有效",
    "快递单号 1234567890",
    "内部价★3折",
    "特急！今晚加班",
]


def rectangle(x: float, y: float, width: float = 0.3, height: float = 0.02) -> Quad:
    return (x - width / 2, y), (x + width / 2, y), (x + width / 2, y + height), (x - width / 2, y + height)


def line(text: str, x: float, y: float, width: float = 0.3) -> Line:
    return Line(text, 0.95, rectangle(x, y, width))


def page(*extra: Line) -> list[Line]:
    """Ten lines of body text between margins, with something added."""
    body = [line(f"The committee discussed item {i} of the agenda", 0.5, 0.2 + i * 0.06, 0.8) for i in range(10)]
    return [line("1", 0.5, 0.02, 0.02), *body, line("2", 0.5, 0.96, 0.02), *extra]


def turned(lines: list[Line], quarters: int) -> list[Line]:
    def turn(point: Point) -> Point:
        for _ in range(quarters):
            point = 1 - point[1], point[0]
        return point

    return [Line(one.text, one.confidence, (turn(a), turn(b), turn(c), turn(d))) for one in lines for a, b, c, d in [one.quad]]


def only(found: list[Marking]) -> Marking:
    (marking,) = found
    return marking


@pytest.mark.parametrize(("text", "scheme", "level", "rank"), PROOF)
def test_proof_is_proof_anywhere(text: str, scheme: str, level: str, rank: Level) -> None:
    in_text = only(find_markings_in_text(f"look what i got\n{text}\nwow"))
    in_line = only(find_markings_in_lines([line(text, 0.7, 0.6)]))
    for found in (in_text, in_line):
        assert (found.scheme, found.level, found.rank) == (scheme, level, rank)
        assert found.confidence >= 0.85
        assert found.text == text
    assert in_text.quads == ()
    assert in_line.quads == (rectangle(0.7, 0.6),)


@pytest.mark.parametrize("text", EVERYDAY)
def test_everyday_sentences_are_nothing(text: str) -> None:
    assert find_markings_in_text(text) == []
    assert find_markings_in_lines([line(text, 0.5, 0.5)]) == []
    assert find_markings_in_lines(page(line(text, 0.5, 0.5))) == []


def test_everyday_sentences_together_are_nothing() -> None:
    assert find_markings_in_text("\n".join(EVERYDAY)) == []


@pytest.mark.parametrize("text", ["机密大10年", "机密10年", "机 密 10 年", "秘密 长期", "000001 绝密女长期 特急"])
def test_a_star_misread_in_a_picture(text: str) -> None:
    assert only(find_markings_in_lines([line(text, 0.3, 0.1)])).confidence >= 0.8
    assert find_markings_in_text(text) == []


@pytest.mark.parametrize(("text", "level", "confidence"), [("机密", "机密", 0.6), ("绝 密", "绝密", 0.6), ("秘密★", "秘密", 0.9)])
def test_a_chinese_level_alone_counts_at_the_top_left_only(text: str, level: str, confidence: float) -> None:
    found = only(find_markings_in_lines(page(line(text, 0.15, 0.05, 0.08))))
    assert (found.scheme, found.level, found.confidence) == ("CN", level, confidence)
    for x, y in ((0.5, 0.05), (0.85, 0.05), (0.15, 0.5), (0.15, 0.9)):
        assert find_markings_in_lines(page(line(text, x, y, 0.08))) == []
    assert find_markings_in_text(text) == []


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        ("SECRET", "US"),
        ("TOP SECRET", "US"),
        ("CONFIDENTIAL", "US"),
        ("CUI", "CUI"),
        ("OFFICIAL-SENSITIVE", "UK"),
        ("GEHEIM", "DE"),
    ],
)
def test_a_banner_counts_centred_at_the_top_and_more_if_repeated(text: str, scheme: str) -> None:
    head, foot = line(text, 0.5, 0.05, 0.2), line(text, 0.5, 0.92, 0.2)
    assert only(find_markings_in_lines(page(head))).confidence == 0.5
    both = only(find_markings_in_lines(page(head, foot)))
    assert (both.scheme, both.confidence) == (scheme, 0.75)
    assert find_markings_in_lines(page(foot)) == []
    assert find_markings_in_lines(page(line(text, 0.15, 0.05, 0.2))) == []
    assert find_markings_in_lines([head]) == []
    assert find_markings_in_text(text) == []


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_page_has_its_own_top_however_it_is_turned(quarters: int) -> None:
    lines = turned(page(line("机密", 0.15, 0.05, 0.08)), quarters)
    assert only(find_markings_in_lines(lines)).level == "机密"
    foot = turned(page(line("机密", 0.85, 0.95, 0.08)), quarters)
    assert find_markings_in_lines(foot) == []


def test_copy_number_and_document_number_make_an_official_document() -> None:
    number, copy = line("国办发〔2012〕10号", 0.5, 0.15), line("000123", 0.15, 0.05, 0.08)
    found = only(find_markings_in_lines(page(number, copy)))
    assert (found.level, found.rank, found.confidence) == ("公文", Level.INTERNAL, 0.5)
    assert find_markings_in_lines(page(number)) == []
    assert find_markings_in_lines(page(copy)) == []


def test_two_authority_lines_mark_a_page() -> None:
    text = "Classified By: J. Doe\nDerived From: SCG 4, dated 20200101\nDeclassify On: 25X1"
    assert only(find_markings_in_text(text)).level == "CLASSIFIED"
    assert only(find_markings_in_lines([line(t, 0.3, 0.9) for t in text.splitlines()])).scheme == "US"
    assert find_markings_in_text("Derived From: my notes") == []


def test_the_same_marking_is_told_once_and_the_surest_first() -> None:
    found = find_markings_in_text("VS-NfD\nSECRET//NOFORN\n(S//NF) one\n机密★10年\n机密★10年")
    assert [(m.scheme, m.level) for m in found] == [("CN", "机密"), ("US", "SECRET"), ("DE", "VS-NfD")]


@pytest.mark.parametrize("text", ["SECRET//NOFORN", "SECRET"], ids=["proof", "a level alone"])
def test_every_place_of_a_marking_is_told(text: str) -> None:
    head, foot = line(text, 0.5, 0.05, 0.2), line(text, 0.5, 0.92, 0.2)
    found = only(find_markings_in_lines(page(foot, head)))
    assert set(found.quads) == {head.quad, foot.quad}
    many = [line("(S//NF) one", 0.3, n / 30) for n in range(30)]
    assert len(only(find_markings_in_lines(many)).quads) == 20


@given(st.text(alphabet="机密绝秘★*10年 SECRT/()NFOTP\n", max_size=60))
def test_any_text_is_answered(text: str) -> None:
    found = find_markings_in_text(text)
    assert [m.confidence for m in found] == sorted((m.confidence for m in found), reverse=True)
    assert len({(m.scheme, m.level) for m in found}) == len(found)


def test_no_lines_no_markings() -> None:
    assert find_markings_in_lines([]) == []
    assert find_markings_in_text("") == []


def test_there_are_at_least_two_hundred_everyday_sentences_and_none_twice() -> None:
    assert len(set(everyday.SENTENCES)) == len(everyday.SENTENCES) >= 200
    assert min(len(everyday.ENGLISH), len(everyday.CHINESE)) >= 100


@pytest.mark.parametrize("sentence", everyday.SENTENCES)
def test_an_everyday_sentence_is_no_marking_in_a_message(sentence: str) -> None:
    assert find_markings_in_text(sentence) == []


def test_everyday_sentences_are_no_marking_wherever_they_stand_in_a_picture() -> None:
    count = 12
    for start in range(len(everyday.SENTENCES)):
        shown = [everyday.SENTENCES[(start + i) % len(everyday.SENTENCES)] for i in range(count)]
        assert find_markings_in_lines(drawn.lines(shown)) == [], shown[0]
