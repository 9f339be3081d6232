"""Whatever a page may be refused with is said in the reader's language, whoever raised it and whatever names it carries."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from app import errors
from app.assets.schemas import AssetPatch, AssetSpec
from app.audit.schemas import AuditFilter
from app.console.refusals import BY_CODE, BY_STATUS, CONSTANT, refusal
from app.console.speech import language
from app.console.wording import NOTES, PARTS, UNREAD, noted, part, unread
from app.errors import AppError, Forbidden, Invalid, NotFound, TooLarge, TooMany, Unavailable, invalid
from app.people.service import Role
from fingerprints.errors import REASONS
from tests.app.conftest import Server, fresh
from tests.app.console.test_console import HTMX, csrf, signed_in
from tests.app.console.test_languages import sentences

APP = Path(errors.__file__).parent
ROOMS = ("alerts", "assets", "audit", "console", "mistakes", "people")
RAISED = {name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, AppError)} - {"AppError"}
NEVER_ON_A_PAGE = {
    *(
        "invalid_etag",
        "not_resolved",
        "not_snoozable",
        "snooze_out_of_range",
        "other_owner",
        "changed_meanwhile",
        "too_many_listeners",
    ),
    *("name_taken", "unknown_account", "unknown_token", "bad_name", "bad_role"),  # the API, and commands
}
EN, ZH = language("en"), language("zh")


def constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Sentences with a name of their own, be they marked or not."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = node.value.args[0] if isinstance(node.value, ast.Call) and node.value.args else node.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield node.targets[0].id, value.value


def raised() -> Iterator[tuple[str, str, str | None]]:
    """Where; the code, empty for a class's own; the sentence if it is always the same."""
    for room in ROOMS:
        for path in sorted((APP / room).rglob("*.py")):
            tree = ast.parse(path.read_text())
            named = dict(constants(tree))
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED and node.args:
                    said, code = node.args[0], node.args[1] if len(node.args) > 1 else ast.Constant("")
                    if isinstance(code, ast.Constant):
                        constant = str(said.value) if isinstance(said, ast.Constant) else named.get(getattr(said, "id", ""))
                        yield f"{path.name}:{node.lineno}", str(code.value), constant


def test_every_failure_has_a_sentence() -> None:
    """By its code, or because it is always the same and translated."""
    known = {one if isinstance(one, str) else one[0] for one in sentences()}
    command_line = ("tokens.py",)
    missing = [
        f"{where}: {code} {said or ''}"
        for where, code, said in raised()
        if code not in BY_CODE and code not in NEVER_ON_A_PAGE and said not in known and not where.startswith(command_line)
    ]
    assert missing == []
    assert len(list(raised())) > 40, "it looks where failures are"


def test_every_reason_has_a_sentence() -> None:
    assert UNREAD.keys() >= REASONS


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    "error",
    [
        NotFound("There is no alert alr_1.", "unknown_alert"),
        NotFound("There is no picture to show."),
        Forbidden("x", "wrong_role", roles=(Role.ANALYST, Role.OWNER), role=Role.ADMIN),
        TooLarge("x", "file_too_large", file="a.jpg", size=2_000_000),
        TooMany("x", "trials_busy", 5, running=2),
        TooMany("x", "guessing", 8),
        Invalid("x", "short_password"),
        Invalid("“a.jpg”: corrupt: It is damaged.", "unreadable_file", file="a.jpg", reason=["corrupt: It is damaged."]),
        Unavailable("x", "attack_failed", reason="timeout"),
        Unavailable("The store of files cannot be used just now. Try again soon."),
    ],
)
def test_it_is_said_whole(error: AppError, lang: str) -> None:
    said = refusal(language(lang), error)
    assert said
    assert "%(" not in said
    assert said.isascii() or lang == "zh" or "“" in said
    for name in ("file",):
        assert name not in error.more or error.more[name] in said


def test_what_it_carries_is_in_it() -> None:
    assert refusal(EN, TooLarge("x", "file_too_large", file="a.jpg", size=2_000_000)) == "The file “a.jpg” is larger than 2 MB."
    wrong = Forbidden("x", "wrong_role", roles=(Role.ANALYST, Role.OWNER), role=Role.ADMIN)
    assert refusal(EN, wrong) == "This page is for: analyst, owner. You are signed in as: admin."
    unreadable = Invalid("x", "unreadable_file", file="a", reason=["page 3: encrypted: Locked.", "empty: Nothing."])
    assert refusal(EN, unreadable) == "“a” cannot be used: page 3: Locked, Nothing."
    assert "8" in refusal(EN, TooMany("x", "guessing", 8))


def test_what_has_no_sentence_is_said_by_its_status_where_english_would_be_strange() -> None:
    error = NotFound("There is no bulk blk_1 of alr_1.", "unheard_of")
    assert refusal(EN, error) == error.detail
    assert refusal(ZH, error) == ZH.say(BY_STATUS[404])
    half = TooLarge("The file is larger than 2 bytes.", "file_too_large")
    assert refusal(EN, half) == half.detail, "without what it would name"


