"""What the directory's columns mean, for whoever makes the table."""

from app.console.speech import Language, marked

MEANINGS = (
    ("sender", marked("the account’s id, as the gateway sends it"), True),
    ("kind", marked("staff, temporary, contractor or visitor"), True),
    ("gateway", marked("which gateway; empty: any"), False),
    ("name", marked("what people call them"), False),
    ("unit", marked("their unit"), False),
    ("clearance", marked("up to which level: internal, confidential, secret or top_secret"), False),
    ("signed_on", marked("the day on which they signed a confidentiality commitment, as 2026-03-31"), False),
    ("ends_on", marked("the last day of their access"), False),
    ("responsible", marked("who is responsible for them"), False),
)
WRONG = (
    marked("write the account's id, as the gateway sends it"),
    marked("write one of staff, temporary, contractor, visitor"),
    marked("write one of internal, confidential, secret, top_secret, or nothing"),
    marked("write a day as 2026-03-31, or nothing"),
    marked("this account is there already"),
    marked("there are more fields than columns"),
    marked("it is longer than 500 characters"),
    marked("there is no such column"),
    marked("this column is missing"),
    marked("this column is there twice"),
    marked("there is nobody in this table: it would remove everybody"),
    marked("this is text in neither UTF-8 nor GB18030"),
)
"""What a table may be refused with, told in the reader's language."""


def columns(language: Language) -> list[tuple[str, str, bool]]:
    """Name, meaning, and whether a table needs it."""
    return [(name, language.say(meaning), needed) for name, meaning, needed in MEANINGS]
