"""A cascade as a picture: lanes of channels over time, drawn on the server as SVG.

It is drawn in the colour of the text around it and in one more that reads on light and dark alike, so that it needs no style
sheet; it holds no script and no style. Whatever stands in it as a mark or a thread says in its title what it is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from math import log2

from app.incidents import shapes
from app.incidents.exporting import escaped
from app.incidents.labels import label
from app.incidents.marks import CELL, Mark, Thread, threads
from app.incidents.sheet import Sheet
from app.incidents.telling import WORDS, Teller
from detectors.spread.cascade import Cascade

__all__ = ["WORDS", "Leads", "draw", "pieces"]
_NAMED = ' role="group" aria-labelledby="cascade-title cascade-summary"'
_LEAST = 0.3  # opacity of a thread
_CROWD = 90  # threads, from which on those that brought it into no new channel are fainter


@dataclass(frozen=True, slots=True)
class Leads:
    """Where a drawing leads to. ``sightings``: by id; ``every``: to one in which every channel has a lane of its own, ``""``: to
    none; ``ways``: to a list, which is asked for a channel's name as ``q``; ``""``: to none.
    """

    sightings: Mapping[str, str] = field(default_factory=dict)
    every: str = ""
    ways: str = ""


NOWHERE = Leads()


def draw(cascade: Cascade, words: Mapping[str, str] = WORDS, leads: Leads = NOWHERE, every: bool = False) -> str:
    """An ``<svg>`` element. ``words``: ``WORDS`` in the reader's language. ``every``: each channel has a lane of its own."""
    return _Drawing(cascade, words, leads, every).whole()


@dataclass(frozen=True, slots=True)
class Pieces:
    """A drawing as several ``<svg>``: ``names`` of lanes stand before what happened, the ``body``, and ``time`` above that, so
    that the first can stay while one scrolls aside, and the last while one scrolls down. ``legend``: shapes, each an ``<svg>``,
    and what they mean.
    """

    time: str
    names: str
    body: str
    legend: tuple[tuple[str, str], ...]


def pieces(cascade: Cascade, words: Mapping[str, str] = WORDS, leads: Leads = NOWHERE) -> Pieces:
    """With a lane for every channel."""
    return _Drawing(cascade, words, leads, True).pieces()


