"""A face is remembered for a moment and no longer; a stranger is asked for every time."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from app.people import recognition, service
from app.people.recognition import Recognition
from app.people.service import Role
from tests.app.db.test_database import opened
from tests.app.people.test_people import expire


async def test_a_token_is_asked_for_once_in_a_while_and_ends_within_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database, asked = await opened(tmp_path), []
    async with database.writing() as session:
        token = await service.create_token(session, "wecom", Role.GATEWAY, timedelta(days=1))
    event.listen(database.engine.sync_engine, "rollback", lambda _: asked.append(1))
    known = Recognition(database)
    assert await known.who_holds(token + "x") is None
    assert await known.who_holds(token + "x") is None
    assert len(asked) == 2
    first = await known.who_holds(token)
    await expire(database)
    assert first is not None
    assert await known.who_holds(token) == first
    assert len(asked) == 3
    monkeypatch.setattr(recognition, "LASTS", 0.0)
    assert await known.who_holds(token) is None
    await database.close()


async def test_it_forgets_rather_than_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = await opened(tmp_path)
    monkeypatch.setattr(recognition, "MOST", 2)
    known = Recognition(database)
    async with database.writing() as session:
        tokens = [await service.create_token(session, f"g{number}", Role.GATEWAY) for number in range(4)]
    for token in tokens:
        assert await known.who_holds(token) is not None
    assert len(known._known) <= 2
    await database.close()
