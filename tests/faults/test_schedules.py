"""Whatever breaks when: what was accepted is inspected, once, and whoever is to be told is told."""

from tests.faults.lifetimes import Outcome
from tests.faults.schedules import Schedule


def test_everything_accepted_is_accounted_for(lifetime: Outcome, schedule: Schedule) -> None:
    """To see it again: ``pytest tests/faults --fault-seed N``, with the options it was found with."""
    lived = "\n".join(map(str, lifetime.schedules))
    found = lifetime.of(schedule.seed)
    assert not found, "\n".join([f"{schedule}\n", *found[:20], f"\nin the life of\n{lived}\n{dict(lifetime.ledger.told)}"])
    assert any(message.seed == schedule.seed for message in lifetime.account.accepted.values()), "nothing was sent"
