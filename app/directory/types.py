"""One person as the directory has them, and what may be wrong with a file that says so."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

Kind = Literal["staff", "temporary", "contractor", "visitor"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LEVELS = ("internal", "confidential", "secret", "top_secret")
MOST_PEOPLE = 200_000


@dataclass(frozen=True, slots=True)
class Person:
    """Whose account it is. ``gateway``: empty, whichever. ``clearance``: up to which level, empty if nobody said.

    ``signed_on``: when they committed themselves to confidentiality, ``None`` not; ``ends_on``: the last day of their access.
    """

    gateway: str
    sender: str
    name: str
    unit: str
    kind: Kind
    clearance: str
    signed_on: date | None
    ends_on: date | None
    responsible: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with one field. ``line``: as an editor counts them, from 1."""

    line: int
    column: str
    says: str


class Unusable(Exception):
    """A file that says who people are, but not right. ``wrong``: the first things; nothing of it was taken."""

    def __init__(self, wrong: tuple[Wrong, ...]) -> None:
        super().__init__("; ".join(f"line {one.line}, {one.column}: {one.says}" for one in wrong[:5]))
        self.wrong = wrong
