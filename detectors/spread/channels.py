"""What is known of a channel from all that was seen there: a message that says less than one before it takes nothing away."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from detectors.spread.cascade import Seen


@dataclass(frozen=True, slots=True)
class Facts:
    """The newest that is known: ``name`` (``""``: none) and ``members``. ``external``: whether any message says so; ``None``:
    none says anything.
    """

    name: str = ""
    external: bool | None = None
    members: int | None = None

    def and_then(self, later: "Facts") -> "Facts":
        """With what a later message says."""
        external = later.external if self.external is None else self.external or bool(later.external)
        return Facts(later.name or self.name, external, self.members if later.members is None else later.members)


def known(told: Iterable[Facts]) -> Facts:
    """``told``: by each message, in order of time."""
    facts = Facts()
    for one in told:
        facts = facts.and_then(one)
    return facts


def channel_facts(seen: Iterable[Seen]) -> dict[tuple[str, str], Facts]:
    """By channel, in order of first sight. ``seen``: in order of time."""
    found: dict[tuple[str, str], Facts] = {}
    for one in seen:
        told = Facts(one.channel_name, one.external, one.members)
        found[one.channel] = found.get(one.channel, Facts()).and_then(told)
    return found


def completed(seen: Iterable[Seen]) -> tuple[Seen, ...]:
    """Each with what is known of its channel, and the name its sender had last; ``seen``: in order of time."""
    seen = tuple(seen)
    facts, names = channel_facts(seen), {one.sender: one.sender_name for one in seen if one.sender_name}
    return tuple(_completed(one, facts[one.channel], names.get(one.sender, "")) for one in seen)


def _completed(one: Seen, facts: Facts, name: str) -> Seen:
    return replace(one, channel_name=facts.name, external=facts.external, members=facts.members, sender_name=name)
