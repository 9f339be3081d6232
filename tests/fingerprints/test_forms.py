"""What many share says little; what it learnt from is what was refused."""

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from fingerprints.forms import Forms

I64 = npt.NDArray[np.int64]
some = st.lists(st.integers(0, 30), max_size=12, unique=True).map(lambda one: np.array(one, np.int64))


@given(st.lists(some, max_size=6), st.lists(some, max_size=6))
def test_each_is_weighed_by_itself_and_in_whatever_order_it_was_learnt(refused: list[I64], asked: list[I64]) -> None:
    one, other = Forms(), Forms()
    for had in refused:
        one.refused(1, had)
    for had in reversed(refused):
        other.refused(1, had)
    together = one.weigh(1, asked)
    assert together == [weight for had in asked for weight in other.weigh(1, [had])]
    assert one.weigh(2, asked) == Forms().weigh(2, asked), "another picture has another form"


def test_what_has_more_than_the_form_comes_before_what_has_more_of_the_form() -> None:
    forms, form = Forms(), np.arange(40)
    copy, sibling = np.arange(100, 106), np.arange(40)
    [before, after] = forms.weigh(0, [copy, sibling])
    assert before < after, "nothing is known yet: more is more"
    for number in range(30):
        forms.refused(0, np.append(form, 200 + number))
    [before, after, both] = forms.weigh(0, [copy, sibling, np.concatenate([copy, sibling])])
    assert before > both > after
    assert forms.weigh(0, []) == []
