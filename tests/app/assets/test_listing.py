"""The list of assets: every order in pages, every filter, and counts that follow whatever happens to references."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, get_args

import pytest

from app.assets import repository, service
from app.assets.repository import Coverage, Sort, Wanted
from app.assets.schemas import AssetSummary
from app.db import Database
from app.db.ids import new_id
from app.db.models import AssetRow
from app.db.upgrading import bring_up_to_date
from app.settings import Settings
from tests.app.assets.test_editions import became, edition, many
from tests.app.conftest import Server, fresh
from tests.app.pictures import encoded, jpeg, scene
from tests.databases import Databases

TITLES = ("Zebra", "apple", "100% cotton", "Mill_1", "Millx1", "磨床", "apple")


def newest(row: AssetSummary) -> list[int]:
    return [-ord(character) for character in row.id]


ORDERS: dict[str, Any] = {
    "weak": lambda row: (-row.weak_count, newest(row)),
    "newest": newest,
    "title": lambda row: (row.title.lower(), newest(row)),
    "fewest": lambda row: (row.reference_count, newest(row)),
}


@pytest.fixture
async def database(tmp_path: Path, databases: Databases) -> AsyncIterator[Database]:
    database = Database(Settings(data_dir=tmp_path, database_url=databases.fresh()).database)
    await bring_up_to_date(database)
    async with database.writing() as session:
        for number, title in enumerate(TITLES):
            session.add(made(number, title))
    yield database
    await database.close()


def made(number: int, title: str) -> AssetRow:
    return AssetRow(
        id=new_id("ast", 1_700_000_000 + number),
        title=title,
        kind=("document", "equipment")[number % 2],
        level=("secret", "internal")[number % 3 == 0],
        owner=("otto", "olga")[number > 4],
        unit="",
        terms=["Falke", "猎鹰"] if number == 2 else [],
        tags=["MX-1"] if number == 3 else [],
        keep_originals=False,
        note="",
        reference_count=number % 4,
        weak_count=(0, 2, 1)[number % 3],
    )


async def walked(database: Database, wanted: Wanted, size: int) -> list[AssetSummary]:
    """All that is wanted, page by page."""
    found: list[AssetSummary] = []
    cursor = None
    async with database.reading() as session:
        while True:
            page = await service.listed(session, wanted, cursor, size)
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                return found


@pytest.mark.parametrize("sort", get_args(Sort))
async def test_pages_of_any_size_are_the_whole_list_in_its_order(database: Database, sort: Sort) -> None:
    for size in (1, 2, 3, 7, 8):
        found = await walked(database, Wanted(sort=sort), size)
        assert len(found) == len(TITLES)
        assert found == sorted(found, key=ORDERS[sort])


@pytest.mark.parametrize(
    ("wanted", "titles"),
    [
        (Wanted(owner="olga"), {"磨床", "apple"}),
        (Wanted(kind="equipment", weak=True), {"apple", "磨床"}),
        (Wanted(level="internal"), {"Zebra", "Mill_1", "apple"}),
        (Wanted(words="MILL"), {"Mill_1", "Millx1"}),
        (Wanted(words="l_1"), {"Mill_1"}),
        (Wanted(words="0% c"), {"100% cotton"}),
        (Wanted(words="磨"), {"磨床"}),
        (Wanted(words="猎鹰"), {"100% cotton"}),
        (Wanted(words="falke"), {"100% cotton"}),
        (Wanted(words="mx-1"), {"Mill_1"}),
        (Wanted(words="nothing"), set()),
    ],
)
async def test_a_filter_finds_what_it_says(database: Database, wanted: Wanted, titles: set[str]) -> None:
    found = await walked(database, wanted, 50)
    assert {one.title for one in found} == titles
    async with database.reading() as session:
        coverage = await repository.coverage(session, wanted)
    weak = [one for one in found if one.weak_count]
    sums = sum(one.reference_count for one in found), len(weak), sum(one.weak_count for one in weak)
    assert coverage == Coverage(len(found), *sums)


async def test_a_page_after_an_asset_that_is_gone_is_the_first(database: Database) -> None:
    async with database.reading() as session:
        assert (await service.listed(session, Wanted(), "ast_" + "0" * 26, 2)).items == (
            await service.listed(session, Wanted(), None, 2)
        ).items
        assert await repository.owners(session, 9) == ["olga", "otto"]


def counts(server: Server, asset: str) -> tuple[int, int]:
    told = server["owner"].get(f"/assets/{asset}").raise_for_status().json()
    weak = sum(one["distinctiveness"]["verdict"] != "good" for one in told["references"])
    assert (told["reference_count"], told["weak_count"]) == (len(told["references"]), weak)
    return told["reference_count"], weak


def test_counts_follow_references(server: Server) -> None:
    tiny = encoded(scene(71).resize((120, 90)), "PNG")
    asset = server.register({"a.jpg": jpeg(71), "b.png": tiny}, kind="equipment").json()["id"]
    assert counts(server, asset) == (2, 1)
    edition(server, asset, {"c.jpg": jpeg(72)}).raise_for_status()
    assert counts(server, asset) == (1, 0)
    edition(server, asset, {"all.zip": many(fresh("plan"))}).raise_for_status()
    became(server, asset)
    assert counts(server, asset)[0] > 20


def test_what_resembled_a_retired_asset_is_weak_no_longer(server: Server) -> None:
    first = server.register({"a.jpg": jpeg(73)}, kind="equipment").json()["id"]
    second = server.register({"b.jpg": jpeg(73, 60)}, kind="equipment").json()["id"]
    assert counts(server, second) == (1, 1)
    server["owner"].delete(f"/assets/{first}").raise_for_status()
    assert counts(server, second) == (1, 0)


def test_an_edition_does_not_resemble_the_one_before(server: Server) -> None:
    asset = server.register({"a.jpg": jpeg(74)}, kind="equipment").json()["id"]
    [reference] = edition(server, asset, {"b.jpg": jpeg(74, 60)}).json()["references"]
    assert reference["distinctiveness"]["reasons"] == []
