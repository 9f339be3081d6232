"""``audit verify`` and ``account``, as processes."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from app.audit.chain import GENESIS
from app.db import Database
from app.settings import Settings
from tests.app.audit.test_record import tamper
from tests.app.test_cli import run
from tests.databases import Databases

PASSWORD = "violin river mint seven"


def told(folder: Path, *arguments: str, typed: str | None = None) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "app.cli", *arguments, "--data-dir", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, input=typed or "")


def tampered(folder: Path, *statements: str) -> None:
    async def do() -> None:
        database = Database(Settings(data_dir=folder).database)
        await tamper(database, *statements)
        await database.close()

    asyncio.run(do())


def test_verifying_tells_what_holds_and_what_does_not(tmp_path: Path, databases: Databases) -> None:
    empty = run("audit", "verify", "--data-dir", str(tmp_path / "none"), LEAKWATCH_DATABASE_URL=databases.empty())
    assert (empty.returncode, "leakwatch migrate" in empty.stderr) == (3, True)
    assert told(tmp_path, "migrate").returncode == 0
    nothing = told(tmp_path, "audit", "verify")
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (0, f"0 entries, unbroken; the end is 0:{GENESIS}\n", "")
    for name in ("ana", "bob", "eve"):
        assert told(tmp_path, "token", "create", "--name", name, "--role", "analyst").returncode == 0
    holds = told(tmp_path, "audit", "verify", "--json")
    assert holds.returncode == 0
    found = json.loads(holds.stdout)
    assert (found["ok"], found["head"]["seq"], found["broken"]) == (True, 3, None)
    end = f"{found['head']['seq']}:{found['head']['hash']}"
    assert told(tmp_path, "audit", "verify", "--expect", end).stdout == f"3 entries, unbroken; the end is {end}\n"
    wrong = told(tmp_path, "audit", "verify", "--expect", "3")
    assert (wrong.returncode, "SEQ:HASH" in wrong.stderr) == (2, True)

    tampered(tmp_path, "DELETE FROM audit_entries WHERE seq = 3")
    assert told(tmp_path, "audit", "verify").returncode == 0, "a record that ends earlier is a record"
    cut = told(tmp_path, "audit", "verify", "--expect", end)
    assert (cut.returncode, cut.stdout) == (1, "broken at entry 3: it is missing, with all up to 3; all before it holds\n")
    tampered(tmp_path, "UPDATE audit_entries SET actor = 'nobody' WHERE seq = 2")
    broken = told(tmp_path, "audit", "verify", "--json")
    assert broken.returncode == 1
    assert json.loads(broken.stdout)["broken"] == {"seq": 2, "reason": "it is not as it was written"}


def test_accounts_are_made_disabled_and_given_new_passwords(tmp_path: Path) -> None:
    make = ("account", "create", "--name", "zhang", "--role", "analyst")
    nobody = told(tmp_path, *make)
    assert (nobody.returncode, "--password-stdin" in nobody.stderr) == (2, True)
    for arguments, typed, says in (
        (make, "short", "at least 12"),
        (make, "password1234", "first passwords"),
        ((*make[:-1], "gateway"), PASSWORD, "no role gateway"),
    ):
        refused = told(tmp_path, *arguments, "--password-stdin", typed=f"{typed}\n")
        assert (refused.returncode, refused.stdout, says in refused.stderr) == (2, "", True)
        assert typed not in refused.stderr
    made = told(tmp_path, *make, "--password-stdin", "--json", typed=f"{PASSWORD}\n")
    assert (made.returncode, made.stderr) == (0, "")
    assert json.loads(made.stdout).items() >= {"name": "zhang", "role": "analyst"}.items()
    again = told(tmp_path, *make, "--password-stdin", typed=PASSWORD)
    assert (again.returncode, "already" in again.stderr) == (2, True)
    changed = told(tmp_path, "account", "password", "--name", "zhang", "--password-stdin", typed="nine trout climb ladders")
    assert (changed.returncode, changed.stdout) == (0, "account zhang (analyst) given a new password\n")
    disabled = told(tmp_path, "account", "disable", "--name", "zhang")
    assert (disabled.returncode, disabled.stdout) == (0, "account zhang (analyst) disabled\n")
    unknown = told(tmp_path, "account", "disable", "--name", "li")
    assert (unknown.returncode, "no account “li”" in unknown.stderr) == (2, True)
    assert json.loads(told(tmp_path, "audit", "verify", "--json").stdout)["head"]["seq"] == 3
