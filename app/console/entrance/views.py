"""What the entrance says: why somebody is not let in, and what the API offers."""

from collections.abc import Mapping
from typing import Any

from app.console.speech import Language, marked
from app.errors import AppError
from app.people.strength import LEAST, MOST

PROBLEMS: Mapping[str, str] = {
    "wrong_password": marked("Name or password is wrong."),
    "invalid_token": marked("This token is not known, or has expired."),
    "no_pages": marked("A token of a gateway has no pages here."),
    "guessing": marked("Too many wrong attempts. Try again in %(seconds)s seconds."),
    "busy": marked("Too many people are signing in at this moment. Try again in a few seconds."),
    "passwords_differ": marked("The new passwords differ."),
    "short_password": marked("A password needs at least %(least)s characters; four random words are easy to remember."),
    "long_password": marked("A password has at most %(most)s characters."),
    "common_password": marked("This is one of the first passwords that would be tried. Four random words are easy to remember."),
}
"""By code."""


def problem_of(error: AppError, language: Language) -> str:
    """Why it did not work, in somebody's language."""
    sentence = PROBLEMS.get(error.code)
    if sentence is None:
        return error.detail
    return language.say(sentence, seconds=error.headers.get("Retry-After", ""), least=LEAST, most=MOST)


def api_view(description: dict[str, Any]) -> list[dict[str, Any]]:
    """The calls of an OpenAPI document, in its order."""
    return [
        {
            "path": path,
            "method": method.upper(),
            "says": call.get("description", ""),
            "query": [one["name"] for one in call.get("parameters", ()) if one["in"] == "query"],
            "bodies": list(call.get("requestBody", {}).get("content", ())),
            "answers": [code for code in call["responses"] if code < "300"],
        }
        for path, calls in description["paths"].items()
        for method, call in calls.items()
    ]
