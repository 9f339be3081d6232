"""Shapes of a drawing as SVG, in the colour of the text around them and one more; they need no style sheet, and hold none."""

from dataclasses import dataclass

from app.incidents.exporting import escaped, quoted

ACCENT, PLAIN = "#d9480f", "#5f6773"
DASHES = {"stated": "", "inferred": ' stroke-dasharray="6 4"', "unconfirmed": ' stroke-dasharray="2 3.5"'}
_MOST_LINES = 12  # of a title


def title(told: list[str]) -> str:
    """What is said when it is pointed at: one a line, not too many."""
    more = len(told) - _MOST_LINES
    lines = told if more <= 0 else [*told[:_MOST_LINES], f"… +{more}"]
    return f"<title>{escaped(chr(10).join(lines))}</title>"


def link(address: str | None, inner: str, number: int) -> str:
    """A mark, which leads somewhere or not. Many stand in one drawing: they are no stops of the Tab key."""
    if address is None:
        return f'<g class="mark" data-m="{number}">{inner}</g>'
    return f'<a href={quoted(address)} tabindex="-1" data-m="{number}">{inner}</a>'


def dot(x: float, y: float, outside: bool, deleted: bool, radius: float = 5.2) -> str:
    """One sighting; a ring struck through: deleted in its chat."""
    colour = ACCENT if outside else "currentColor"
    if not deleted:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{colour}"/>'
    ring = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius - 0.7:g}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
    wide = radius + 2.6 if radius > 4 else radius + 0.6
    return f'{ring}<path class="deleted" d="M{x - wide:.1f} {y:.1f}h{2 * wide:.1f}" stroke="{colour}" stroke-width="2"/>'


def gone(x: float, y: float) -> str:
    """An origin that is not among what was seen."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="none" stroke="currentColor" stroke-dasharray="2 2"/>'


def pill(x: float, y: float, count: int, outside: bool, deleted: bool) -> str:
    """Several as one; with a line beneath: one of them is deleted."""
    text = f"×{count}"
    wide = 10 + 6.8 * len(text)
    shape = (
        f'<rect x="{x - wide / 2:.1f}" y="{y - 8:.1f}" width="{wide:.1f}" height="16" rx="8" '
        f'fill="{ACCENT if outside else PLAIN}"/>'
        f'<text x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle" font-size="11" font-weight="600" fill="#fff">{text}</text>'
    )
    line = f'<path class="deleted" d="M{x - 15:.1f} {y + 10:.1f}h30" stroke="currentColor" stroke-width="2"/>'
    return shape + line if deleted else shape


def first(x: float, y: float, says: str, radius: float = 9.5, up: float = 6) -> str:
    """Around what was seen first. ``up``: how far above its middle the words stand."""
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="none" stroke="currentColor" stroke-width="2"/>'
        f'<text x="{x + radius + 5.5:.1f}" y="{y - up:.1f}" font-size="10.5" font-weight="600">{escaped(says)}</text>'
    )


def curve(x1: float, y1: float, x2: float, y2: float, rise: float) -> str:
    """The way from one mark to another; in the same lane it rises so much at most."""
    if y1 == y2:
        high = y1 - min(rise, 6 + abs(x2 - x1) / 8)
        return f"M{x1:.1f} {y1:.1f}C{x1 + 8:.1f} {high:.1f} {x2 - 8:.1f} {high:.1f} {x2:.1f} {y2:.1f}"
    bend = max(14.0, abs(x2 - x1) * 0.5)
    return f"M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"


def by(x: float, y: float, name: str) -> str:
    """Who posted it, beside its mark."""
    return f'<text class="by" x="{x:.1f}" y="{y + 3.5:.1f}" font-size="10">{escaped(name)}</text>'


@dataclass(frozen=True, slots=True)
class Sample:
    """A line or colour as it is drawn, from (0, 0) on to the right and half its height up and down; and what it means."""

    shape: str
    wide: int
    says: str


def samples(forms: dict[str, str], again: str, outside: str, deleted: str) -> list[Sample]:
    """``forms``: of threads, and how they are called; ``again``: fainter ones; ``""``: there are none."""
    line = '<path d="M0 0h30" fill="none" stroke="currentColor" stroke-width="1.6"'
    found = [Sample(f"{line}{DASHES[form]}/>", 30, says) for form, says in forms.items()]
    if again:
        found.append(Sample(f'{line} stroke-opacity=".35"/>', 30, again))
    found.append(Sample(f'<rect x="0" y="-6" width="14" height="12" rx="3" fill="{ACCENT}" fill-opacity=".35"/>', 14, outside))
    ring = '<circle cx="8" cy="0" r="4.5" fill="none" stroke="currentColor" stroke-width="1.5"/>'
    return [*found, Sample(f'{ring}<path d="M0 0h16" stroke="currentColor" stroke-width="2"/>', 16, deleted)]


def legend(x: float, y: float, some: list[Sample]) -> list[str]:
    """Beside each other."""
    drawn = ['<g class="legend" font-size="11">']
    for one in some:
        drawn.append(f'<g transform="translate({x:.0f} {y - 4:.0f})">{one.shape}</g>')
        drawn.append(f'<text x="{x + one.wide + 7:.0f}" y="{y:.0f}">{escaped(one.says)}</text>')
        x += one.wide + 30 + width(one.says)
    return [*drawn, "</g>"]


def width(text: str) -> float:
    """About how many pixels it takes at eleven."""
    return sum(11.0 if ord(letter) > 0x2E7F else 5.9 for letter in text)


def cut(text: str, units: float) -> str:
    """So much of it as has room; a Chinese character takes two units."""
    room = float(units)
    for number, letter in enumerate(text):
        room -= 1.8 if ord(letter) > 0x2E7F else 1.0
        if room < 0:
            return text[: max(1, number - 1)] + "…"
    return text
