"""Templates to pages. One template, two layouts: the whole page, or the fragment htmx asked for."""

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, Environment, FileSystemLoader, select_autoescape

from app.console.alerts.framing import framed
from app.console.speech import LANGUAGES, Language, language
from app.console.wording import part
from app.turning import page as turned

HERE = Path(__file__).parent
STATIC = HERE / "static"
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody wants pages. ``address``: where they are, to come back to; ``fragment``: only the content, for htmx."""

    language: Language
    theme: str = "auto"
    fragment: bool = False
    address: str = "/"


PLAIN = Look(language("en"))


@cache
def _environment(code: str) -> Environment:
    speech = language(code)
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(),
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(speech.translations, newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {
        "moment": speech.moment,
        "percent": speech.percent,
        "number": speech.number,
        "words": lambda value: speech.say(str(value).replace("_", " ")),
        "part": partial(part, speech),
        "framed": framed,
    }
    environment.globals |= {"languages": LANGUAGES, "themes": THEMES, "gap": speech.gap, "comma": speech.comma}
    return environment


def render(template: str, look: Look = PLAIN, **values: Any) -> str:
    """HTML of a template, in somebody's language. What people wrote turns nothing around itself."""
    environment = _environment(look.language.code)
    layout = environment.get_template("fragment.html" if look.fragment else "page.html")
    defaults = {"user": None, "csrf": "", "section": "", "problem": None, "fragment": look.fragment, "look": look}
    return turned(environment.get_template(template).render(defaults | values | {"layout": layout}))
