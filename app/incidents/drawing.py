"""A cascade as a picture: lanes of channels over time, drawn on the server as SVG."""

from collections.abc import Mapping

from detectors.spread.cascade import Cascade


def draw(cascade: Cascade, words: Mapping[str, str], links: Mapping[str, str] | None = None) -> str:
    """An ``<svg>`` element. ``words``: what ``WORDS`` names, in the reader's language. ``links``: where a sighting's id leads to."""
    raise NotImplementedError
