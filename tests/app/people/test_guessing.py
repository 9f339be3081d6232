"""Whoever errs waits, each time twice as long; a stranger keeps nobody out."""

from app.people import guessing
from app.people.guessing import REMEMBERED, SOMEBODY, SOMEBODY_THERE, THERE, Guesses

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def patient(guesses: Guesses, clock: Clock, name: str, address: str) -> float:
    """Guess once, as soon as one may; how long that took."""
    waited = guesses.wait(name, address)
    clock.now += waited
    assert guesses.wait(name, address) == 0
    guesses.wrong(name, address)
    return waited


def test_some_errors_cost_nothing_then_each_costs_twice_the_one_before() -> None:
    clock = Clock()
    guesses = Guesses(clock)
    waits = [patient(guesses, clock, "zhang", HERE) for _ in range(20)]
    assert waits[: SOMEBODY_THERE.free + 1] == [0.0] * 6
    assert waits[6:12] == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
    assert waits[-1] == SOMEBODY_THERE.longest


def test_others_from_there_and_the_same_from_elsewhere_do_not_wait() -> None:
    clock = Clock()
    guesses = Guesses(clock)
    for _ in range(20):
        patient(guesses, clock, "zhang", HERE)
    assert guesses.wait("zhang", HERE) > 0
    assert guesses.wait("zhang", ELSEWHERE) == 0
    assert guesses.wait("li", HERE) == 0
    assert guesses.wait("", HERE) == 0


def test_guessers_with_many_addresses_wait_but_never_keep_somebody_out_for_long() -> None:
    clock = Clock()
    guesses = Guesses(clock)
    waits = [patient(guesses, clock, "zhang", f"192.0.2.{n}") for n in range(SOMEBODY.free + 20)]
    assert sum(waits[: SOMEBODY.free + 1]) == 0
    assert waits[-1] == SOMEBODY.longest
    assert 0 < guesses.wait("zhang", HERE) <= 60


def test_an_address_under_many_names_waits_and_success_does_not_help_it() -> None:
    clock = Clock()
    guesses = Guesses(clock)
    for n in range(THERE.free + 5):
        patient(guesses, clock, f"name {n}", HERE)
    guesses.right("mine", HERE)
    assert 0 < guesses.wait("mine", HERE) <= THERE.longest
    assert guesses.wait("", HERE) > 0
    assert guesses.wait("mine", ELSEWHERE) == 0


def test_success_and_time_let_it_be_forgotten() -> None:
    clock = Clock()
    guesses = Guesses(clock)
    for _ in range(8):
        patient(guesses, clock, "zhang", HERE)
    guesses.right("zhang", HERE)
    assert guesses.wait("zhang", HERE) == 0
    assert [patient(guesses, clock, "zhang", HERE) for _ in range(6)] == [0.0] * 6
    clock.now += REMEMBERED + 1
    assert [patient(guesses, clock, "zhang", HERE) for _ in range(6)] == [0.0] * 6


def test_the_next_that_is_looked_at_tells_how_many_were_not() -> None:
    clock = Clock()
    guesses = Guesses(clock)
    for _ in range(7):
        patient(guesses, clock, "zhang", HERE)
    for _ in range(3):
        assert guesses.wait("zhang", HERE) > 0
    clock.now += 60
    assert guesses.wait("zhang", HERE) == 0
    assert guesses.wrong("zhang", HERE) == 3
    clock.now += 60
    assert guesses.wrong("zhang", HERE) == 0


def test_it_forgets_rather_than_grows() -> None:
    guesses = Guesses(Clock())
    for n in range(guessing.MOST):
        guesses.wrong(f"name {n}", f"address {n}")
    assert len(guesses._counts) <= guessing.MOST
