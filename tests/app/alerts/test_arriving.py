"""What came into a look at the queue since it was drawn is told by what was changed."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.alerts.arriving import arrived
from app.alerts.schemas import AlertFilter

STATES = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["open", "acknowledged", "resolved"]),
        "resolution": st.sampled_from([None, "true_positive", "false_positive"]),
        "assignee": st.sampled_from([None, "ana", "bo"]),
        "snoozed_until": st.sampled_from([None, "2026-03-02T08:00:00+00:00"]),
    }
)
WANTED = st.builds(
    AlertFilter,
    status=st.sampled_from([None, "open", "acknowledged"]),
    resolution=st.sampled_from([None, "true_positive"]),
    assignee=st.sampled_from([None, "ana"]),
    assigned=st.sampled_from([None, True, False]),
    snoozed=st.sampled_from([None, True, False]),
)


def found(state: dict[str, Any], wanted: AlertFilter) -> bool:
    """As the queue finds it, of what people decide."""
    return (
        wanted.status in (None, state["status"])
        and wanted.resolution in (None, state["resolution"])
        and wanted.assignee in (None, state["assignee"])
        and wanted.assigned in (None, state["assignee"] is not None)
        and wanted.snoozed in (None, state["snoozed_until"] is not None)
    )


@given(st.lists(STATES, min_size=1, max_size=5), WANTED)
def test_an_alert_arrived_if_it_was_not_found_before(states: list[dict[str, Any]], wanted: AlertFilter) -> None:
    if not found(states[-1], wanted):
        return
    changes = [{name: [was[name], now[name]] for name in was if was[name] != now[name]} for was, now in pairwise(states)]
    told = arrived([("alr_1", change) for change in changes], wanted)
    assert ("alr_1" in told) == (not found(states[0], wanted))


def test_of_several_each_is_looked_at_for_itself() -> None:
    woken, given_away = {"snoozed_until": ["2026-03-02T08:00:00+00:00", None]}, {"assignee": [None, "bo"]}
    wanted = AlertFilter(status="open", snoozed=False)
    assert arrived([("a", woken), ("b", given_away), ("c", given_away), ("c", woken)], wanted) == {"a", "c"}
