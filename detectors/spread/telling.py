"""What an inferred edge rests on, as keys that a page puts into words: only what holds, the weightiest first."""

from collections.abc import Sequence

from detectors.spread.likely import FEATURES, Possible
from fingerprints.descent import Relation

_SOON = 20 * 60.0
_CLEAR = 2.0  # of a logarithm: by which what compression left fits one copy better than another
_AT = {name: number for number, name in enumerate(FEATURES)}


def reasons(best: Possible, others: Sequence[Possible]) -> tuple[str, ...]:
    """Why the best of them."""
    return tuple(dict.fromkeys((*_of_pixels(best, others), *_of_people(best), *(("only_one",) * (not others)))))


def _of_pixels(best: Possible, others: Sequence[Possible]) -> list[str]:
    one = best.descent
    if one.relation is Relation.SAME:
        return ["same_bytes"]
    told = []
    if one.apart is not None:
        told.append("same_frame")
        apart = [other.descent.apart for other in others if other.descent.apart is not None and other.descent.apart > 0]
        if apart and one.apart < min(apart):
            told.append("nearest_copy")
    elif one.inside > 0.97:
        told.append("lies_within")
    elif one.visible > 0.97:
        told.append("shown_whole")
    if one.apart is None and one.drift == 0 and any(other.descent.drift < -_CLEAR for other in others):
        told.append("nearest_copy")
    if one.apart is None and one.kept > 0.8 and any(other.descent.kept < one.kept - 0.2 for other in others):
        told.append("marks_inherited")
    if abs(one.scale) < 0.015 and one.apart is None:
        told.append("same_pixels")
    if one.lost > 0.05 or one.scale < -0.1:
        told.append("less_detail")
    return told


def _of_people(best: Possible) -> list[str]:
    values = best.values
    told = [name for key, name in _SOCIAL.items() if values[_AT[key]]]
    return [*told, "soon_after"] if best.seconds <= _SOON else told


_SOCIAL = {"same_sender": "same_sender", "was_there": "sender_was_there", "same_channel": "same_channel"}
