"""A report's words to PDF, by Typst: fonts embedded, text that can be searched and copied, tables that break across pages.

Words are handed over as JSON and set as they are: nothing that anybody wrote is read as markup. No file but ours, and no font but
the two families named here, is looked at, so the same words make the same bytes everywhere.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import noto_cjk_sans_otc
import typst

TEMPLATE = Path(__file__).parent / "report.typ"
FAMILY = "Noto Sans CJK SC"
ARCHIVAL = "a-2u"
"""PDF/A-2u (ISO 19005-2): everything needed to show it is in it, and all its text is Unicode."""
_PICTURES, _RARE = 0x1F000, 0x20000
"""Between them lie emoji and other signs, for which there is no font; from the latter on rarer Chinese characters."""
_LONG = re.compile(r"[!-~]{65,}")
"""More than a SHA-256 without a gap may be broken anywhere: else it would leave the page."""
_JOINING = "\u200d\ufe0e\ufe0f"
"""What only says how an emoji is drawn."""


def typeset(report: Mapping[str, Any], pictures: Mapping[str, bytes], at: datetime) -> bytes:
    """``pictures``: name to JPEG or SVG of ours. ``at``: when it was made; nothing else in it changes with time."""
    with TemporaryDirectory(prefix="leakwatch-report-") as folder:
        for name, data in pictures.items():
            (Path(folder) / name).write_bytes(data)
        source = Path(folder) / "report.typ"
        source.write_bytes(TEMPLATE.read_bytes())
        said = {"report": json.dumps(_printable(report), ensure_ascii=False)}
        compiler = typst.Compiler(str(source), root=folder, font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=said)
        try:
            return _pdf(compiler, at, ARCHIVAL)
        except typst.TypstError:  # a character that no font has: shown as an empty box, which an archive must not have
            return _pdf(compiler, at, "1.7")


def in_our_font(drawing: str) -> bytes:
    """An SVG whose letters are those of the report: no other font is looked at."""
    return drawing.replace("system-ui, sans-serif", FAMILY).encode()


def printable(text: str) -> str:
    """Text as it can be shown: what would not be seen, or would turn its surroundings, and pictures, are told in words."""
    return "".join(_shown(one) for one in unicodedata.normalize("NFC", text))


def _shown(one: str) -> str:
    if one in _JOINING:
        return ""
    if one == "\n" or (one.isprintable() and not _PICTURES <= ord(one) < _RARE):
        return one
    if one == "\t" or unicodedata.category(one) == "Zs":
        return " "
    code = f"U+{ord(one):04X}"
    return f"[{unicodedata.name(one, code).lower() if one.isprintable() else code}]"


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return _LONG.sub(lambda run: "\u200b".join(run[0][at : at + 40] for at in range(0, len(run[0]), 40)), printable(value))
    if isinstance(value, Mapping):
        return {key: _printable(one) for key, one in value.items()}
    return [_printable(one) for one in value] if isinstance(value, list | tuple) else value


def _pdf(compiler: typst.Compiler, at: datetime, standard: Any) -> bytes:
    made = compiler.compile(format="pdf", pdf_standards=standard, timestamp=int(at.timestamp()))
    assert isinstance(made, bytes)  # noqa: S101
    return made


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(Path(noto_cjk_sans_otc.__file__).parent)])
