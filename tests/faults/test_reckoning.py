"""The reckoning itself: it finds nothing where nothing is wrong, and whatever is."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.faults.books import Books
from tests.faults.messages import Message
from tests.faults.reckoning import KILLED, Account, wrong

LEAK, CLEAR = ("g1", "m1"), ("g1", "m2")


def message(place: tuple[str, str], leaks: bool) -> Message:
    return Message(7, *place, channel="c1", text="", picture=None, leaks=leaks)


def row(place: tuple[str, str], ident: str, verdict: str, **more: Any) -> dict[str, Any]:
    about = {"id": ident, "gateway": place[0], "message_id": place[1], "status": "done", "reason": None}
    return {**about, "verdict": {"verdict": verdict}, **more}


def fair() -> Account:
    """A leak and a clear message, dealt with as they should be; the leak's notification came twice."""
    books = Books(
        messages=[row(LEAK, "msg_1", "leak"), row(CLEAR, "msg_2", "clear")],
        alerts=[{"id": "alr_1", "message_id": "msg_1"}],
        history=[{"alert_id": "alr_1", "action": "created"}, {"alert_id": "alr_1", "action": "changed"}],
        outbox=[notice("webhook"), notice("stream")],
        waiting=[],
        buried=[],
    )
    accepted = {LEAK: message(LEAK, True), CLEAR: message(CLEAR, False)}
    told = [("ntf_1", "alr_1", "alert.created")] * 2
    return Account(accepted, {LEAK: {"msg_1"}}, books, told, {"alr_1"}, [])


def notice(sender: str, **more: Any) -> dict[str, Any]:
    return {"id": "ntf_1", "sender": sender, "alert_id": "alr_1", "event": "alert.created", "status": "delivered", **more}


def with_books(**more: Any) -> Account:
    account = fair()
    return replace(account, books=replace(account.books, **more))


def given_up(reason: str, buried: bool) -> Account:
    rows = [fair().books.messages[0], row(CLEAR, "msg_2", "", status="failed", reason=reason)]
    return replace(with_books(messages=rows), buried=[CLEAR] if buried else [])


def test_what_is_fair_is_not_complained_about() -> None:
    assert list(wrong(fair())) == []
    assert list(wrong(given_up(KILLED, buried=True))) == [], "killed twice, and openly given up"


WRONGS: dict[str, Callable[[], Account]] = {
    "lost": lambda: with_books(messages=fair().books.messages[:1]),
    "twice": lambda: with_books(messages=[*fair().books.messages, row(CLEAR, "msg_3", "clear")]),
    "still queued": lambda: with_books(messages=[fair().books.messages[0], row(CLEAR, "msg_2", "", status="queued")]),
    "given up and nowhere": lambda: given_up(KILLED, buried=False),
    "given up without need": lambda: given_up("the disk was full", buried=True),
    "wrong verdict": lambda: with_books(messages=[fair().books.messages[0], row(CLEAR, "msg_2", "leak")]),
    "another id": lambda: replace(fair(), ids={LEAK: {"msg_1", "msg_9"}}),
    "no alert": lambda: with_books(alerts=[]),
    "two alerts": lambda: with_books(alerts=[*fair().books.alerts, {"id": "alr_2", "message_id": "msg_1"}]),
    "no history": lambda: with_books(history=fair().books.history[1:]),
    "created twice": lambda: with_books(history=[*fair().books.history, fair().books.history[0]]),
    "not delivered": lambda: with_books(outbox=[notice("webhook", status="pending"), notice("stream")]),
    "no notification": lambda: with_books(outbox=[notice("webhook")]),
    "delivered and never came": lambda: replace(fair(), told=[]),
    "two creations": lambda: replace(fair(), told=[*fair().told, ("ntf_2", "alr_1", "alert.created")]),
    "not published": lambda: replace(fair(), published=set()),
    "waits for ever": lambda: with_books(waiting=[{"topic": "messages"}]),
}


@pytest.mark.parametrize("what", WRONGS)
def test_what_is_wrong_is_found(what: str) -> None:
    assert list(wrong(WRONGS[what]()))


def test_what_is_wrong_has_its_schedule_s_seed() -> None:
    assert {seed for seed, _ in wrong(WRONGS["wrong verdict"]())} == {7}
