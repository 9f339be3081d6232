"""Every kind of evidence in words, of what detectors really found; and of whatever an older record may hold."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from app.console.alerts.sentences import SURE, Said, named, said
from app.console.speech import language
from app.demo import pages
from app.demo.camera import jpeg as encode
from app.demo.camera import png
from detectors.thresholds import DEFAULT
from tests.app.conftest import Server, fresh
from tests.app.pictures import encoded, jpeg, scene

ENGLISH = language("en")


def told(match: dict[str, Any]) -> str:
    """All sentences of it."""
    found = said(ENGLISH, match)
    return " ".join([found.says, *found.more])


def evidence(match: dict[str, Any], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = match["evidence"][kind]
    return found


def found(server: Server, detector: str, text: str = "", files: dict[str, bytes] | None = None) -> dict[str, Any]:
    """The match a detector really made."""
    matches = server.verdict(server.post(text, files))["matches"]
    [match] = [one for one in matches if one["detector"] == detector]
    match["says"] = match["evidence"].pop("summary")  # must not be needed
    whole: dict[str, Any] = match
    return whole


def test_what_the_page_takes_for_certain_is_what_detection_does() -> None:
    assert DEFAULT.leak_confidence == SURE


def test_another_photo_of_the_equipment(server: Server) -> None:
    title = fresh("Workshop ")
    server.register({"left side.jpg": jpeg(7101)}, title=title, kind="equipment").raise_for_status()
    match = found(
        server,
        "equipment_photo",
        files={"a.jpg": encoded(scene(7101).transpose(Image.Transpose.FLIP_LEFT_RIGHT), "JPEG", quality=60)},
    )
    geometry = evidence(match, "geometry")
    says = told(match)
    assert says.startswith(
        f"{geometry['inliers']} of the picture’s details lie exactly where they lie in “{title}”, left side.jpg."
    )
    assert f"{geometry['mutual']} of them fit nowhere else as well; of 799 harmless pictures none had more than 5 such" in says
    assert "The posted picture is its mirror image." in says
    assert ("No other registered picture comes near." in says) != ("The nearest other asset" in says)
    match["evidence"].pop("nearest_other", None)
    assert "No other registered picture comes near." in told(match)
    assert "not certain" not in says
    match = found(server, "equipment_photo", files={"a.jpg": encoded(ImageOps.invert(scene(7101)), "JPEG", quality=60)})
    assert match["says"].startswith(
        f"{evidence(match, 'geometry')['inliers']} of the picture's details lie exactly where they lie"
    )
    assert "(light and dark exchanged)" in match["says"]
    assert "The posted picture shows dark what is light in it." in told(match)


def test_a_view_that_is_not_enough_alone_says_so(server: Server) -> None:
    server.register({"x.jpg": jpeg(7102)}, title="Pump", kind="equipment").raise_for_status()
    match = found(server, "equipment_photo", files={"a.jpg": jpeg(7102, 50)})
    evidence(match, "geometry").update(inliers=9, threshold=12)
    match["confidence"] = 0.65
    assert "This view alone would not be enough (12 are needed)" in told(match)
    assert "This is not certain: please compare." in told(match)
    assert "harmless" not in told(match)


def test_a_page_that_was_read(server: Server) -> None:
    title, memo = fresh("Memo "), pages.memo(7103)
    server.register({"memo.png": png(memo.pixels)}, title=title, kind="document", keep_originals=True).raise_for_status()
    match = found(server, "page_copy", files={"p.jpg": encode(memo.pixels, 70)})
    text = evidence(match, "text")
    agreeing = round(text["agreement"] * len(text["passages"]))
    start = f"{agreeing} of {len(text['passages'])} lines read on it say what “{title}”, memo.png says in the same places."
    assert told(match).startswith(f"{start} At least 67% of them must agree.")
    assert f"{evidence(match, 'geometry')['inliers']} of the picture’s details lie exactly" in told(match)
    assert "harmless" not in told(match), "that was measured of what geometry alone decides"
    whole = {
        **match,
        "evidence": {**match["evidence"], "text": {"agreement": 0.91, "agreement_threshold": 0.62, "legibility": 1.0}},
    }
    assert told(whole).startswith(f"91% of the text read there stands in lines of “{title}”, memo.png; 62% is needed.")
    unread = {**match, "confidence": 0.65, "evidence": {"geometry": evidence(match, "geometry")}}
    assert "Its text was not compared, or could be read only in part." in told(unread)
    assert "This is not certain: please compare." in told(unread)


def test_the_nearest_other_asset_is_named(server: Server) -> None:
    server.register({"x.jpg": jpeg(7104)}, title="Pump", kind="equipment").raise_for_status()
    match = found(server, "equipment_photo", files={"a.jpg": jpeg(7104, 50)})
    match["evidence"]["nearest_other"] = {"asset_id": "ast_x", "asset_title": "Crane", "reference": "rear", "inliers": 1}
    assert "The nearest other asset, “Crane”, rear, has 1 such detail." in told(match)


def test_why_the_nearest_other_asset_is_not_told_though_as_many_details_agree(server: Server) -> None:
    title, memos = fresh("Memo "), [pages.memo(number) for number in (7106, 7107)]
    for name, memo in zip((title, fresh("Other ")), memos, strict=True):
        server.register({"m.png": png(memo.pixels)}, title=name, kind="document", keep_originals=True).raise_for_status()
    match = found(server, "page_copy", files={"p.jpg": encode(memos[0].pixels, 70)})
    other = evidence(match, "nearest_other")
    assert (match["asset_title"], other["told_apart"]) == (title, "proved")
    assert other["inliers"] >= other["threshold"]
    assert "as pages of one form share details; but that one says something else there." in told(match)
    other["told_apart"] = "read"
    assert "but what was read there is not what that one says." in told(match)
    del other["told_apart"], other["threshold"]  # as older records have it
    assert "So many can come of the form alone: the text tells." in told(match)
    other["inliers"] = evidence(match, "geometry")["threshold"] - 1
    assert "form" not in told(match)


def test_the_registered_file_and_the_registered_text(server: Server) -> None:
    title = fresh("Gauge ")
    server.register({"x.jpg": jpeg(7105)}, title=title, kind="equipment").raise_for_status()
    match = found(server, "equipment_photo", files={"renamed.jpg": jpeg(7105)})
    assert told(match) == f"This is the registered file itself, “{title}”, x.jpg: not one byte differs."
    assert "word for word" in told({**match, "attachment": None})


def test_text_that_is_quoted(server: Server) -> None:
    title = fresh("Treaty ")
    clauses = [f"paragraph {i * 7907 % 9973} lets envoy {i * 104729 % 7919} keep the harbour keys." for i in range(30)]
    server.register({"t.txt": " ".join(clauses).encode()}, title=title, kind="text").raise_for_status()
    match = found(server, "document_text", "they write: " + " ".join(clauses[4:12]))
    text = evidence(match, "text")
    characters = sum(one["end"] - one["start"] for one in text["passages"])
    assert told(match).startswith(f"{characters} characters of it stand also in “{title}”")
    assert f"that is {round(text['units'])}; at least {round(text['threshold'])} is needed." in told(match).replace(",", "")
    text["more_passages"] = 2
    assert told(match).startswith("More than ")
    text["nearest_other"] = {"asset_id": "ast_x", "asset_title": "Charter", "units": 12.4}
    assert "The nearest other asset, “Charter”, counts 12." in told(match)
    text["nearest_other"] = None
    assert "No other asset’s text comes near." in told(match)


def test_watched_words(server: Server) -> None:
    word, tag = f"Kestrel{fresh('')[1:]}9", f"SN-{fresh('')[1:]}-77812"
    server.register(terms=[word], tags=[tag], title="Laptop").raise_for_status()
    assert told(found(server, "watch_term", f"about {word.upper()} again")).startswith(
        f"The code name “{word}” of “Laptop” stands in the message. It is written “{word.upper()}” there."
    )
    match = found(server, "asset_tag", f"serial {tag}")
    assert told(match) == f"The serial or asset number “{tag}” of “Laptop” stands in the message."
    assert "stands in the file’s text" in told({**match, "attachment": 0})
    seen = {**match, "attachment": 0, "confidence": 0.85, "evidence": {"token": {**evidence(match, "token"), "source": "ocr"}}}
    assert "can be read in the picture. It was read from a picture: letters that look alike count as the same." in told(seen)
    coded = {**seen, "evidence": {"token": {**evidence(match, "token"), "source": "code"}}}
    assert "is in a QR code or barcode in the picture." in told(coded)


def test_a_marking_on_what_nobody_registered(server: Server) -> None:
    match = found(server, "marking", "SECRET//NOFORN\nthe convoy leaves at six")
    assert told(match).startswith("“SECRET//NOFORN” stands in the text. That is a classification marking:")
    assert "level SECRET. Nobody registered" in told(match)
    evidence(match, "marking")["boxes"] = [[[0, 0], [1, 0], [1, 1], [0, 1]]]
    assert told(match).startswith("“SECRET//NOFORN” stands on the picture.")


def test_a_picture_with_too_few_details() -> None:
    match = {"asset_id": "ast_1", "asset_title": "Flag", "reference": "", "detector": "equipment_photo", "confidence": 0.6}
    match |= {"attachment": 0, "evidence": {"perceptual": {"distance": 3, "threshold": 10, "orientation": 0}}}
    assert told(match).startswith("Seen as a whole the picture looks like “Flag”: 3 of 64 features differ. It has too few")
    assert "This is not certain: please compare." in told(match)


NUMBERS = st.integers(0, 10**7) | st.floats(0, 1)
SOME = st.one_of(
    st.none(),
    st.fixed_dictionaries({}, optional=dict.fromkeys(("inliers", "threshold", "mutual", "coverage", "visible"), NUMBERS)),
    st.fixed_dictionaries({}, optional=dict.fromkeys(("units", "threshold", "share", "agreement", "distance"), NUMBERS)),
    st.fixed_dictionaries({}, optional={n: st.text(max_size=5) for n in ("word", "found", "source", "text", "scheme", "level")}),
)
MATCH = st.fixed_dictionaries(
    {
        "detector": st.sampled_from(["page_copy", "equipment_photo", "watch_term", "marking", "newer"]),
        "evidence": st.dictionaries(
            st.sampled_from(["geometry", "perceptual", "text", "token", "marking", "sha256", "nearest_other"]), SOME
        ),
        "confidence": st.floats(0, 1),
        "attachment": st.none() | st.integers(0, 3),
    },
    optional={"asset_id": st.text(max_size=3), "asset_title": st.text(max_size=8), "reference": st.text(max_size=3)},
)


@given(MATCH)
def test_whatever_is_missing_is_passed_over(match: dict[str, Any]) -> None:
    told = said(ENGLISH, match)
    assert isinstance(told, Said)
    assert not re.search(
        r"%\(\w+\)s|\bNone\b|\bnan\b", " ".join([told.says, *told.more, *(" ".join(fact) for fact in told.facts)])
    )


def unknown() -> dict[str, Any]:
    return {"detector": "newer", "confidence": 0.9, "evidence": {"summary": "It hums the registered tune."}}


def test_evidence_of_an_unknown_kind_speaks_for_itself() -> None:
    assert said(ENGLISH, unknown()).says == "It hums the registered tune."


@pytest.mark.parametrize(("part", "says"), [("", "“Pump”"), ("page 3", "“Pump”, page 3")])
def test_an_asset_is_named_with_its_part(part: str, says: str) -> None:
    assert named(ENGLISH, {"asset_title": "Pump", "reference": part}) == says
