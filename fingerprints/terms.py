"""Watched words in a text: code names and project words (*terms*), serial and asset numbers (*tags*).

Both sides are folded (fingerprints/text.py) to letters and digits; what stood between them is kept beside as a *gap*. A term
may be parted in the text only where it is parted itself, where letters meet digits, or beside a Chinese character, so
"nowhere" is not found in "now here"; hyphenation at a line's end parts nothing. A tag may be parted anywhere within a line.
A word must not stand inside a longer run of letters and digits, except that Chinese is written without spaces: there it may.
In text read from pictures, characters that engines confuse are equal in tags, up to a third of the tag.
"""

import sys
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from fingerprints.saved import Loader, Saver
from fingerprints.text import fold, is_cjk
from fingerprints.types import Key, TermHit, Terms

_CONFUSED = str.maketrans({"o": "0", "q": "0", "d": "0", "i": "1", "l": "1", "z": "2", "s": "5", "g": "6", "b": "8"})
_DOTS = frozenset(".·・‧")
_PREFIX = 2
_MIN_LATIN, _MIN_CJK = 3, 2

_SPACE, _LINE, _HYPHENATION, _PUNCTUATION = " ", "\n", "-", "!"


@dataclass(frozen=True, slots=True)
class _Folded:
    """Folded text; for each of its characters the offset of its origin and the kind of gap before it ("" for none)."""

    text: str
    origins: list[int]
    gaps: list[str]


def _gap(between: str) -> str:
    """What kind of gap these characters make: space (also hyphens, underscores, dots), line end, hyphenation, punctuation."""
    categories = [unicodedata.category(c) for c in between]
    spaces = [k in ("Pd", "Pc", "Cc") or k[0] == "Z" or c in _DOTS for c, k in zip(between, categories, strict=True)]
    if not all(spaces):
        return _PUNCTUATION
    if "\n" in between or "\r" in between:
        return _HYPHENATION if categories[0] == "Pd" and not between[1:].strip() else _LINE
    return _SPACE if between else ""


def _fold(text: str) -> _Folded:
    out: list[str] = []
    origins: list[int] = []
    gaps: list[str] = []
    between: list[str] = []
    for at, character in enumerate(text):
        pieces = fold(character)
        if not pieces and unicodedata.category(character) not in ("Mn", "Me", "Mc", "Cf"):
            between.append(character)
        for piece in pieces:
            out.append(piece)
            origins.append(at)
            gaps.append(_gap("".join(between)) if between else "")
            between.clear()
    return _Folded("".join(out), origins, gaps)


@dataclass(frozen=True, slots=True)
class _Word:
    """One registered word. ``gaps``: for each character of its folded form, the kinds of gap the text may have before it."""

    key: Key
    kind: str
    word: str
    folded: str
    gaps: tuple[str, ...]


def _too_short(kind: str, word: str) -> ValueError:
    least = f"{_MIN_LATIN} letters or digits, or {_MIN_CJK} Chinese characters"
    return ValueError(f"{kind} {word!r} is too short to watch for: it needs {least}")


def _word(key: Key, kind: str, word: str) -> _Word:
    form = _fold(word)
    if len(form.text) < (_MIN_CJK if any(map(is_cjk, form.text)) else _MIN_LATIN):
        raise _too_short(kind, word)
    pairs = zip(" " + form.text, form.text, form.gaps, strict=False)
    return _Word(key, kind, word, form.text, tuple(_allowed(kind, *pair) for pair in pairs))


def _allowed(kind: str, before: str, after: str, own: str) -> str:
    """The kinds of gap a text may have between these two characters of a word."""
    punctuation = _PUNCTUATION if own == _PUNCTUATION else ""
    if kind == "tag":
        return _SPACE + punctuation
    joint = own or before.isdigit() != after.isdigit() or is_cjk(before) or is_cjk(after)
    return _HYPHENATION + (_SPACE + _LINE if joint else "") + punctuation


def check_words(terms: Terms) -> None:
    """Raises ValueError, saying why, if one of the words is too short to watch for."""
    for kind, words in (("term", terms.terms), ("tag", terms.tags)):
        for word in words:
            _word("", kind, word)


