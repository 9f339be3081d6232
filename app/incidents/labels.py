"""What stands before a lane: its channel, how many members that has, and where it stands in the tree of channels."""

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from app.incidents import shapes
from app.incidents.exporting import escaped, quoted
from app.incidents.lanes import Lane
from app.incidents.sheet import Sheet
from app.incidents.telling import LONGEST, Teller

if TYPE_CHECKING:
    from app.incidents.drawing import Leads

_SMALL = 'font-size="10.5" fill-opacity=".7"'
_INDENT, _DEEPEST = 9.0, 9


def label(lane: Lane, sheet: Sheet, tell: Teller, leads: "Leads") -> str:
    """With its title."""
    top, high = sheet.tops[lane.number], sheet.heights[lane.number]
    edge = f'<rect x="0" y="{top + 1:.1f}" width="3" height="{high - 2:.1f}" fill="{shapes.ACCENT}"/>' if lane.outside else ""
    told = shapes.title(tell.lane(lane))
    words = _shared(lane, sheet, tell, leads.every) if lane.shared else _own(lane, sheet, tell)
    if leads.ways and not (lane.shared or lane.unseen):
        address = f"{leads.ways}?{urlencode({'q': lane.name[:LONGEST]})}"
        room = f'<rect y="{top:.1f}" width="{sheet.left:.0f}" height="{high:.0f}" fill-opacity="0"/>'
        words = f'<a href={quoted(address)} tabindex="-1">{room}{words}</a>'
    return f"{told}{edge}{words}"


def _own(lane: Lane, sheet: Sheet, tell: Teller) -> str:
    """Its name, and where there is room how many members it has."""
    y = sheet.tops[lane.number] + sheet.step / 2
    aside, tall = tell.reach(lane), sheet.step > 30
    x = 12 + _INDENT * min(lane.depth, _DEEPEST)
    room = (sheet.left - x - (12 if tall or not aside else 50)) / 6.9
    name = _text(x, y - 2 if tall and aside else y + 4, shapes.cut(tell.name(lane), room), 'font-weight="600"')
    if aside and tall:
        return name + _text(x, y + 12, aside, _SMALL)
    if lane.members is not None:
        name += f'<text x="{sheet.left - 12}" y="{y + 4:.1f}" {_SMALL} text-anchor="end">{lane.members:,}</text>'
    return name + (_twig(x, y, sheet.step) if lane.depth else "")


def _twig(x: float, y: float, step: float) -> str:
    """That it had it from the channel above that stands one further left."""
    return f'<path d="M{x - 6:.1f} {y - step / 2:.1f}v{step / 2:.0f}h4" fill="none" stroke="currentColor" stroke-opacity=".4"/>'


def _shared(lane: Lane, sheet: Sheet, tell: Teller, every: str) -> str:
    """How much is in it, and where to see it channel by channel."""
    y = sheet.tops[lane.number]
    counts = (tell.say("sightings", count=f"{lane.sightings:,}"), tell.reach(lane))
    words = _text(12, y + 17, tell.name(lane), 'font-weight="600"')
    words += _text(12, y + 33, " · ".join(word for word in counts if word), _SMALL)
    if every:
        leads = _text(12, y + 49, f"{tell.say('every')} →", 'text-decoration="underline"')
        words += f"<a href={quoted(every)}>{leads}</a>"
    return words


def _text(x: float, y: float, says: str, how: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.1f}" {how}>{escaped(says)}</text>'
