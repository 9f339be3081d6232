"""Any string and any JSON comes back as it went, and is found by it."""

from pathlib import Path

import pytest
from sqlalchemy import select

from app.db import Database
from app.db.columns import ESCAPE, storable
from app.db.models import MessageRow, TokenRow
from app.db.upgrading import bring_up_to_date
from app.settings import Settings

STRANGE = ["", "\0", "a\0b", "\ud800", "\udfff\0", ESCAPE, f"{ESCAPE}0;", f"{ESCAPE}{ESCAPE}", "𝄞", "\ue000", "'; --", "\\u0000"]


def test_no_two_strings_are_kept_as_one() -> None:
    assert len({storable(one) for one in STRANGE}) == len(STRANGE)
    assert all("\0" not in storable(one) for one in STRANGE)
    assert all(storable(one).encode() for one in STRANGE[1:])
    assert storable("as it is, 如此") == "as it is, 如此"


async def test_strange_strings_come_back(tmp_path: Path) -> None:
    database = Database(Settings(data_dir=tmp_path).database)
    await bring_up_to_date(database)
    async with database.writing() as session:
        session.add_all(TokenRow(id=f"{n}{one}", name=one, role="", hash=f"{n}") for n, one in enumerate(STRANGE))
        about = {"gateway": "", "channel_id": "", "sender_id": "", "status": "done"}
        session.add(MessageRow(id="m", message_id="m", body={"all": STRANGE, **{one: one for one in STRANGE}}, **about))
    async with database.reading() as session:
        for number, one in enumerate(STRANGE):
            assert list(await session.scalars(select(TokenRow.id).where(TokenRow.name == one))) == [f"{number}{one}"]
            found = await session.get(TokenRow, f"{number}{one}")
            assert found is not None
            assert found.name == one
        message = await session.get(MessageRow, "m")
        assert message is not None
        assert message.body == {"all": STRANGE, **{one: one for one in STRANGE}}
    await database.close()


@pytest.mark.only("postgresql")
async def test_text_is_compared_by_its_bytes_whatever_the_locale(tmp_path: Path) -> None:
    """Pages of a list are cut by ``<``, and a cursor must cut where the list was ordered."""
    server = Database(Settings(data_dir=tmp_path).database)
    name = "by_english_rules"
    async with server.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        english = "ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"
        await connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0 {english}")
    database = Database(Settings(data_dir=tmp_path).database.rpartition("/")[0] + "/" + name)
    await bring_up_to_date(database)
    names = ["B", "a", "_", "A", "é", "z", "-b", "ab"]
    async with database.engine.connect() as connection:
        rows = await connection.exec_driver_sql(
            "SELECT w FROM unnest(ARRAY['B', 'a', '_', 'A', 'é', 'z', '-b', 'ab']) w ORDER BY w"
        )
        assert [row[0] for row in rows] != sorted(names), "this database has other rules"
    async with database.writing() as session:
        session.add_all(TokenRow(id=one, name=one, role="", hash=one) for one in names)
    async with database.reading() as session:
        assert list(await session.scalars(select(TokenRow.id).order_by(TokenRow.id))) == sorted(names)
        assert set(await session.scalars(select(TokenRow.id).where(TokenRow.id < "a"))) == {one for one in names if one < "a"}
    await database.close()
    async with server.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    await server.close()
