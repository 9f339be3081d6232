"""Which passwords are refused: the first that anybody would try, and no others."""

import pytest

from app.people.strength import LEAST, MOST, weakness

FIRST = """
    password1234 Password123456!! 123456789012 qwertyuiop12 P@ssw0rd12345 aaaaaaaaaaaa abcabcabcabc iloveyou2024! zhangzhang12
    1qaz2wsx3edc Summer2024!! woaini1314520 passwordpassword qwerty123456 administrator letmein12345 000000000000 111222333444
    Zhang-1984-Zhang 管理员管理员管理员管理员 ｐａｓｓｗｏｒｄ１２３４ 987654321098 zxcvbnm,./zxc leakwatch2026
""".split()
OTHERS = [
    "correct horse battery staple",
    "violin river mint",
    "kX9#mQ2vLp7z",
    "今天天气很好我们去公园散步吧",
    "Trout-Ladder-Ocean",
    "t9vhu2xk4mqa",
]


@pytest.mark.parametrize("password", FIRST)
def test_what_anybody_would_try_is_refused(password: str) -> None:
    assert "first passwords" in str(weakness(password, "zhang"))


@pytest.mark.parametrize("password", OTHERS)
def test_others_are_not_whatever_signs_they_are_made_of(password: str) -> None:
    assert weakness(password, "zhang") is None


def test_lengths() -> None:
    assert str(LEAST) in str(weakness("kX9#mQ2vLp7", "zhang"))
    assert weakness("kX9#mQ2vLp7" * 90 + "z" * 10, "zhang") is None
    assert str(MOST) in str(weakness("kX9#mQ2vLp" * 101, "zhang"))
    assert weakness("x" * 64 + "kX9#mQ2vLp7z", "zhang") is None, "NIST: at least 64 characters must be allowed"
