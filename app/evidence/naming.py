"""Names in the bundle: readable, the same on every system, and never a way out of the folder it is unpacked to."""

import re
import unicodedata

LONGEST = 60
_UNFIT = re.compile(r"[^\w.-]+")


def readable(name: str) -> str:
    """A stranger's file name without anything that a system could take for more than a name; its ending stays."""
    plain = _UNFIT.sub("-", unicodedata.normalize("NFC", name.rpartition("/")[2].rpartition("\\")[2])).strip(".-_")
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 10:
        return plain[:LONGEST].rstrip(".-_") or "file"
    return f"{stem[: LONGEST - len(ending)].rstrip('.-_') or 'file'}.{ending}"


def numbered(number: int, *names: str) -> str:
    """``07-name``, so that no two are the same, however they are called; names that say nothing are left out."""
    return "-".join([f"{number:02d}", *(readable(name) for name in names if name.strip())])
