"""Which channel had it from which: a tree of channels, by how each first came to it."""

from dataclasses import dataclass

from detectors.spread.cascade import Cascade

Channel = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Twig:
    """A channel in the tree. ``depth``: channels before it on the way; 0, it came from none that was seen."""

    channel: Channel
    depth: int


def twigs(cascade: Cascade) -> list[Twig]:
    """Every channel once, each followed by those that had it from it, of these the first that had it first.

    So a branch stands together, and what leads to a channel is near it.
    """
    below: dict[Channel | None, list[Channel]] = {}
    for channel, parent in parents(cascade).items():
        below.setdefault(parent, []).append(channel)
    found, left = [], [Twig(channel, 0) for channel in reversed(below.get(None, []))]
    while left:
        twig = left.pop()
        found.append(twig)
        left += [Twig(channel, twig.depth + 1) for channel in reversed(below.get(twig.channel, []))]
    return found


def parents(cascade: Cascade) -> dict[Channel, Channel | None]:
    """Of each channel, by first sight, the one that its first copy came from; ``None``: none that was seen."""
    channels = {one.id: one.channel for one in cascade.seen}
    found: dict[Channel, Channel | None] = {}
    for one in cascade.seen:
        if one.channel not in found:
            edge = cascade.parent_of(one.id)
            parent = channels.get(edge.parent) if edge else None
            found[one.channel] = parent if parent != one.channel else None
    return found
