"""A long text in parts that a page holds each; whoever writes one of them anew leaves the others as they are."""

PART, FIELD = 5000, 7000
"""Characters of a part, and of the field in which it is written anew: a page holds both."""


def parts(text: str) -> list[str]:
    """Together they are the text; each ends with a line of it where that can be. One at least."""
    rest, found = text, list[str]()
    while len(rest) > PART:
        cut = rest.rfind("\n", PART // 2, PART) + 1 or PART
        found.append(rest[:cut])
        rest = rest[cut:]
    return [*found, rest]


def rewritten(text: str, number: int, words: str) -> str:
    """The text with other words in its ``number``th part, from 1 on; of one more than there are: with these at its end."""
    found, words = parts(text), words.strip()
    if number > len(found):
        return f"{text.rstrip()}\n\n{words}".strip()
    old = found[number - 1]
    inner = old.strip()
    around = old.split(inner, 1) if inner else [old, ""]
    found[number - 1] = around[0] + words + around[1]
    return "".join(found).strip()
