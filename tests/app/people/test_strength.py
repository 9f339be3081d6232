"""Which passwords are refused: the first that anybody would try, and no others."""

import pytest

from app.errors import Invalid
from app.people.strength import LEAST, MOST, check

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


def refused(password: str) -> str:
    with pytest.raises(Invalid) as caught:
        check(password, "zhang")
    return caught.value.code


@pytest.mark.parametrize("password", FIRST)
def test_what_anybody_would_try_is_refused(password: str) -> None:
    assert refused(password) == "common_password"


@pytest.mark.parametrize("password", OTHERS)
def test_others_are_not_whatever_signs_they_are_made_of(password: str) -> None:
    check(password, "zhang")


def test_lengths() -> None:
    assert LEAST == 12
    assert refused("kX9#mQ2vLp7") == "short_password"
    check("kX9#mQ2vLp7" * 90 + "z" * 10, "zhang")
    assert refused("kX9#mQ2vLp" * 101) == "long_password"
    assert MOST >= 64, "NIST: at least 64 characters must be allowed"