WRONG: list[tuple[type[Any], dict[str, Any], str]] = [
    (AssetSpec, {"title": ""}, "Title: is missing"),
    (AssetSpec, {}, "Title: is missing"),
    (AssetSpec, {"title": "x" * 501}, "Title: is longer than 500 characters"),
    (AssetSpec, {"title": "x", "kind": "submarine"}, "Kind: is none of the choices"),
    (AssetSpec, {"title": "x", "terms": ["y" * 201, "z" * 201]}, "Code names: is longer than 200 characters"),
    (AssetSpec, {"title": "x", "tags": ["y"] * 201}, "Serials and asset numbers: has more than 200 entries"),
    (AssetPatch, {"owner": ""}, "Owner: is missing"),
    (AuditFilter, {"since": "yesterday"}, "From (UTC): is no date and time"),
    (AuditFilter, {"until": "2026-03-02"}, "Until (UTC): is"),
    (AssetSpec, {"title": "x", "keep_originals": {}}, "keep_originals: is not as it should be"),
]


@pytest.mark.parametrize(("model", "values", "says"), WRONG)
def test_what_pydantic_finds_is_said_by_its_kind(model: type[Any], values: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as found:
        model.model_validate(values)
    problem = invalid(found.value)
    assert refusal(EN, problem).startswith(says)
    assert not any(word in refusal(ZH, problem) for word in ("is ", "should", "Title", "Owner", "String"))
    assert "should" in problem.detail or "valid" in problem.detail or "required" in problem.detail, (
        "programs get pydantic's words"
    )


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("corrupt: The picture is damaged.", "The picture is damaged."),
        ("page 3: encrypted: It needs a password.", "page 3: It needs a password."),
        ("a: b.zip: too_deep: Packed too deep.", "a: b.zip: Packed too deep."),
        ("timeout", "It took too long."),
        ("what nobody foresaw", "what nobody foresaw"),
        ("http: //x", "http: //x"),
    ],
)
def test_a_reason_is_said_without_its_code(reason: str, says: str) -> None:
    assert unread(EN, reason) == says


@pytest.mark.parametrize("code", sorted(UNREAD))
def test_a_reason_is_said_in_other_languages_by_its_code(code: str) -> None:
    assert unread(ZH, f"page 3: {code}: A sentence with 12 numbers.") == f"{part(ZH, 'page 3')}: {ZH.say(UNREAD[code])}"


@pytest.mark.parametrize(
    "label",
    [
        "",
        "page 3",
        "plan.pdf, page 12",
        "a.zip: b.pdf: page 2, its text",
        "at 0:03",
        "film.mp4, after 1:02:03",
        "my page 3.jpg",
        "sheet 9x",
    ],
)
def test_english_labels_stay_what_they_are(label: str) -> None:
    assert part(EN, label) == label


def test_labels_are_said_in_other_languages_and_names_are_not() -> None:
    page = ZH.say(PARTS[0], number=12)
    assert part(ZH, "plan.pdf, page 12") == f"plan.pdf, {page}"
    assert part(ZH, "a.zip: page 12") == f"a.zip: {page}"
    assert part(ZH, "my page 12.jpg") == "my page 12.jpg"
    assert part(ZH, "at 0:03") == ZH.say("at %(time)s", time="0:03")


def test_what_the_program_noted_is_said_and_what_people_wrote_stays() -> None:
    assert noted(EN, {"status": ["open", "resolved"]}, "because") == "because"
    assert noted(EN, {"still": [None, ["alr_1", "alr_2"]]}, "x") == "Still remembered because of alr_1, alr_2."
    assert noted(ZH, {"contradicted": [None, ["alr_1"]]}, "x") == ZH.say(NOTES["contradicted"], alerts="alr_1")


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_page_refuses_in_the_reader_s_language(server: Server, headers: dict[str, str]) -> None:
    chinese = headers | {"Accept-Language": "zh-CN"}
    with signed_in(server, "analyst") as client:
        for path in ("/alerts/alr_nothing", "/assets/ast_nothing", "/audit", "/assets/new", "/alerts?cursor=zzzz"):
            answer = client.get(path, headers=chinese)
            [alert] = answer.text.split('role="alert">')[1:]
            assert not any(letter.isascii() and letter.isalpha() for letter in alert.partition("<")[0]), (path, alert[:200])
            assert answer.status_code >= 400
    with signed_in(server, "owner") as owner:
        form = {"csrf": csrf(owner, "/assets/new"), "title": "", "kind": "document", "level": "secret"}
        answer = owner.post("/assets", data=form, files=[("files", ("", b""))], headers=chinese)
        assert answer.status_code == 422
        assert f"{ZH.say('Title')}" in answer.text.split('role="alert">')[1].partition("<")[0]


def test_the_api_stays_english_and_says_the_kind_for_programs(server: Server) -> None:
    answer = server["owner"].patch(f"/assets/{fresh('ast_')}", json={"title": ""}, headers={"Accept-Language": "zh"})
    told = answer.json()
    assert (answer.status_code, told["errors"][0]["code"], told["errors"][0]["limit"]) == (422, "string_too_short", 1)
    assert told["detail"].isascii()
    assert httpx.get(f"{server.url}/api/v1/alerts").json()["detail"].startswith("Send Authorization")


def test_constants_are_each_told_somewhere() -> None:
    text = "\n".join(path.read_text() for path in sorted(APP.rglob("*.py")) if path.name != "refusals.py")
    said = [one for one in CONSTANT if "cannot be used just now" not in one]
    assert [one for one in said if one not in text] == []
