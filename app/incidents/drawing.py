"""A cascade as a picture: lanes of channels over time, drawn on the server as SVG.

It is drawn in the colour of the text around it and in one more that reads on light and dark alike, so that it needs no style
sheet; it holds no script and no style. Whatever stands in it as a mark or a thread says in its title what it is.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import log2

from app.incidents.exporting import escaped, quoted
from app.incidents.lanes import Lane, Mark, Thread, lanes, marks, threads
from app.incidents.timeline import Timeline
from detectors.spread.cascade import Cascade, Edge, Seen

WORDS: Mapping[str, str] = {
    "title": "Where it went",
    "summary": "Sightings: %(sightings)s, channels: %(channels)s, of these external: %(external)s, within %(time)s.",
    "first": "first seen",
    "stated": "stated by the gateway",
    "inferred": "inferred",
    "unconfirmed": "unconfirmed",
    "deleted": "deleted",
    "external": "external channel",
    "unseen": "Origins that were not seen",
    "unseen_one": "An origin that the gateway names and that was not seen",
    "more_external": "%(count)s more external channels",
    "more_internal": "%(count)s more channels",
    "members": "%(count)s members",
    "seconds": "%(count)s s",
    "minutes": "%(count)s min",
    "hours": "%(count)s h",
    "days": "%(count)s d",
    "sure": "%(percent)s %% sure",
    "same": "the same file",
    "recompressed": "compressed again",
    "marked": "something on it",
    "crop": "a part",
    "screenshot": "a screenshot",
    "photo": "a photo",
    "unknown": "pixels do not tell",
}
ACCENT, PLAIN = "#d9480f", "#5f6773"
_WIDTH, _LEFT, _RIGHT, _TOP = 1080, 216.0, 36.0, 64.0
_LEAST = 0.3  # opacity of a thread
_CROWD = 90  # threads, from which on each is fainter
_MOST_LINES = 12  # of a title


def draw(cascade: Cascade, words: Mapping[str, str] = WORDS, links: Mapping[str, str] | None = None) -> str:
    """An ``<svg>`` element. ``words``: ``WORDS`` in the reader's language. ``links``: where a sighting's id leads to."""
    return _Sheet(cascade, words, links or {}).svg()


class _Sheet:
    """One drawing in the making."""

    def __init__(self, cascade: Cascade, words: Mapping[str, str], links: Mapping[str, str]) -> None:
        self._cascade, self._words, self._links = cascade, words, links
        self._lanes = lanes(cascade)
        self._step = 34.0 if len(self._lanes) <= 14 else 25.0
        moments = [one.at for one in cascade.seen] or [datetime(1970, 1, 1, tzinfo=UTC)]
        left = _LEFT + (30 if cascade.unseen else 14)
        self._line = Timeline.of(moments, left, _WIDTH - _RIGHT - left)
        self._marks = marks(cascade, self._lanes, self._line)
        self._bottom = _TOP + self._step * len(self._lanes)
        self._height = self._bottom + 44
        self._firsts = {cascade.first.seen} if cascade.first else set()

    def svg(self) -> str:
        drawn = dict.fromkeys(self._marks.values())
        drawn_threads = threads(self._cascade.edges, self._marks)
        faint = min(1.0, (_CROWD / max(1, len(drawn_threads))) ** 0.7)
        return "".join(
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" class="cascade" viewBox="0 0 {_WIDTH} {self._height:.0f}" '
                f'width="{_WIDTH}" height="{self._height:.0f}" role="group" aria-labelledby="cascade-title cascade-summary" '
                'font-family="system-ui, sans-serif" font-size="12" fill="currentColor">',
                f'<title id="cascade-title">{escaped(self._words["title"])}</title>',
                f'<desc id="cascade-summary">{escaped(self._summary())}</desc>',
                *(self._lane(lane) for lane in self._lanes),
                *self._time(),
                '<g fill="none">',
                *(self._thread(thread, faint) for thread in drawn_threads),
                "</g>",
                *(self._mark(mark) for mark in drawn),
                *self._legend(),
                "</svg>",
            )
        )

    def _say(self, key: str, **values: object) -> str:
        return self._words[key] % values if values else self._words[key]

    def _summary(self) -> str:
        reach, took = self._cascade.reach, timedelta(seconds=self._cascade.speed.seconds)
        counts = {"sightings": len(self._cascade.seen), "channels": reach.channels, "external": reach.external}
        return self._say("summary", **counts, time=self._lasting(took))

    def _lasting(self, took: timedelta) -> str:
        seconds = round(took.total_seconds())
        for key, unit, least in (("days", 86_400, 2 * 86_400), ("hours", 3600, 2 * 3600), ("minutes", 60, 60)):
            if seconds >= least or (seconds and seconds % unit == 0):
                return self._say(key, count=_plain(seconds / unit))
        return self._say("seconds", count=seconds)

    # --- what everything stands on

    def _lane(self, lane: Lane) -> str:
        y = self._y(lane)
        name = self._name(lane)
        aside = "" if lane.members is None else self._say("members", count=f"{lane.members:,}")
        shade = f'fill="{ACCENT}" fill-opacity=".09"' if lane.outside else 'fill-opacity=".035"'
        band = f'<rect x="0" y="{y - self._step / 2 + 1:.1f}" width="{_WIDTH}" height="{self._step - 2:.1f}" rx="4" {shade}/>'
        edge = f'<rect x="0" y="{y - self._step / 2 + 1:.1f}" width="3" height="{self._step - 2:.1f}" fill="{ACCENT}"/>'
        told = (
            f"<title>{escaped(' · '.join(word for word in (name, aside, self._say('external') * lane.outside) if word))}</title>"
        )
        label = self._label(lane, name, aside, y)
        return f'<g class="lane">{told}{band}{edge if lane.outside else ""}{label}</g>'

    def _label(self, lane: Lane, name: str, aside: str, y: float) -> str:
        """Its name, and where there is room how many members it has."""
        tall = self._step > 30
        short = escaped(_cut(name, 27 if tall or not aside or lane.channels[1:] else 20))
        label = f'<text x="12" y="{y - 2 if tall and aside else y + 4:.1f}" font-weight="600">{short}</text>'
        small = 'font-size="10.5" fill-opacity=".7"'
        if aside and tall:
            return f'{label}<text x="12" y="{y + 12:.1f}" {small}>{escaped(aside)}</text>'
        if lane.members is not None and not lane.channels[1:]:
            return f'{label}<text x="{_LEFT - 12}" y="{y + 4:.1f}" {small} text-anchor="end">{lane.members:,}</text>'
        return label

    def _name(self, lane: Lane) -> str:
        if lane.unseen:
            return self._say("unseen")
        return lane.name or self._say("more_external" if lane.outside else "more_internal", count=len(lane.channels))

    def _y(self, lane: Lane) -> float:
        return _TOP + self._step * (lane.number + 0.5)

    def _time(self) -> list[str]:
        if not self._cascade.seen:
            return []
        begin = self._cascade.seen[0].at.astimezone(UTC)
        drawn = [f'<text x="{self._line.left - 5:.1f}" y="24" font-weight="600">{begin:%Y-%m-%d %H:%M} UTC</text>']
        drawn += [self._silence(*one) for one in self._line.silences()]
        for x, since in self._line.marks():
            label = f"+{self._lasting(since)}" if since else "0"
            drawn.append(f'<path d="M{x:.1f} {_TOP - 6}V{self._bottom:.1f}" stroke="currentColor" stroke-opacity=".13"/>')
            drawn.append(f'<text x="{x:.1f}" y="{_TOP - 12}" text-anchor="middle" fill-opacity=".75">{escaped(label)}</text>')
        return ['<g class="time">', *drawn, "</g>"]

    def _silence(self, begin: float, end: float, took: timedelta) -> str:
        middle = (begin + end) / 2
        return (
            f"<g><title>{escaped(self._lasting(took))}</title>"
            f'<path d="M{middle - 2:.1f} {_TOP - 6}V{self._bottom:.1f}M{middle + 2:.1f} {_TOP - 6}V{self._bottom:.1f}" '
            'stroke="currentColor" stroke-opacity=".35" stroke-dasharray="2 4"/>'
            f'<text x="{middle:.1f}" y="{_TOP - 26}" text-anchor="middle" font-size="10.5" fill-opacity=".7">⋯ '
            f"{escaped(self._lasting(took))}</text></g>"
        )

    # --- what happened

    def _thread(self, thread: Thread, faint: float) -> str:
        x1, y1, x2, y2 = thread.begin.middle, self._y(thread.begin.lane), thread.end.middle, self._y(thread.end.lane)
        bend = max(14.0, abs(x2 - x1) * 0.5)
        if y1 == y2:
            rise = min(self._step * 0.48, 6 + abs(x2 - x1) / 8)
            path = f"M{x1:.1f} {y1:.1f}C{x1 + 8:.1f} {y1 - rise:.1f} {x2 - 8:.1f} {y2 - rise:.1f} {x2:.1f} {y2:.1f}"
        else:
            path = f"M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
        wide = min(4.5, 1.5 + 0.7 * log2(len(thread.edges)))
        opacity = {"stated": 0.85, "inferred": 0.3 + 0.4 * thread.confidence, "unconfirmed": 0.55}[thread.form]
        told = _listed([self._edge(edge) for edge in thread.edges])
        return (
            f'<path class="{thread.form}" d="{path}" stroke="currentColor" stroke-width="{wide:.1f}" '
            f'stroke-opacity="{max(_LEAST, opacity * faint):.2f}"'
            f"{_DASHES[thread.form]}><title>{escaped(told)}</title></path>"
        )

    def _edge(self, edge: Edge) -> str:
        how = self._say("stated") if edge.how == "stated" else self._say("inferred")
        sure = "" if edge.how == "stated" else self._say("sure", percent=round(100 * edge.confidence))
        told = [how, sure, "" if edge.confirmed else self._say("unconfirmed"), self._say(str(edge.relation))]
        return " · ".join(word for word in told if word)

    def _mark(self, mark: Mark) -> str:
        y, x = self._y(mark.lane), mark.middle
        deleted = sum(one.deleted_at is not None for one in mark.seen)
        colour = f'fill="{ACCENT}"' if mark.lane.outside else 'fill="currentColor"'
        shape = self._pill(mark, x, y) if mark.count > 1 else self._dot(mark, x, y, colour, bool(deleted))
        if mark.count > 1 and deleted:
            shape += f'<path class="deleted" d="M{x - 15:.1f} {y + 10:.1f}h30" stroke="currentColor" stroke-width="2"/>'
        first = self._first(x, y) if any(one.id in self._firsts for one in mark.seen) else ""
        told = f"<title>{escaped(_listed(self._told(mark)))}</title>"
        link = next((self._links[one.id] for one in mark.seen if one.id in self._links), None)
        inner = f"{told}{first}{shape}"
        return f'<a href={quoted(link)} tabindex="-1">{inner}</a>' if link else f'<g class="mark">{inner}</g>'

    def _dot(self, mark: Mark, x: float, y: float, colour: str, deleted: bool) -> str:
        if mark.unseen:
            return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="none" stroke="currentColor" stroke-dasharray="2 2"/>'
        if deleted:
            edge = colour.replace("fill", "stroke")
            ring = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="none" {edge} stroke-width="1.5"/>'
            return f'{ring}<path class="deleted" d="M{x - 8:.1f} {y:.1f}h16" {edge} stroke-width="2"/>'
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5.2" {colour}/>'

    def _pill(self, mark: Mark, x: float, y: float) -> str:
        text = f"×{mark.count}"
        wide = 10 + 6.8 * len(text)
        return (
            f'<rect x="{x - wide / 2:.1f}" y="{y - 8:.1f}" width="{wide:.1f}" height="16" rx="8" '
            f'fill="{ACCENT if mark.lane.outside else PLAIN}"/>'
            f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" font-size="11" font-weight="600" fill="#fff">{text}</text>'
        )

    def _first(self, x: float, y: float) -> str:
        return (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="9.5" fill="none" stroke="currentColor" stroke-width="2"/>'
            f'<text x="{x + 15:.1f}" y="{y - 6:.1f}" font-size="10.5" font-weight="600">{escaped(self._say("first"))}</text>'
        )

    def _told(self, mark: Mark) -> list[str]:
        if mark.unseen:
            return [self._say("unseen_one")]
        return [self._sighting(one) for one in mark.seen]

    def _sighting(self, one: Seen) -> str:
        gone = "" if one.deleted_at is None else f"{self._say('deleted')} {one.deleted_at.astimezone(UTC):%H:%M}"
        at = f"{one.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        words = (at, one.channel_name or one.channel_id, one.sender_name or one.sender_id, gone)
        return " · ".join(word for word in words if word)

    def _legend(self) -> list[str]:
        y, x = self._bottom + 26, _LEFT
        drawn = ['<g class="legend" font-size="11">']
        for form in ("stated", "inferred", "unconfirmed"):
            drawn.append(f'<path d="M{x:.0f} {y - 4:.0f}h30" stroke="currentColor" stroke-width="1.6"{_DASHES[form]}/>')
            drawn.append(f'<text x="{x + 37:.0f}" y="{y:.0f}">{escaped(self._say(form))}</text>')
            x += 60 + _wide(self._say(form))
        drawn.append(f'<rect x="{x:.0f}" y="{y - 10:.0f}" width="14" height="12" rx="3" fill="{ACCENT}" fill-opacity=".35"/>')
        drawn.append(f'<text x="{x + 21:.0f}" y="{y:.0f}">{escaped(self._say("external"))}</text>')
        x += 44 + _wide(self._say("external"))
        drawn.append(f'<circle cx="{x + 8:.0f}" cy="{y - 4:.0f}" r="4.5" fill="none" stroke="currentColor" stroke-width="1.5"/>')
        drawn.append(f'<path d="M{x:.0f} {y - 4:.0f}h16" stroke="currentColor" stroke-width="2"/>')
        drawn.append(f'<text x="{x + 24:.0f}" y="{y:.0f}">{escaped(self._say("deleted"))}</text>')
        return [*drawn, "</g>"]


_DASHES = {"stated": "", "inferred": ' stroke-dasharray="6 4"', "unconfirmed": ' stroke-dasharray="2 3.5"'}


def _listed(told: list[str]) -> str:
    """One a line, not too many."""
    more = len(told) - _MOST_LINES
    return "\n".join(told if more <= 0 else [*told[:_MOST_LINES], f"… +{more}"])


def _plain(value: float) -> str:
    """At most one digit behind the point."""
    return f"{value:.1f}".removesuffix(".0")


def _wide(text: str) -> float:
    """About how many pixels it takes at eleven."""
    return sum(11.0 if ord(letter) > 0x2E7F else 5.9 for letter in text)


def _cut(text: str, units: int) -> str:
    """So much of it as has room; a Chinese character takes two units."""
    room = float(units)
    for number, letter in enumerate(text):
        room -= 1.8 if ord(letter) > 0x2E7F else 1.0
        if room < 0:
            return text[: max(1, number - 1)] + "…"
    return text
