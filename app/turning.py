"""Characters that would turn the text around them: a name that holds one makes a whole line read backwards, so they are shown.

They are Unicode's explicit directional formatting characters (UAX 9, section 2). Letters that run from right to left by
themselves stay as they are.
"""

import re

CHARACTERS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_ONE = re.compile(f"[{CHARACTERS}]")
_TYPED_OR_ONE = re.compile(rf'\svalue="[^"]*"|<textarea\b.*?</textarea>|[{CHARACTERS}]', re.DOTALL)


def plainly(text: str) -> str:
    """With a sign, as ``[U+202E]``, in place of each."""
    return _ONE.sub(_sign, text) if _any(text) else text


def page(html: str) -> str:
    """Likewise of a page, but for what fields of forms give back: that was typed so."""
    return _TYPED_OR_ONE.sub(lambda found: _sign(found) if len(found[0]) == 1 else found[0], html) if _any(html) else html


def _any(text: str) -> bool:
    """Looked for one by one: that costs some microseconds of a page that has none."""
    return not text.isascii() and any(one in text for one in CHARACTERS)


def _sign(found: re.Match[str]) -> str:
    return f"[U+{ord(found[0]):04X}]"
