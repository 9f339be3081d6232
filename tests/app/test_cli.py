"""The commands, as processes: what they print where, and how they end."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.conftest import Server, fresh
from tests.app.pictures import jpeg, pdf
from tests.databases import Databases
from tests.fingerprints.contents.made import zipped

COMMANDS = (
    *(["serve"], ["worker"], ["replay"], ["notify"], ["migrate"], ["token", "create"], ["register"], ["scan"], ["demo"]),
    *(["account", "create"], ["account", "disable"], ["account", "password"], ["audit", "verify"]),
    *(["token", "list"], ["token", "revoke"], ["account", "list"], ["account", "enable"]),
    *(["directory", "import"], ["directory", "export"]),
    *(["evidence", "export"], ["evidence", "verify"], ["evidence", "key"], ["evidence", "verifier"]),
)


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "app.cli", *arguments]
    inherited = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**inherited, **environment})


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_help_has_an_example(command: list[str]) -> None:
    done = run(*command, "--help")
    assert done.returncode == 0
    assert f"leakwatch {' '.join(command)}" in done.stdout.partition("Example:")[2]


def test_tokens_are_printed_alone(tmp_path: Path) -> None:
    made = run("token", "create", "--name", "g", "--role", "gateway", LEAKWATCH_DATA_DIR=str(tmp_path))
    assert (made.returncode, len(made.stdout.split()), made.stderr) == (0, 1, "")
    for wrong in (("--role", "king"), ("--role", "owner", "--expires", "soon")):
        refused = run("token", "create", "--name", "g", *wrong, "--data-dir", str(tmp_path))
        assert (refused.returncode, refused.stdout) == (2, "")
        assert refused.stderr.strip()


def test_settings_that_cannot_work_are_told(tmp_path: Path) -> None:
    refused = run("migrate", "--data-dir", str(tmp_path), LEAKWATCH_DATABASE_URL="mysql://h/d")
    assert refused.returncode == 2
    assert refused.stderr.startswith("LEAKWATCH_DATABASE_URL: ")
    assert "no such kind of database" in refused.stderr


@pytest.mark.parametrize(
    "command", [["migrate"], ["serve", "--port", "0"], ["token", "create", "--name", "g", "--role", "owner"]]
)
def test_a_folder_that_cannot_be_used_is_told(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused = run(*command, "--data-dir", str(tmp_path / "file"))
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.count("\n") == 1


@pytest.mark.only("sqlite")
@pytest.mark.parametrize(
    "command", [["migrate"], ["serve", "--port", "0"], ["token", "create", "--name", "g", "--role", "owner"]]
)
def test_a_damaged_database_is_told(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "leakwatch.db").write_bytes(b"this is no database" * 100)
    damaged = run(*command, "--data-dir", str(tmp_path))
    assert (damaged.returncode, damaged.stdout) == (3, "")
    assert damaged.stderr.startswith("The database cannot be used: ")


def test_odd_files_are_told_and_the_others_scanned(tmp_path: Path) -> None:
    here = ("--data-dir", str(tmp_path / "data"))
    assert run("migrate", *here).returncode == 0
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.txt").write_text("lunch at noon?")
    (folder / "link.txt").symlink_to(folder / "nothing")
    with (folder / "huge.bin").open("wb") as huge:
        huge.truncate(1 << 42)
    (folder / "b\udcff.txt").write_text("lunch at one?")
    done = run("scan", "--json", str(folder), *here)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [Path(line["path"]).name for line in lines] == ["a.txt", "b\udcff.txt", "huge.bin", "link.txt"]
    assert [line["error"] and line["error"]["code"] for line in lines] == [None, None, "unread", "unreadable"]
    assert done.returncode == 2, done.stderr
    os.mkfifo(folder / "pipe")
    refused = run("scan", str(folder / "pipe"), *here)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert run("register", str(folder / "b\udcff.txt"), "--title", "Lunch", *here).returncode == 0


def kept(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix not in (".db-shm", ".db-wal")
    }


def test_register_and_scan(tmp_path: Path, databases: Databases) -> None:
    here = ("--data-dir", str(tmp_path / "data"))
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "leak.jpg").write_bytes(jpeg(51, quality=60))
    (folder / "talk.txt").write_text("lunch at noon?")
    original = tmp_path / "original.jpg"
    original.write_bytes(jpeg(51))

    nothing = run("scan", str(folder), *here, LEAKWATCH_DATABASE_URL=databases.empty())
    assert nothing.returncode == 3
    assert "leakwatch migrate" in nothing.stderr
    registered = run("register", str(original), "--title", "Crane", "--kind", "equipment", "--json", *here)
    asset = json.loads(registered.stdout)
    assert (registered.returncode, asset["title"], len(asset["references"])) == (0, "Crane", 1)
    before = kept(tmp_path / "data")

    found = run("scan", "--json", str(folder), *here, HOME=str(tmp_path / "home"), XDG_CACHE_HOME="")
    assert not (tmp_path / "home").exists(), "nothing is written outside the data directory"
    leak, talk = (json.loads(line) for line in found.stdout.splitlines())
    assert found.returncode == 1
    assert [Path(one["path"]).name for one in (leak, talk)] == ["leak.jpg", "talk.txt"]
    assert set(leak) == {"path", "verdict", "severity", "matches", "error", "elapsed_ms"}
    assert [one["asset_id"] for one in leak["matches"]] == [asset["id"]]
    assert (talk["verdict"], talk["error"]) == ("clear", None)
    assert kept(tmp_path / "data") == before

    assert run("scan", str(folder / "talk.txt"), *here).returncode == 0
    assert run("scan", str(folder / "missing.jpg"), *here).returncode == 2
    (folder / "broken.jpg").write_bytes(b"")
    broken = run("scan", "--json", str(folder / "broken.jpg"), *here)
    assert (broken.returncode, json.loads(broken.stdout)["error"]["code"]) == (2, "unread")


def test_at_a_terminal_one_sees_how_far_it_is_and_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "pages.pdf").write_bytes(pdf(31, 32, 33))
    command = ("register", str(tmp_path / "pages.pdf"), "--title", "T", "--kind", "equipment", "--data-dir", str(tmp_path))
    piped, shown = run(*command), run(*command, TTY_COMPATIBLE="1", TERM="xterm")
    assert (piped.returncode, piped.stderr) == (0, "")
    assert shown.returncode == 0, shown.stderr
    assert "fingerprinting" in shown.stderr
    assert "100%" in shown.stderr


def test_a_new_edition(tmp_path: Path) -> None:
    here, first, second = ("--data-dir", str(tmp_path / "data")), tmp_path / "1.txt", tmp_path / "2.txt"
    first.write_text("the harbour plan of the third of March, for the staff alone " * 3)
    second.write_text("the depot moves to the northern quay in the second week of May " * 3)
    asset = json.loads(run("register", str(first), "--title", "Plan", "--json", *here).stdout)
    done = run("register", str(second), "--replaces", asset["id"], "--json", *here)
    assert (done.returncode, json.loads(done.stdout)["title"]) == (0, "Plan")
    assert [one["label"] for one in json.loads(done.stdout)["references"]] == ["2.txt"]
    assert run("scan", str(first), *here).returncode == 0
    assert run("scan", str(second), *here).returncode == 1
    for wrong in ((), ("--title", "Plan", "--replaces", asset["id"])):
        refused = run("register", str(first), *wrong, *here)
        assert (refused.returncode, "--replaces" in refused.stderr) == (2, True)
    assert run("register", str(first), "--replaces", "ast_" + "0" * 26, *here).returncode == 2


def test_register_at_a_server(server: Server, tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("The harbour plan foresees four cranes on the northern quay, built in two steps.")
    there = ("--server", server.url, "--token", server.tokens["owner"])
    title = fresh("Note")
    done = run("register", str(note), "--title", title, "--kind", "text", "--json", *there)
    assert done.returncode == 0, done.stderr
    assert server["owner"].get(f"/assets/{json.loads(done.stdout)['id']}").json()["title"] == title
    many = tmp_path / "many.zip"
    many.write_bytes(zipped({f"{n:02}.txt": f"{title} page {n} of the very long report".encode() * 3 for n in range(25)}))
    asset = json.loads(done.stdout)["id"]
    edition = run("register", str(many), "--replaces", asset, "--json", *there)
    assert (edition.returncode, json.loads(edition.stdout)["status"]) == (0, "ready")
    assert json.loads(edition.stdout)["reference_count"] == 25
    refused = run("register", str(note), "--title", title, "--server", server.url, "--token", "wrong")
    assert (refused.returncode, refused.stderr.strip()) == (2, "This token is not known, or has expired.")
    for wrong in (("--server", server.url), ("--server", "nowhere", "--token", "x"), ("--server", server.url, "--token", "é")):
        assert run("register", str(note), "--title", title, *wrong).returncode == 2
    down = run("register", str(note), "--title", title, "--server", "http://127.0.0.1:9", "--token", "x")
    assert down.returncode == 3
