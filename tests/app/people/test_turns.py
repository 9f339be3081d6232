"""What is dear, a few times at once for each person."""

import pytest

from app.errors import TooMany
from app.people.turns import AGAIN, Turns


def test_one_person_has_so_many_and_others_have_theirs() -> None:
    turns = Turns(2)
    with turns.one("tok_a"), turns.one("tok_a"):
        with pytest.raises(TooMany) as refused, turns.one("tok_a"):
            pytest.fail("a third")
        assert (refused.value.code, refused.value.headers) == ("trials_busy", {"Retry-After": str(AGAIN)})
        with turns.one("tok_b"):
            pass
    with turns.one("tok_a"), turns.one("tok_a"):
        pass


def test_what_fails_gives_its_turn_back_and_nothing_is_remembered() -> None:
    turns = Turns(1)
    for _ in range(3):
        with pytest.raises(KeyError), turns.one("tok_a"):
            raise KeyError
    assert not turns._taken
