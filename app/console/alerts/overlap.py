"""Where two passages say the same, so that it can be marked in both."""

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher

_TOKEN = re.compile(r"[^\W\d_\u2e80-\u9fff\uf900-\ufaff]+|\d+|.", re.DOTALL)
"""Words and numbers; what is written without spaces, and everything else, by the character."""
LEAST = 2
"""Tokens in a row, spaces left out; one alone is chance."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; ``same``: the other side says it too."""

    text: str
    same: bool


def overlap(one: str, other: str | None) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both as pieces. Without another text all of the one is the same: it is there because it is.

    Capitals, width and spacing make no difference.
    """
    if other is None:
        return (Piece(one, True),) if one else (), ()
    left, right = _TOKEN.findall(one), _TOKEN.findall(other)
    mine = [place for place, token in enumerate(left) if not token.isspace()]
    theirs = [place for place, token in enumerate(right) if not token.isspace()]
    blocks = SequenceMatcher(
        None, [_plain(left[n]) for n in mine], [_plain(right[n]) for n in theirs], False
    ).get_matching_blocks()
    whole = min(len(mine), len(theirs))
    runs = [block for block in blocks if block.size >= min(LEAST, whole) and block.size]
    return (
        _pieces(left, [(mine[run.a], mine[run.a + run.size - 1]) for run in runs]),
        _pieces(right, [(theirs[run.b], theirs[run.b + run.size - 1]) for run in runs]),
    )


def _plain(token: str) -> str:
    return unicodedata.normalize("NFKC", token).casefold()


def _pieces(tokens: list[str], runs: list[tuple[int, int]]) -> tuple[Piece, ...]:
    """``runs``: first and last token of each."""
    found, at = [], 0
    for first, last in runs:
        found += [Piece("".join(tokens[at:first]), False), Piece("".join(tokens[first : last + 1]), True)]
        at = last + 1
    found.append(Piece("".join(tokens[at:]), False))
    return tuple(piece for piece in found if piece.text)
