"""``audit verify`` and ``account``: what they print where, and how they end."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from app.audit import service
from app.audit.chain import GENESIS
from app.audit.schemas import AuditFilter, EntryOut
from app.cli import app
from app.db import Database
from app.settings import Settings
from tests.app.audit.test_record import tamper
from tests.databases import SETTING, Databases

PASSWORD = "violin river mint seven"


def told(folder: Path, *arguments: str, typed: str = "", url: str | None = None) -> Any:
    return CliRunner().invoke(app, [*arguments, "--data-dir", str(folder)], typed, env={SETTING: url or os.environ[SETTING]})


def tampered(folder: Path, *statements: str) -> None:
    async def do() -> None:
        database = Database(Settings(data_dir=folder).database)
        await tamper(database, *statements)
        await database.close()

    asyncio.run(do())


def test_verifying_tells_what_holds_and_what_does_not(tmp_path: Path, databases: Databases) -> None:
    empty = told(tmp_path / "none", "audit", "verify", url=databases.empty())
    assert (empty.exit_code, "leakwatch migrate" in empty.stderr) == (3, True)
    assert told(tmp_path, "migrate").exit_code == 0
    nothing = told(tmp_path, "audit", "verify")
    assert (nothing.exit_code, nothing.stdout, nothing.stderr) == (0, f"0 entries, unbroken; the end is 0:{GENESIS}\n", "")
    for name in ("ana", "bob", "eve"):
        assert told(tmp_path, "token", "create", "--name", name, "--role", "analyst").exit_code == 0
    holds = told(tmp_path, "audit", "verify", "--json")
    assert holds.exit_code == 0
    found = json.loads(holds.stdout)
    assert (found["ok"], found["head"]["seq"], found["broken"]) == (True, 3, None)
    end = f"{found['head']['seq']}:{found['head']['hash']}"
    assert told(tmp_path, "audit", "verify", "--expect", end).stdout == f"3 entries, unbroken; the end is {end}\n"
    wrong = told(tmp_path, "audit", "verify", "--expect", "3")
    assert (wrong.exit_code, "SEQ:HASH" in wrong.stderr) == (2, True)

    tampered(tmp_path, "DELETE FROM audit_entries WHERE seq = 3")
    assert told(tmp_path, "audit", "verify").exit_code == 0, "a record that ends earlier is a record"
    cut = told(tmp_path, "audit", "verify", "--expect", end)
    assert (cut.exit_code, cut.stdout) == (1, "broken at entry 3: it is missing, with all up to 3; all before it holds\n")
    tampered(tmp_path, "UPDATE audit_entries SET actor = 'nobody' WHERE seq = 2")
    broken = told(tmp_path, "audit", "verify", "--json")
    assert broken.exit_code == 1
    assert json.loads(broken.stdout)["broken"] == {"seq": 2, "reason": "it is not as it was written"}


def test_accounts_are_made_disabled_and_given_new_passwords(tmp_path: Path) -> None:
    make = ("account", "create", "--name", "zhang", "--role", "analyst")
    nobody = told(tmp_path, *make)
    assert (nobody.exit_code, "--password-stdin" in nobody.stderr) == (2, True)
    for arguments, typed, says in (
        (make, "short", "at least 12"),
        (make, "password1234", "first passwords"),
        ((*make[:-1], "gateway"), PASSWORD, "no role gateway"),
    ):
        refused = told(tmp_path, *arguments, "--password-stdin", typed=f"{typed}\n")
        assert (refused.exit_code, refused.stdout, says in refused.stderr) == (2, "", True)
        assert typed not in refused.stderr
    made = told(tmp_path, *make, "--password-stdin", "--json", typed=f"{PASSWORD}\n")
    assert (made.exit_code, made.stderr) == (0, "")
    assert json.loads(made.stdout).items() >= {"name": "zhang", "role": "analyst"}.items()
    again = told(tmp_path, *make, "--password-stdin", typed=PASSWORD)
    assert (again.exit_code, "already" in again.stderr) == (2, True)
    changed = told(tmp_path, "account", "password", "--name", "zhang", "--password-stdin", typed="nine trout climb ladders")
    assert (changed.exit_code, changed.stdout) == (0, "account zhang (analyst) given a new password\n")
    disabled = told(tmp_path, "account", "disable", "--name", "zhang")
    assert (disabled.exit_code, disabled.stdout) == (0, "account zhang (analyst) disabled\n")
    unknown = told(tmp_path, "account", "disable", "--name", "li")
    assert (unknown.exit_code, "no account “li”" in unknown.stderr) == (2, True)
    assert json.loads(told(tmp_path, "audit", "verify", "--json").stdout)["head"]["seq"] == 3


def test_tokens_and_accounts_are_listed_and_ended(tmp_path: Path) -> None:
    made = told(tmp_path, "token", "create", "--name", "otto", "--role", "owner", "--expires", "90d")
    again = told(tmp_path, "token", "create", "--name", "otto", "--role", "owner")
    assert (again.exit_code, len(again.stdout.split()), "an owner already" in again.stderr) == (0, 1, True)
    [first, second] = [json.loads(line) for line in told(tmp_path, "token", "list", "--json").stdout.splitlines()]
    assert first.items() >= {"name": "otto", "role": "owner", "good": True}.items()
    assert first["expires_at"] > first["created_at"]
    assert second["expires_at"] is None
    assert made.stdout.strip() not in told(tmp_path, "token", "list", "--json").stdout
    gone = told(tmp_path, "token", "revoke", first["id"])
    assert (gone.exit_code, gone.stdout) == (0, "token otto (owner) revoked\n")
    words = told(tmp_path, "token", "list").stdout.splitlines()
    assert [("lets nobody in" in line) for line in words] == [True, False]
    assert told(tmp_path, "token", "revoke", "tok_nothing").exit_code == 2
    make = ("account", "create", "--name", "otto", "--role", "owner", "--password-stdin")
    refused = told(tmp_path, *make, typed=PASSWORD)
    assert (refused.exit_code, refused.stdout, "--same-person" in refused.stderr) == (2, "", True)
    assert told(tmp_path, *make, "--same-person", typed=PASSWORD).exit_code == 0
    assert told(tmp_path, "account", "disable", "--name", "otto").exit_code == 0
    [account] = [json.loads(line) for line in told(tmp_path, "account", "list", "--json").stdout.splitlines()]
    assert (account["name"], account["good"], bool(account["disabled_at"])) == ("otto", False, True)
    enabled = told(tmp_path, "account", "enable", "--name", "otto")
    assert (enabled.exit_code, enabled.stdout) == (0, "account otto (owner) enabled\n")
    assert "lets nobody in" not in told(tmp_path, "account", "list").stdout


def test_registering_at_the_machine_itself_is_written_down(tmp_path: Path) -> None:
    for name, text in (("1", "the harbour plan of the third of March "), ("2", "the depot moves to the northern quay in May ")):
        (tmp_path / f"{name}.txt").write_text(text * 4)
    asset = json.loads(told(tmp_path, "register", str(tmp_path / "1.txt"), "--title", "Orchid", "--json").stdout)
    assert told(tmp_path, "register", str(tmp_path / "2.txt"), "--replaces", asset["id"]).exit_code == 0

    async def entries() -> list[EntryOut]:
        database = Database(Settings(data_dir=tmp_path).database)
        async with database.reading() as session:
            found = (await service.page(session, AuditFilter(), None, 10)).items
        await database.close()
        return found

    found = asyncio.run(entries())
    assert [(one.action, one.object_id, one.role) for one in found] == [
        ("asset.replaced", asset["id"], "operator"),
        ("asset.registered", asset["id"], "operator"),
    ]
    assert {one.actor for one in found} == {service.operator().name}
    assert "Orchid" not in str(found)
