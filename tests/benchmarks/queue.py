"""The queue with 100,000 alerts: its page, its filters, and ten thousand decided at once, on SQLite and on PostgreSQL.

A real server over HTTP; the alerts are written into its database, each with a verdict of the usual size.
"""

import argparse
import asyncio
import html
import json
import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from sqlalchemy import insert, text

from app.alerts.lines import line
from app.alerts.urgency import doublings
from app.db import Database
from app.db.ids import new_id
from app.db.models import (
    AccusedPartRow,
    AlertAssetRow,
    AlertHistoryRow,
    AlertRow,
    AssetRow,
    MessageRow,
    QueueRow,
    ReferenceRow,
    now,
)
from app.db.upgrading import bring_up_to_date
from app.ingest.schemas import MessageIn
from app.settings import Settings
from tests.app.conftest import Server, running
from tests.benchmarks.markdown import table
from tests.benchmarks.tables import machine
from tests.services.postgres import PostgreSQL

RESULTS = Path(__file__).parent / "results" / "queue.md"
BATCH = 1000
ASSETS, CHANNELS, PICTURES = 400, 900, 2000
OPEN = 0.3
"""The part that nobody has decided about."""
EVIDENCE = 6000
"""Characters of one verdict."""
TIMES = 15


@dataclass(frozen=True, slots=True)
class Measured:
    """One database: milliseconds by what was asked for, and other numbers by what they tell."""

    name: str
    pages: dict[str, tuple[float, float]]
    sizes: dict[str, int]
    bulks: dict[str, tuple[int, float, float]]


async def fill(database: Database, count: int) -> None:
    """So many alerts of the last thirty days, most of them resolved."""
    async with database.writing() as session:
        about = {"kind": "equipment", "level": "secret", "owner": "o", "unit": "", "terms": [], "tags": [], "note": ""}
        assets = [{"id": f"ast_{n}", "title": f"Asset {n}", "keep_originals": False, **about} for n in range(ASSETS)]
        await session.execute(insert(AssetRow), assets)
        blank = {"position": 0, "label": "", "file": "", "digest": "", "distinctiveness": {}}
        await session.execute(insert(ReferenceRow), [{"id": f"ref_{n}", "asset_id": f"ast_{n}", **blank} for n in range(ASSETS)])
    made = random.Random(6)
    for start in range(0, count, BATCH):
        rows = [_made(made, (start + number) / count) for number in range(min(BATCH, count - start))]
        async with database.writing() as session:
            for index, model in enumerate((MessageRow, AlertRow, AlertAssetRow, QueueRow, AlertHistoryRow, AccusedPartRow)):
                await session.execute(insert(model), [row[index] for row in rows])
    if database.engine.dialect.name == "postgresql":  # which it does by itself, a minute later
        async with database.engine.connect() as connection:
            await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text("VACUUM ANALYZE"))


