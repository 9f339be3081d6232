"""What the organisation says of a sender's access makes a leak one step more urgent, and nothing else."""

from datetime import date
from itertools import product

import pytest

from detectors.policy import conclude, raised
from detectors.thresholds import DEFAULT
from detectors.types import Asset, AssetKind, Level, Match, Raised, Severity, Standing

ENDED = date(2026, 3, 31)
STANDINGS = [
    Standing(ended, clearance, unsigned) for ended, clearance, unsigned in product((None, ENDED), (None, *Level), (False, True))
]


def match(confidence: float = 0.9, asset: str = "a") -> Match:
    return Match(asset, "A", "", "page_copy", confidence, 0, {"summary": ""})


def assets(level: Level, **more: Level) -> dict[str, Asset]:
    return {name: Asset(name, name, AssetKind.DOCUMENT, one) for name, one in {"a": level, **more}.items()}


def test_what_nobody_said_counts_against_nobody() -> None:
    for level in Level:
        before = conclude([match()], assets(level), False, DEFAULT)
        for standing in (None, Standing(), Standing(clearance=Level.TOP_SECRET), Standing(clearance=level)):
            assert conclude([match()], assets(level), False, DEFAULT, standing) == before
            assert raised([match()], assets(level), False, DEFAULT, standing) is None


@pytest.mark.parametrize("standing", STANDINGS, ids=str)
def test_it_is_one_step_at_most_and_no_conclusion(standing: Standing) -> None:
    order = list(Severity)
    for level, external, confidence in product(Level, (None, False, True), (0.61, 0.9)):
        about = [match(confidence)], assets(level), external, DEFAULT
        (conclusion, plain), (same, severity) = conclude(*about), conclude(*about, standing)
        assert same is conclusion
        assert order.index(severity) - order.index(plain) in (0, 1)
        assert (severity is not plain) == (raised(*about, standing) is not None)


def test_the_reason_is_told() -> None:
    about = [match()], assets(Level.CONFIDENTIAL), False, DEFAULT
    assert raised(*about, Standing(ended=ENDED, unsigned=True)) == Raised("access_ended", Level.CONFIDENTIAL, ended=ENDED)
    lower = Standing(clearance=Level.INTERNAL)
    assert raised(*about, lower) == Raised("clearance", Level.CONFIDENTIAL, clearance=Level.INTERNAL)
    assert raised(*about, Standing(unsigned=True)) == Raised("unsigned", Level.CONFIDENTIAL)


def test_nobody_has_to_sign_for_what_is_merely_internal() -> None:
    assert conclude([match()], assets(Level.INTERNAL), False, DEFAULT, Standing(unsigned=True))[1] is Severity.LOW


def test_nothing_is_told_where_nothing_changed() -> None:
    about = [match()], assets(Level.TOP_SECRET), True, DEFAULT
    assert raised(*about, Standing(ended=ENDED)) is None
    assert raised([], {}, True, DEFAULT, Standing(ended=ENDED)) is None


def test_the_gravest_match_counts() -> None:
    both = [match(asset="a"), match(asset="b")]
    known = assets(Level.INTERNAL, b=Level.SECRET)
    assert conclude(both, known, False, DEFAULT, Standing(clearance=Level.SECRET)) == conclude(both, known, False, DEFAULT)
    assert raised(both, known, False, DEFAULT, Standing(clearance=Level.CONFIDENTIAL)) == Raised(
        "clearance", Level.SECRET, clearance=Level.CONFIDENTIAL
    )
