"""Which passwords are refused: short ones, and the first that anybody would try (NIST SP 800-63B §5.1.1.2).

No list of leaked passwords is shipped; nearly all of those are shorter than ``LEAST``, and the long ones are made of few pieces.
So the pieces are taken out (the commonest words, runs on a keyboard, years, repetitions, the person's own name), and something
must be left. No rule asks for capitals, digits or signs: they make passwords hard for people, not for machines.
"""

import re
import unicodedata
from collections.abc import Iterable

from app.errors import Invalid

LEAST, MOST = 12, 1000
"""Characters."""
LEFT = 5
"""So many must be left of it."""
WORDS = """
    password passwort passwd passcode qwerty qwertz azerty letmein welcome iloveyou administrator admin monkey dragon
    football baseball basketball sunshine princess superman batman spiderman pokemon trustno login secret change
    changeme default guest root test master user leakwatch starwars whatever shadow michael jordan jennifer hunter
    charlie computer internet hello lovely love freedom flower cookie summer winter spring autumn january february march
    april june july august september october november december monday tuesday wednesday thursday friday saturday sunday
    woaini wodemima mima zhongguo beijing china company 5201314 1314520 1314 520 666 888 abc
""".split()
RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "1qaz2wsx3edc4rfv5tgb6yhn",
)
SIGNS = str.maketrans("013457@$!|", "oleastasil")
"""What is written for letters."""
_YEAR = re.compile(r"(19|20)\d\d")
_AGAIN = re.compile(r"(.+?)\1+")


def check(password: str, name: str) -> None:
    """Raises Invalid for one that ``name`` may not have."""
    if len(password) < LEAST:
        raise Invalid(f"A password needs at least {LEAST} characters; four random words are easy to remember.", "short_password")
    if len(password) > MOST:
        raise Invalid(f"A password has at most {MOST} characters.", "long_password")
    if _left(password, name) < LEFT:
        said = "This is one of the first passwords that would be tried. Four random words are easy to remember."
        raise Invalid(said, "common_password")


def _left(password: str, name: str) -> int:
    """How many letters and digits are no piece that anybody would try."""
    pieces = {*WORDS, *([name.casefold()] if len(name) > 2 else [])}
    text = _without_runs(_YEAR.sub(" ", _without(pieces, unicodedata.normalize("NFKC", password).casefold())))
    text = _AGAIN.sub(r"\1", _without(pieces, text.translate(SIGNS)))
    return sum(character.isalnum() for character in text)


def _without(pieces: Iterable[str], text: str) -> str:
    for piece in sorted(pieces, key=len, reverse=True):
        text = text.replace(piece, " ")
    return text


def _without_runs(text: str) -> str:
    """Three and more neighbours, in either direction."""
    for run in RUNS:
        for line in (run, run[::-1]):
            for length in range(len(line), 2, -1):
                for start in range(len(line) - length + 1):
                    text = text.replace(line[start : start + length], " ")
    return text
