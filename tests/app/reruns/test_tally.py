"""Messages are counted once, however many parts, detectors and assets say so."""

from hypothesis import given
from hypothesis import strategies as st

from app.reruns.errands import Finding, Tried
from app.reruns.tally import ASSETS, EXAMPLES, Tally

findings = st.lists(
    st.builds(Finding, st.sampled_from("abc"), st.sampled_from(["page_copy", "equipment_photo"]), st.floats(0, 1)), max_size=3
).map(tuple)
messages = st.lists(st.tuples(st.lists(st.builds(Tried, st.just(1), findings, findings), max_size=3), st.booleans()), max_size=30)


def sees(asset: str, detector: str = "equipment_photo", sure: float = 0.5) -> tuple[Finding, ...]:
    return (Finding(asset, detector, sure),)


def test_a_message_is_more_if_nobody_was_shown_it_and_today_nobody_would_be() -> None:
    tally = Tally()
    tally.add("clear", [Tried(1, (), ())], alerted=False)
    tally.add("today", [Tried(2, sees("a"), sees("a")), Tried(3, (), sees("b"))], alerted=True)
    tally.add("seen for another reason", [Tried(3, (), sees("b"))], alerted=True)
    tally.add("more", [Tried(3, (), sees("b")), Tried(4, (), sees("b", "page_copy", 0.6) + sees("c"))], alerted=False)
    told = tally.told()
    assert (tally.looked, told["alerted"], told["now"], told["more"]) == (4, 2, 1, 1)
    assert told["detectors"] == [
        {"name": "equipment_photo", "now": 1, "more": 1},
        {"name": "page_copy", "now": 0, "more": 1},
    ]
    assert [(one["name"], one["now"], one["more"]) for one in told["assets"]] == [("b", 0, 1), ("c", 0, 1), ("a", 1, 0)]
    assert told["examples"] == [{"message_id": "more", "asset_id": "b", "detector": "page_copy", "confidence": 0.6}]


@given(messages)
def test_no_part_of_it_says_more_than_the_whole(some: list[tuple[list[Tried], bool]]) -> None:
    tally = Tally()
    for number, (parts, alerted) in enumerate(some):
        tally.add(f"m{number}", parts, alerted)
    told = tally.told()
    assert tally.looked == len(some)
    assert told["now"] + told["more"] <= len(some)
    for one in [*told["detectors"], *told["assets"]]:
        assert one["now"] <= told["now"]
        assert one["more"] <= told["more"]
    assert len(told["examples"]) == min(EXAMPLES, told["more"])


def test_of_many_assets_those_with_the_most_are_told() -> None:
    tally = Tally()
    for number in range(ASSETS + 5):
        for _ in range(2 if number == 7 else 1):
            tally.add("m", [Tried(number, (), sees(f"asset {number}"))], alerted=False)
    told = tally.told()["assets"]
    assert len(told) == ASSETS
    assert told[0] == {"name": "asset 7", "now": 0, "more": 2}
