"""When it is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.notify.patience import FIRST, LONGEST, backoff, retry_after

NOW = datetime(2026, 3, 2, 9, 21, tzinfo=UTC)
CHANCES = st.floats(0, 1)


@given(attempts=st.integers(1, 10**9), one=CHANCES, other=CHANCES)
def test_waits_are_bounded_and_never_shrink_by_more_than_chance(attempts: int, one: float, other: float) -> None:
    assert FIRST / 2 <= backoff(attempts, one) <= LONGEST
    assert backoff(attempts + 1, one) >= backoff(attempts, one)
    assert backoff(attempts, one) * 2 >= backoff(attempts, other)


def test_waits_double_up_to_the_longest() -> None:
    waits = [backoff(attempts, 0).total_seconds() for attempts in range(1, 13)]
    assert waits == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        ("99999", 3600),
        ("9" * 6000, 3600),
        ("Mon, 02 Mar 2026 09:22:00 GMT", 60),
        ("Mon, 02 Mar 2026 09:22:00 -0000", 60),
        ("Mon, 02 Mar 2026 17:22:00 +0800", 60),
        ("Sun, 01 Mar 2026 00:00:00 GMT", 0),
        ("Mon, 02 Mar 2099 00:00:00 GMT", 3600),
    ],
)
def test_what_a_receiver_asks_for_is_heard_within_bounds(header: str, seconds: float) -> None:
    assert retry_after(header, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "1.5", "²"])
def test_what_is_not_understood_is_passed_over(header: str | None) -> None:
    assert retry_after(header, NOW) is None


@given(header=st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d{1,6} \d\d:\d\d:\d\d( [+-]\d{1,9}| GMT)?"))
def test_no_header_upsets_us(header: str) -> None:
    asked = retry_after(header, NOW)
    assert asked is None or timedelta() <= asked <= LONGEST
