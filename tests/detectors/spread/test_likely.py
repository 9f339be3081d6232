"""What people and time say of two copies is weighed as its features are."""

import math
from datetime import timedelta
from operator import mul

from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.spread.cascade import Seen
from detectors.spread.likely import FEATURES, WEIGHTS, Post, possible, weighed
from detectors.spread.tracing import together
from fingerprints.descent import Descent, Relation
from tests.detectors.spread.copies import cascades

BY = [WEIGHTS[name] for name in FEATURES]


@given(cascades(pixels=False, least=2, most=6), st.booleans())
@settings(max_examples=60)
def test_a_score_is_the_sum_of_its_features_each_times_its_weight(seen: list[Seen], same: bool) -> None:
    descent = Descent(Relation.SAME) if same else Descent(Relation.CROP, inside=0.9, visible=0.4)
    posts = [Post(one, rank) for rank, one in enumerate(seen)]
    known = together(seen, {})
    for child in posts:
        for one in possible(child, posts, descent, weighed(descent), known):
            assert math.isclose(one.score, math.fsum(map(mul, one.values, BY)), abs_tol=1e-9)
            told = dict(zip(FEATURES, one.values, strict=True))
            assert told["same_sender"] == (one.parent.sender == child.seen.sender)
            assert told["back"] == (one.parent.at > child.seen.at)
            assert told["same_outside"] == (same and one.parent.gateway != child.seen.gateway)
            assert timedelta(seconds=one.seconds) == max(timedelta(), child.seen.at - one.parent.at)