class _Dictionary:
    """Words by a form of theirs; ``lengths`` tells, for the first two characters, how long such forms are."""

    def __init__(self) -> None:
        self.words: defaultdict[str, list[_Word]] = defaultdict(list)
        self.lengths: defaultdict[str, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))

    def add(self, form: str, word: _Word) -> None:
        self.words[form].append(word)
        self.lengths[form[:_PREFIX]][len(form)] += 1

    def remove(self, form: str, word: _Word) -> None:
        self.words[form].remove(word)
        lengths = self.lengths[form[:_PREFIX]]
        lengths[len(form)] -= 1
        if not self.words[form]:
            del self.words[form]
        if not lengths[len(form)]:
            del lengths[len(form)]
        if not lengths:
            del self.lengths[form[:_PREFIX]]

    def occurrences(self, text: str) -> Iterator[tuple[int, _Word]]:
        """Every word whose form stands in the text, and where."""
        for start in range(len(text) - 1) if self.words else ():
            for length in self.lengths.get(text[start : start + _PREFIX], ()):
                for word in self.words.get(text[start : start + length], ()):
                    yield start, word


class TermIndex:
    """Watched words under opaque keys. Adding, removing and searching do not depend on how many words there are."""

    def __init__(self) -> None:
        self._of_key: dict[Key, list[_Word]] = {}
        self._exact = _Dictionary()
        self._confused = _Dictionary()

    def __len__(self) -> int:
        return len(self._of_key)

    def __contains__(self, key: object) -> bool:
        return key in self._of_key

    def add(self, key: Key, terms: Terms) -> None:
        """Adding a key that is there replaces its words; one without words is not kept, so that an index nobody needs is empty.

        Raises ValueError for a word too short, changing nothing.
        """
        words = [_word(key, "term", w) for w in terms.terms] + [_word(key, "tag", w) for w in terms.tags]
        self.remove(key)
        if words:
            self._of_key[key] = words
        for word in words:
            self._exact.add(word.folded, word)
            if word.kind == "tag":
                self._confused.add(word.folded.translate(_CONFUSED), word)

    def remove(self, key: Key) -> None:
        """Removing a key that is not there does nothing."""
        for word in self._of_key.pop(key, ()):
            self._exact.remove(word.folded, word)
            if word.kind == "tag":
                self._confused.remove(word.folded.translate(_CONFUSED), word)

    def write(self, to: Saver) -> None:
        to.words("words", {key: [(word.kind, word.word) for word in words] for key, words in self._of_key.items()})

    @classmethod
    def read(cls, source: Loader) -> "TermIndex":
        index = cls()
        for key, words in source.words("words").items():
            terms, tags = (tuple(word for kind, word in words if kind == wanted) for wanted in ("term", "tag"))
            index.add(sys.intern(key), Terms(terms, tags))
        return index

    def search(self, text: str, *, noisy: bool) -> list[TermHit]:
        """Every watched word in the text, in order. ``noisy``: the text was read from a picture."""
        folded = _fold(text)
        found = list(self._exact.occurrences(folded.text))
        if noisy:
            confused = self._confused.occurrences(folded.text.translate(_CONFUSED))
            found += [
                (start, word) for start, word in confused if _nearly(word.folded, folded.text[start : start + len(word.folded)])
            ]
        hits = {_hit(folded, start, word): None for start, word in found if _stands_alone(folded, start, word)}
        return sorted(hits, key=lambda hit: (hit.start, hit.end, hit.kind, hit.word, hit.key))


def _nearly(word: str, read: str) -> bool:
    """At least one character was confused, at most a third."""
    return 0 < sum(a != b for a, b in zip(word, read, strict=True)) <= len(word) // 3


def _stands_alone(folded: _Folded, start: int, word: _Word) -> bool:
    """Not inside a longer run at either end, and parted only where the word may be."""
    end = start + len(word.folded)
    inside = zip(folded.gaps[start + 1 : end], word.gaps[1:], strict=True)
    return _edge(folded, start) and _edge(folded, end) and all(gap in allowed for gap, allowed in inside)


def _edge(folded: _Folded, at: int) -> bool:
    """Whether a word may begin or end before this character."""
    if at in (0, len(folded.text)) or folded.gaps[at]:
        return True
    return folded.origins[at - 1] != folded.origins[at] and (is_cjk(folded.text[at - 1]) or is_cjk(folded.text[at]))


def _hit(folded: _Folded, start: int, word: _Word) -> TermHit:
    last = start + len(word.folded) - 1
    return TermHit(word.key, word.kind, word.word, folded.origins[start], folded.origins[last] + 1)
