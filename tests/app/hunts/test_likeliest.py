"""Of what the sieve lets through the likeliest is judged first, and what is refused is what costs."""

import numpy as np
import pytest

from app.hunts.likeliest import DOUBT, ROUND, Room, Suspected

FORM = np.arange(30)


def sibling(number: int) -> Suspected:
    return Suspected(number, 0, np.append(FORM, 100 + number % 7))


def copy(number: int) -> Suspected:
    return Suspected(number, 0, np.arange(50, 58))


def judged(room: Room, waiting: list[Suspected], copies: set[int], done: int = 100) -> tuple[list[int], list[int]]:
    """Who was judged, in their order, and who was left."""
    seen: list[int] = []
    while waiting:
        now, waiting = room.next(waiting, done)
        if not now:
            break
        seen += [one.number for one in now]
        room.spend(now, {one.number: "leak" for one in now if one.number in copies})
    return seen, [one.number for one in waiting]


def test_a_copy_among_thousands_of_its_form_is_judged_and_the_rest_is_left_out() -> None:
    waiting = [*(sibling(number) for number in range(3000)), copy(5000)]
    seen, left = judged(Room(100, 100, 0), waiting, {5000})
    assert 5000 in seen
    assert 100 <= len(seen) <= 100 + ROUND
    assert len(seen) + len(left) == 3001


def test_copies_cost_nothing_however_many_there_are() -> None:
    copies = set(range(1000, 3000))
    waiting = [*(sibling(number) for number in range(200)), *(copy(number) for number in copies)]
    seen, left = judged(Room(50, 100, 0), waiting, copies)
    assert copies <= set(seen)
    assert not copies & set(left)


def test_what_is_few_is_judged_whole() -> None:
    seen, left = judged(Room(100, 100, 0), [sibling(number) for number in range(90)], set())
    assert (len(seen), left) == (90, [])


@pytest.mark.parametrize(("done", "most"), [(0, 0), (25, 25), (50, 50)])
def test_room_grows_with_what_was_looked_at(done: int, most: int) -> None:
    seen, _ = judged(Room(100, 100, 0), [sibling(number) for number in range(1000)], set(), done)
    assert most <= len(seen) < most + ROUND + (most == 0)


def test_a_registered_file_is_judged_when_there_is_no_room() -> None:
    seen, left = judged(Room(0, 100, 0), [sibling(1), Suspected(2), Suspected(3, None, np.empty(0, np.int64))], set())
    assert (seen, left) == ([2], [3, 1]), "what is near as a whole is next"


def test_who_goes_on_has_the_room_of_what_is_left() -> None:
    seen, _ = judged(Room(100, 100, 60), [sibling(number) for number in range(1000)], set(), 100)
    assert 40 <= len(seen) < 40 + ROUND


def test_doubts_cost_more_but_are_not_taken_for_the_form() -> None:
    room, waiting = Room(DOUBT * 100, 100, 0), [copy(number) for number in range(1000)]
    now, waiting = room.next(waiting, 100)
    room.spend(now, {one.number: "review" for one in now})
    [nearest, *_], _ = room.next([sibling(2000), copy(2001)], 100)
    assert nearest.number == 2000, "more is more as long as nothing was refused"
    seen = 0
    while now:
        seen += len(now)
        now, waiting = room.next(waiting, 100)
        room.spend(now, {one.number: "review" for one in now})
    assert 100 <= seen <= 100 + ROUND