class _Drawing:
    """One drawing in the making."""

    def __init__(self, cascade: Cascade, words: Mapping[str, str], leads: Leads, every: bool) -> None:
        self._cascade, self._leads, self._every = cascade, leads, every
        self._tell = Teller(cascade, words)
        self._sheet = Sheet(cascade, every)
        self._threads = threads(cascade, self._sheet.marks)
        self._crowd = min(1.0, (_CROWD / max(1, len(self._threads))) ** 0.7)
        self._numbers = {mark: number for number, mark in enumerate(dict.fromkeys(self._sheet.marks.values()))}
        self._firsts = {cascade.first.seen} if cascade.first and cascade.beginnings == 1 else set()

    def whole(self) -> str:
        sheet = self._sheet
        legend = shapes.legend(sheet.left, sheet.bottom + 26, self._samples())
        drawn = (*self._bands(True), *self._marked_time(), *self._lines(), *self._happened(), *legend)
        return self._svg((0, 0, sheet.width, sheet.height), drawn)

    def pieces(self) -> Pieces:
        sheet = self._sheet
        aside = sheet.bottom - sheet.top
        names = self._svg((0, sheet.top, sheet.left, aside), self._bands(True), "names")
        body = (sheet.left, sheet.top, sheet.width - sheet.left, aside)
        time = self._svg((sheet.left, 0, sheet.width - sheet.left, sheet.top), self._marked_time(), "axis")
        drawn = self._svg(body, (*self._bands(False), *self._lines(), *self._happened()), "body")
        legend = tuple((self._svg((0, -8, one.wide, 16), [one.shape], "sample"), one.says) for one in self._samples())
        return Pieces(time, names, drawn, legend)

    def _svg(self, box: tuple[float, float, float, float], inner: Iterable[str], piece: str = "") -> str:
        """``piece``: which, of several; what happened is the one that names itself."""
        view = " ".join(f"{value:.0f}" for value in box)
        names, named = (self._named(), _NAMED) if piece in ("", "body") else ("", "")
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="cascade {piece}" viewBox="{view}" width="{box[2]:.0f}" '
            f'height="{box[3]:.0f}"{named} font-family="system-ui, sans-serif" font-size="12" fill="currentColor">'
            f"{names}{''.join(inner)}</svg>"
        )

    def _named(self) -> str:
        title, summary = self._tell.say("title"), self._tell.summary()
        return f'<title id="cascade-title">{escaped(title)}</title><desc id="cascade-summary">{escaped(summary)}</desc>'

    # --- what everything stands on

    def _bands(self, named: bool) -> Iterator[str]:
        """Of lanes; ``named``: with what they are called."""
        for lane in self._sheet.lanes:
            top, high = self._sheet.tops[lane.number], self._sheet.heights[lane.number]
            shade = f'fill="{shapes.ACCENT}" fill-opacity=".09"' if lane.outside else 'fill-opacity=".035"'
            band = f'<rect x="0" y="{top + 1:.1f}" width="{self._sheet.width}" height="{high - 2:.1f}" rx="4" {shade}/>'
            yield f'<g class="lane">{band}{label(lane, self._sheet, self._tell, self._leads)}</g>' if named else band

    def _marked_time(self) -> Iterator[str]:
        sheet = self._sheet
        if self._cascade.seen:
            yield f'<text x="{sheet.line.left - 5:.1f}" y="24" font-weight="600">{escaped(self._tell.begin())}</text>'
        for begin, end, took in sheet.line.silences():
            yield (
                f'<text x="{(begin + end) / 2:.1f}" y="{sheet.top - 26}" text-anchor="middle" font-size="10.5" '
                f'fill-opacity=".7">⋯ {escaped(self._tell.lasting(took))}</text>'
            )
        for x, since in sheet.line.marks() if self._cascade.seen else ():
            says = f"+{self._tell.lasting(since)}" if since else "0"
            yield f'<text x="{x:.1f}" y="{sheet.top - 12}" text-anchor="middle" fill-opacity=".75">{escaped(says)}</text>'

    def _lines(self) -> Iterator[str]:
        """At round times, and where a silence is shortened."""
        sheet = self._sheet
        begin = f"{sheet.top - 6:.1f}V{sheet.bottom:.1f}"
        for x, _ in sheet.line.marks() if self._cascade.seen else ():
            yield f'<path d="M{x:.1f} {begin}" stroke="currentColor" stroke-opacity=".13"/>'
        for left, right, took in sheet.line.silences():
            middle = (left + right) / 2
            yield (
                f"<g>{shapes.title([self._tell.lasting(took)])}"
                f'<path d="M{middle - 2:.1f} {begin}M{middle + 2:.1f} {begin}" '
                'stroke="currentColor" stroke-opacity=".35" stroke-dasharray="2 4"/></g>'
            )

    def _samples(self) -> list[shapes.Sample]:
        forms = {form: self._tell.say(form) for form in shapes.DASHES}
        again = self._tell.say("again") if self._crowd < 1 else ""
        return shapes.samples(forms, again, self._tell.say("external"), self._struck_out())

    def _struck_out(self) -> str:
        """What a mark means that is struck out."""
        seen = self._cascade.seen
        there = {"deleted": any(one.deleted_at for one in seen), "dismissed": any(one.dismissed for one in seen)}
        return " · ".join(self._tell.say(word) for word, found in there.items() if found) or self._tell.say("deleted")

    # --- what happened

    def _happened(self) -> Iterator[str]:
        yield '<g fill="none" stroke="currentColor">'
        for (form, wide, opacity), some in groupby(self._threads, lambda one: _stroke(one, self._crowd)):
            yield f'<g stroke-width="{wide:.1f}" stroke-opacity="{opacity:.1f}"{shapes.DASHES[form]}>'
            yield from (self._thread(thread) for thread in some)
            yield "</g>"
        yield "</g>"
        for mark, number in self._numbers.items():
            yield self._mark(mark, number)
        if self._every:
            yield from self._brought()

    def _thread(self, thread: Thread) -> str:
        begin, end = self._sheet.middle(thread.begin), self._sheet.middle(thread.end)
        path = shapes.curve(*begin, *end, self._sheet.step * 0.48)
        told = shapes.title([self._tell.edge(edge) for edge in thread.edges])
        ends = f'data-a="{self._numbers[thread.begin]}" data-b="{self._numbers[thread.end]}"'
        return f'<path class="{thread.form}" d="{path}" {ends}>{told}</path>'

    def _mark(self, mark: Mark, number: int) -> str:
        (x, y), outside = self._sheet.middle(mark), mark.lane.outside
        deleted = any(one.deleted_at is not None or one.dismissed for one in mark.seen)
        if mark.count > 1:
            shape = shapes.pill(x, y, mark.count, outside, deleted)
        else:
            radius = CELL * 0.42 if mark.lane.shared else 5.2
            shape = shapes.gone(x, y) if mark.unseen else shapes.dot(x, y, outside, deleted, radius)
        if any(one.id in self._firsts for one in mark.seen):
            shape = self._first(mark, x, y) + shape
        told = [self._tell.sighting(one) for one in mark.seen] or list(dict.fromkeys(map(self._tell.origin, mark.unseen)))
        leads = next((self._leads.sightings[one.id] for one in mark.seen if one.id in self._leads.sightings), None)
        return shapes.link(leads, shapes.title(told) + shape, number)

    def _first(self, mark: Mark, x: float, y: float) -> str:
        """Where lanes stand close together it has no room above itself."""
        says = self._tell.say("first")
        if self._every:
            return shapes.first(x, y, f"{says} · {self._tell.person(mark.seen[0])}", up=-3.5)
        return shapes.first(x, y, says)

    def _brought(self) -> Iterator[str]:
        """Who was the first in each channel, where there is room beside their mark."""
        rows: dict[int, list[Mark]] = {}
        for mark in self._numbers:
            rows.setdefault(mark.lane.number, []).append(mark)
        for row in rows.values():
            mark, end = row[0], row[1].x - 8 if row[1:] else self._sheet.width
            if not mark.seen or self._firsts & {one.id for one in mark.seen}:
                continue
            (x, y), name = self._sheet.middle(mark), self._tell.person(mark.seen[0])
            x += 18 if mark.count > 1 else 10
            if x + shapes.width(name) < end:
                yield shapes.by(x, y, name)


def _stroke(thread: Thread, crowd: float) -> tuple[str, float, float]:
    """Form, width and opacity; in a crowd ways within reached channels step back."""
    opacity = {"stated": 0.9, "inferred": 0.4 + 0.4 * thread.confidence, "unconfirmed": 0.6}[thread.form]
    wide = min(4.5, 1.5 + 0.7 * log2(len(thread.edges)))
    if crowd < 1 and not thread.arrives:
        opacity, wide = max(_LEAST, opacity * crowd), min(wide, 2.0) * 0.7
    return thread.form, round(wide, 1), round(opacity, 1)
