"""Figures are what a person would count by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.numbers.figures import (
    Stand,
    Timed,
    acknowledging,
    believable,
    by_detector,
    decided,
    detecting,
    extrapolated,
    interval,
    precision,
    resolving,
    times,
    waits,
    worst_first,
)
from app.numbers.replaying import Labelled, Point, curve, replay
from app.numbers.repository import LastMessage
from app.numbers.service import NOW, code_of, uninspected

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
resolutions = st.sampled_from(["true_positive", "benign_positive", "false_positive"])
sure = st.integers(0, 20).map(lambda step: step / 20)
alerts = st.builds(
    Labelled,
    st.uuids().map(str),
    resolutions,
    st.lists(st.tuples(st.sampled_from(["page_copy", "marking"]), sure), max_size=3).map(tuple),
)


def timed(sent: float | None, created: float, acknowledged: float | None = None, resolved: float | None = None) -> Timed:
    def at(seconds: float | None) -> datetime | None:
        return None if seconds is None else START + timedelta(seconds=seconds)

    return Timed(at(sent), START, START + timedelta(seconds=created), at(acknowledged), at(resolved))


def test_times_are_counted_from_where_they_say() -> None:
    rows = [timed(-5, 2, 12, 60), timed(None, 3, None, 33), timed(100, 4)]
    assert detecting(rows) == waits([7, 3, 0]), "a clock that is ahead makes no negative time"
    assert acknowledging(rows) == waits([10, 30]), "who resolves at once has acknowledged"
    assert resolving(rows) == waits([58, 30])


def test_clocks_that_cannot_be_right_are_left_out_of_times_to_detect() -> None:
    ancient = Timed(datetime(1, 1, 1, tzinfo=UTC), START, START, None, None)
    future = Timed(datetime(9999, 12, 31, tzinfo=UTC), START, START, None, None)
    rows = [ancient, future, timed(-30 * 86_400 - 1, 2), timed(301, 2), timed(-30 * 86_400, 0), timed(300, 2), timed(None, 7)]
    assert [believable(row) for row in rows] == [False] * 4 + [True] * 3
    assert detecting(rows) == waits([30 * 86_400, 0, 7])


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200))
def test_percentiles_are_values_that_were_measured(values: list[float]) -> None:
    found = waits(values)
    rounded = {round(value, 3) for value in values}
    assert found.count == len(values)
    assert {found.p50, found.p90, found.p99} <= rounded
    assert sum(value <= (found.p90 or 0) + 1e-3 for value in values) >= 0.9 * len(values)


def test_nothing_measured_is_nothing_told() -> None:
    assert waits([]).p50 is None
    assert precision({}) is None


@pytest.mark.parametrize(
    ("right", "total", "low", "high"), [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)]
)
def test_the_interval_is_that_of_the_literature(right: int, total: int, low: float, high: float) -> None:
    """The last: Newcombe (Statistics in Medicine, 1998), table I, method 3."""
    assert interval(right, total) == pytest.approx((low, high), abs=1e-4)


@given(st.integers(1, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_the_interval_holds_the_share(counted: tuple[int, int]) -> None:
    low, high = interval(*counted)
    assert 0 <= low <= counted[0] / counted[1] + 1e-9
    assert counted[0] / counted[1] - 1e-9 <= high <= 1


def test_an_alert_counts_for_each_of_its_detectors() -> None:
    found = by_detector(
        [(" page_copy  marking ", "true_positive", 2), (" marking ", "false_positive", 3), ("", "true_positive", 9)]
    )
    assert found == {"page_copy": {"true_positive": 2}, "marking": {"true_positive": 2, "false_positive": 3}}
    told = {name: one for name, counts in found.items() if (one := precision(counts))}
    assert told["marking"].right == 0.4
    assert [name for name, _ in worst_first(told)] == ["marking", "page_copy"]


def test_another_bar_says_what_would_have_been() -> None:
    history = [
        Labelled("sure", "true_positive", (("page_copy", 0.95),)),
        Labelled("weak", "true_positive", (("marking", 0.5),)),
        Labelled("wrong", "false_positive", (("marking", 0.6), ("page_copy", 0.4))),
        Labelled("accused", "false_positive", (("page_copy", 0.8),)),
        Labelled("unread", "benign_positive", ()),
    ]
    higher = replay(history, NOW, Point(0.65, 0.9))
    assert (higher.missed, higher.spared, higher.eased, higher.alerts) == (("weak",), ("wrong",), ("accused",), 3)
    lower = replay(history, NOW, Point(0.0, 0.5))
    assert (lower.believed, lower.accused, lower.missed) == (("weak",), ("wrong",), ())
    only = replay(history, NOW, Point(0.65, 0.7, "marking"))
    assert (only.missed, only.spared) == (("weak",), ()), "the other detector's match still shows it"


@given(st.lists(alerts, max_size=30), sure, sure)
def test_a_higher_bar_only_ever_takes_away(history: list[Labelled], least: float, leak: float) -> None:
    same = replay(history, NOW, NOW)
    assert not any((same.missed, same.spared, same.doubted, same.accused, same.believed, same.eased))
    found = replay(history, NOW, Point(least, leak))
    assert found.alerts == len(history) - len(found.missed) - len(found.spared)
    points = curve(history, Point(least, leak))
    assert [point[1] for point in points] == sorted((point[1] for point in points), reverse=True)
    assert [point[3] for point in points] == sorted(point[3] for point in points)


def test_what_was_not_looked_into_is_counted_by_its_reason() -> None:
    parts = [{"reason": "page 3: encrypted: it asks for a password"}, {"reason": "unsupported: no picture"}, {"reason": "Huh"}]
    last: list[tuple[str, Any, str | None]] = [
        ("done", parts, None),
        ("done", None, None),
        ("queued", None, None),
        ("queued", None, None),
        ("done", parts[:1], None),
    ]
    last += [("failed", [], "timeout: took 60 s"), ("failed", None, "timeout: took 61 s"), ("failed", None, "crashed: 9")]
    found = uninspected([LastMessage(*one) for one in last], START)
    assert (found.oldest, uninspected([], None).oldest) == (START, None)
    assert [(one.code, one.messages) for one in found.failures] == [("timeout", 2), ("crashed", 1)]
    assert (found.messages, found.waiting, found.failed, found.partly) == (8, 2, 3, 2)
    assert [(one.code, one.parts) for one in found.reasons] == [("encrypted", 2), ("other", 1), ("unsupported", 1)]
    assert code_of("a b: too_deep: nested") == "too_deep"


def test_what_is_said_of_all_is_what_a_sample_says() -> None:
    assert extrapolated(7, 40, 40) == (7, 7, 7)
    assert extrapolated(7, 41, 40) == (7, 7, 7), "some were forgotten meanwhile"
    about, low, high = extrapolated(10, 100, 1000)
    assert about == 100
    assert (low, high) == pytest.approx((56.9, 169.9), abs=0.1), "narrower than Wilson's 55 to 174: a tenth of all was looked at"


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n), st.integers(n, 5000))))
def test_it_is_never_less_than_was_seen_nor_more_than_there_can_be(sample: tuple[int, int, int]) -> None:
    found, looked, total = sample
    about, low, high = extrapolated(found, looked, total)
    assert found <= low <= about + 1e-6
    assert about - 1e-6 <= high <= total - (looked - found)


@pytest.mark.parametrize(("true", "looked"), [(20, 300), (200, 300), (200, 1800), (1000, 100)])
def test_the_truth_lies_within_in_nineteen_of_twenty_samples(true: int, looked: int) -> None:
    total = 2000
    drawn = np.random.default_rng(true + looked).hypergeometric(true, total - true, looked, 2000)
    within = [low <= true <= high for _, low, high in (extrapolated(int(one), looked, total) for one in drawn)]
    assert sum(within) / len(within) >= 0.93


@pytest.mark.parametrize(
    ("stands", "acknowledged", "resolved"),
    [
        ([], None, None),
        (["acknowledged"], 0, None),
        (["acknowledged", "resolved"], 0, 1),
        (["acknowledged", "acknowledged", "resolved", "resolved"], 0, 3),
        (["acknowledged", "resolved", "open"], None, None),
        (["resolved", "open", "resolved"], None, 2),
        (["acknowledged", "resolved", "acknowledged"], 2, None),
        (["acknowledged", "open", "acknowledged", "resolved"], 2, 3),
    ],
)
def test_what_was_reopened_begins_again(stands: list[str], acknowledged: int | None, resolved: int | None) -> None:
    moments = [START + timedelta(minutes=number) for number in range(len(stands))]
    found = decided(map(Stand, stands, moments))
    assert found == tuple(None if at is None else moments[at] for at in (acknowledged, resolved))


def test_what_came_back_because_more_was_found_in_it_begins_anew_and_was_decided_before() -> None:
    def at(minute: int) -> datetime:
        return START + timedelta(minutes=minute)

    born = timed(-5, 0)
    before, back = [Stand("acknowledged", at(1)), Stand("resolved", at(2))], Stand("open", at(90), found=True)
    stands = [*before, back, Stand("resolved", at(93))]
    rows = times(born, stands)
    assert (detecting(rows), acknowledging(rows), resolving(rows)) == (waits([5]), waits([60, 180]), waits([120, 180]))
    assert resolving(times(born, stands[:3])) == waits([120]), "about what was found since nobody has decided"
    assert times(born, []) == [born]
    late = timed(-86_400, 0)
    assert detecting([replace(late, live=False)]) == waits([])
