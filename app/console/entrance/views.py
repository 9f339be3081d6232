"""What the API offers, for people to read."""

from typing import Any

CODE = "``"
"""Around what is code in a description."""


def api_view(description: dict[str, Any]) -> list[dict[str, Any]]:
    """The calls of an OpenAPI document, in its order. ``says``: words and code by turns."""
    return [
        {
            "path": path,
            "method": method.upper(),
            "says": call.get("description", "").split(CODE),
            "query": [one["name"] for one in call.get("parameters", ()) if one["in"] == "query"],
            "bodies": list(call.get("requestBody", {}).get("content", ())),
            "answers": [code for code in call["responses"] if code < "300"],
        }
        for path, calls in description["paths"].items()
        for method, call in calls.items()
    ]
