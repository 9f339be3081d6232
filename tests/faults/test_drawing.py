"""A schedule is its seed's."""

from hypothesis import given
from hypothesis import strategies as st

from tests.faults.schedules import CALM, KINDS, Kind, Size, draw

seeds = st.integers(0, 2**64)
lengths = st.floats(2, 600, allow_nan=False)


@given(seeds, lengths)
def test_the_same_seed_draws_the_same_schedule(seed: int, seconds: float) -> None:
    assert draw(seed, seconds) == draw(seed, seconds)


@given(seeds, lengths)
def test_faults_come_in_order_within_the_load_and_fit_what_is_deployed(seed: int, seconds: float) -> None:
    schedule = draw(seed, seconds)
    times = [fault.at for fault in schedule.faults]
    assert times == sorted(times)
    assert times
    assert times[0] >= CALM
    assert times[-1] <= seconds - CALM
    assert {fault.kind for fault in schedule.faults} <= set(KINDS[schedule.size])
    assert all(0 <= fault.chance < 1 and 0 < fault.lasts <= seconds for fault in schedule.faults)


@given(seeds)
def test_twenty_seeds_leave_no_kind_out(seed: int) -> None:
    schedules = [draw(one, 3) for one in range(seed, seed + 20)]
    for size in Size:
        assert {fault.kind for one in schedules if one.size == size for fault in one.faults} == set(KINDS[size])
    assert set().union(*KINDS.values()) == set(Kind)


@given(seeds)
def test_a_longer_schedule_has_more_faults(seed: int) -> None:
    assert len(draw(seed, 3).faults) <= 2 < len(draw(seed, 60).faults)


def test_other_seeds_draw_other_schedules() -> None:
    assert len({draw(seed, 10).faults for seed in range(100)}) == 100