def _made(made: random.Random, share: float) -> list[dict[str, Any]]:
    at = now() - timedelta(days=30 * (1 - share))
    asset, channel = int(made.paretovariate(0.7)) % ASSETS, int(made.paretovariate(0.5)) % CHANNELS
    places = {"id": f"c{channel}", "name": f"Group {channel}", "members": channel * 7 % 500 + 2, "external": channel % 3 == 0}
    sender = {"id": f"u{made.randrange(5000)}", "name": made.choice(("Zhang", "Li", "Wang", "Garcia", "Müller", "Smith"))}
    body = {"gateway": f"g{channel % 4}", "message_id": new_id("m"), "channel": places, "sender": sender, "text": "look at this"}
    body = MessageIn.model_validate(body).body()
    match = {
        "asset_id": f"ast_{asset}",
        "asset_title": f"{made.choice(('Crane', 'Report', 'Plan', 'Mast'))} No. {asset}",
        "reference": f"page {made.randrange(9)}",
        "reference_id": f"ref_{asset}",
        "detector": made.choice(("page_copy", "equipment_photo", "document_text", "watch_term")),
        "confidence": round(made.random(), 3),
        "attachment": 0,
        "part": "",
        "evidence": {"geometry": {"points": "0.123 " * (EVIDENCE // 6)}},
    }
    state: dict[str, Any] = {"status": "open", "resolution": None, "assignee": None}
    if share < 1 - OPEN:
        state = {"status": "resolved", "resolution": made.choice(("true_positive", "benign_positive")), "assignee": "ana"}
    message = MessageRow(id=new_id("msg", at.timestamp()), body=body, status="done", received_at=at)
    severity = made.choices(("low", "medium", "high", "critical"), (4, 3, 2, 1))[0]
    alert = AlertRow(
        id=new_id("alr", at.timestamp()), severity=severity, matches=[match], created_at=at, channel_id=places["id"], **state
    )
    entry = line(alert, body, [], [])
    entry.doublings = doublings(asset % 40)
    entry.urgency += entry.doublings
    names = {"gateway": body["gateway"], "message_id": body["message_id"], "channel_id": places["id"], "sender_id": sender["id"]}
    return [
        {"id": message.id, **names, "body": body, "status": "done", "received_at": at, "attempts": 0},
        {"id": alert.id, "message_id": message.id, "verdict": "leak", "severity": severity, "matches": [match], "created_at": at}
        | {"channel_id": places["id"], "version": 1, **state},
        {"alert_id": alert.id, "asset_id": match["asset_id"]},
        {column.key: getattr(entry, column.key) for column in QueueRow.__table__.columns},
        {"alert_id": alert.id, "at": at, "actor": "leakwatch", "action": "created", "change": {}},
        {"message_id": message.id, "position": 0, "part": "", "digest": f"picture {made.randrange(PICTURES)}"},
    ]


def measure(name: str, settings: Settings, count: int, progress: Callable[[str], None]) -> Measured:
    """Fill a database, then ask for pages and decide about many."""

    async def prepare() -> None:
        database = Database(settings.database)
        await bring_up_to_date(database)
        await fill(database, count)
        await database.close()

    progress(f"{name}: writing {count:,} alerts")
    asyncio.run(prepare())
    with running(settings) as server, httpx.Client(base_url=server.url, timeout=120) as browser:
        browser.post("/sign-in", data={"token": server.tokens["analyst"]})
        progress(f"{name}: pages")
        pages = {what: timed(browser, path) for what, path in PAGES.items()}
        pages |= {"page 20 of it": timed(browser, _deep(browser))}
        pages |= {"what is new, every line looked at again": timed(browser, _look(browser), HTMX)}
        listed = "/api/v1/alerts?status=open&order=urgent&limit=50"
        pages |= {
            "`GET /alerts?order=urgent`, 50 in full": timed(
                browser, listed, {"Authorization": f"Bearer {server.tokens['analyst']}"}
            )
        }
        sizes = weights(browser)
        progress(f"{name}: ten thousand at once")
        return Measured(name, pages, sizes, bulks(server))


HTMX = {"HX-Request": "true"}
PAGES = {
    "the queue": "/alerts",
    "critical ones": "/alerts?severity=critical",
    "mine, of which there are none": "/alerts?assignee=me",
    "searched: crane": "/alerts?q=crane",
    "searched in all: a word nowhere": "/alerts?status=all&q=nowhere",
    "one asset's": "/alerts?asset=ast_7",
    "searched in all: one group's name": "/alerts?status=all&q=group+77",
    "one channel's": "/alerts?channel=c3",
    "one sender's, in all": "/alerts?status=all&sender=u7",
    "of the last 30 days, in all": "/alerts?status=all&age=30d",
    "resolved as a leak": "/alerts?status=resolved&resolution=true_positive",
    "outside, of one gateway, by one detector": "/alerts?external=yes&gateway=g1&detector=marking",
    "resolved ones, newest first": "/alerts?status=resolved&order=newest",
    "nobody's, of the last 30 days, in all": "/alerts?status=all&assignee=nobody&age=30d",
    "harmless ones of low severity": "/alerts?status=all&resolution=benign_positive&severity=low",
    "everything": "/alerts?status=all",
}


def timed(browser: httpx.Client, path: str, headers: dict[str, str] | None = None) -> tuple[float, float]:
    """Milliseconds: median and the longest of ``TIMES``, after one that does not count."""
    spent = []
    for _ in range(TIMES + 1):
        began = time.perf_counter()
        browser.get(path, headers=headers).raise_for_status()
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.median(spent[1:]), max(spent[1:])


def _deep(browser: httpx.Client) -> str:
    path = "/alerts"
    for _ in range(19):
        page = browser.get(path).text
        path = page.split('id="older" rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    return path


def _look(browser: httpx.Client) -> str:
    """What the page's script asks for after something happened."""
    page = browser.get("/alerts").text
    ids = [part.split('"')[0] for part in page.split('<li class="line" id="')[1:]]
    known = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("newest", "happened")}
    return "/alerts/rows?" + urlencode(
        {"look": html.unescape(page.split('data-look="')[1].split('"')[0]), "shown": ",".join(ids), **known}
    )


def weights(browser: httpx.Client) -> dict[str, int]:
    """Bytes of the page and of all it loads, as they are, nothing compressed."""
    page = browser.get("/alerts").text
    parts = {part.split('"')[0] for name in ('src="/static/', 'href="/static/') for part in page.split(name)[1:]}
    sizes = {"the page": len(page.encode())}
    return sizes | {part: len(browser.get(f"/static/{part}").content) for part in sorted(parts) if not part.endswith(".svg")}


def bulks(server: Server) -> dict[str, tuple[int, float, float]]:
    """Alerts, seconds, and the longest another analyst had to wait meanwhile, by what was done."""
    api, found = server["analyst"], {}
    ids = _ids(api, 10_001)
    changes = {
        "acknowledge": {"status": "acknowledged"},
        "snooze": {"snoozed_until": (now() + timedelta(hours=1)).isoformat()},
        "resolve as a leak": {"status": "resolved", "resolution": "true_positive", "note": "drill"},
        "resolve as a false alarm": {"status": "resolved", "resolution": "false_positive", "note": "drill"},
    }
    for what, change in changes.items():
        with others(server, ids[-1]) as waited:
            began = time.perf_counter()
            told = api.post("/alerts/bulk", json={"ids": ids[:10_000], "change": change}, timeout=120).raise_for_status().json()
            spent = time.perf_counter() - began
        found[what] = (told["changed"], spent, max(waited))
        with others(server, ids[-1]) as waited:
            began = time.perf_counter()
            back = api.post("/alerts/bulk", json={"undo": told["bulk_id"]}, timeout=120).raise_for_status().json()
            spent = time.perf_counter() - began
        found[f"take it back ({what})"] = (back["changed"], spent, max(waited))
    return found


def _ids(api: httpx.Client, count: int) -> list[str]:
    ids: list[str] = []
    cursor = None
    while len(ids) < count:
        query: dict[str, Any] = {"status": "open", "limit": 200} | ({"cursor": cursor} if cursor else {})
        told = api.get("/alerts", params=query).raise_for_status().json()
        ids += [one["id"] for one in told["items"]]
        cursor = told["next_cursor"]
    return ids[:count]


@contextmanager
def others(server: Server, alert: str) -> Iterator[list[float]]:
    """Another analyst notes something on another alert, ten times a second; seconds each took."""
    spent, over = [0.0], threading.Event()

    def work() -> None:
        headers = {"Authorization": f"Bearer {server.tokens['analyst']}"}
        with httpx.Client(base_url=server.url, headers=headers, timeout=120) as client:
            while not over.wait(0.1):
                began = time.perf_counter()
                client.patch(f"/api/v1/alerts/{alert}", json={"assignee": ("ana", None)[len(spent) % 2]}).raise_for_status()
                spent.append(time.perf_counter() - began)

    thread = threading.Thread(target=work)
    thread.start()
    yield spent
    over.set()
    thread.join()


def report(count: int, measured: list[Measured]) -> str:
    """The whole page."""
    names = [one.name for one in measured]
    times = [(what, *(f"{one.pages[what][0]:.0f} ({one.pages[what][1]:.0f})" for one in measured)) for what in measured[0].pages]
    did = [
        (what, measured[0].bulks[what][0], *(f"{one.bulks[what][1]:.1f} ({one.bulks[what][2]:.1f})" for one in measured))
        for what in measured[0].bulks
    ]
    sizes = measured[0].sizes
    rows = [*((what, f"{size / 1000:.1f}") for what, size in sizes.items()), ("together", f"{sum(sizes.values()) / 1000:.1f}")]
    parts = [
        f"# The queue with {count:,} alerts",
        f"- {OPEN:.0%} open, {ASSETS} assets, {CHANNELS} channels, {PICTURES:,} pictures, {EVIDENCE:,} characters of evidence",
        f"{machine()}\n- load average over 15 minutes, at the end: {os.getloadavg()[2]:.1f}",
        f"## Pages\n\nMilliseconds over HTTP, signing in not included: median of {TIMES} (longest).",
        table(("page of 50", *names), times),
        "## Ten thousand at once\n\nSeconds, 500 in a transaction; in parentheses the longest that another analyst, who changes "
        "another alert ten times a second, had to wait.",
        table(("what", "alerts", *names), did),
        "## What a page weighs\n\nKilobytes, nothing compressed, without pictures.",
        table(("part", "KB"), rows),
    ]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Measure both databases, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--alerts", type=int, default=100_000)
    parser.add_argument("--json", action="store_true", help="print the numbers and write nothing")
    asked = parser.parse_args()
    measured = []
    with tempfile.TemporaryDirectory() as folder, PostgreSQL() as postgres:
        for name, url in (("SQLite", ""), ("PostgreSQL", postgres.database())):
            place = Path(folder) / name
            place.mkdir()
            settings = Settings(data_dir=place, database_url=url, workers=1)
            measured.append(measure(name, settings, asked.alerts, lambda said: print(said, flush=True)))
    if asked.json:
        print(json.dumps([[one.name, one.pages, one.sizes, one.bulks] for one in measured]))
    else:
        RESULTS.write_text(report(asked.alerts, measured))


if __name__ == "__main__":
    main()
