"""Templates to pages. One template, two layouts: the whole page, or the fragment htmx asked for."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, Environment, FileSystemLoader, select_autoescape

HERE = Path(__file__).parent
STATIC = HERE / "static"


def _moment(value: datetime | str) -> str:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.astimezone(UTC).strftime("%-d %b %H:%M:%S UTC")


def _words(value: str) -> str:
    return value.replace("_", " ")


def _percent(value: float) -> str:
    return f"{round(value * 100)} %"


environment = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=select_autoescape(),
    undefined=ChainableUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
environment.filters |= {"moment": _moment, "words": _words, "percent": _percent}


def render(template: str, fragment: bool = False, **values: Any) -> str:
    """HTML of a template; ``fragment``: only its content, for htmx to put in place."""
    layout = environment.get_template("fragment.html" if fragment else "page.html")
    defaults = {"user": None, "csrf": "", "section": "", "problem": None, "fragment": fragment}
    return environment.get_template(template).render(defaults | values | {"layout": layout})
