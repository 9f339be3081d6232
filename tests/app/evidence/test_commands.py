"""Evidence on the command line."""

import json
import stat
import subprocess
import sys
from pathlib import Path

from app.evidence import verify
from tests.app.conftest import Server
from tests.app.evidence.made import contents, zipped
from tests.app.test_cli import run


def test_a_key_is_made_once_and_its_fingerprint_printed_alone(tmp_path: Path) -> None:
    made, again = (run("evidence", "key", "--data-dir", str(tmp_path)) for _ in range(2))
    assert (made.returncode, made.stderr, len(made.stdout)) == (0, "", 65)
    assert made.stdout == again.stdout
    public = run("evidence", "key", "--public", "--data-dir", str(tmp_path)).stdout
    assert public.startswith("-----BEGIN PUBLIC KEY-----\n")
    refused = run("evidence", "key", "--data-dir", str(tmp_path), LEAKWATCH_SIGNING_KEY="no key")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "LEAKWATCH_SIGNING_KEY" in refused.stderr


def test_the_verifier_is_printed_as_it_is() -> None:
    assert run("evidence", "verifier").stdout == Path(verify.__file__).read_text()


def test_export_and_verify(server: Server, tmp_path: Path) -> None:
    alert, file = server.alert(), tmp_path / "evidence.zip"
    here = {"LEAKWATCH_DATA_DIR": str(server.settings.data_dir), "LEAKWATCH_DATABASE_URL": server.settings.database_url}
    command = ("evidence", "export", alert["id"], "-o", str(file), "--purpose")
    assert run(*command, "fun", **here).returncode == 2
    made = run(*command, "evidence", "--json", **here)
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert (told["file"], told["bytes"]) == (str(file), file.stat().st_size)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert run(*command, "evidence", **here).returncode == 2, "nothing is overwritten"
    assert list(tmp_path.iterdir()) == [file]

    key = run("evidence", "key", **here).stdout.strip()
    held = run("evidence", "verify", str(file), "--key", key)
    assert held.returncode == 0
    assert "IT HOLDS" in held.stdout
    assert "the one you named" in held.stdout
    (tmp_path / "verify.py").write_text(run("evidence", "verifier").stdout)
    alone = subprocess.run(
        [sys.executable, "-I", "verify.py", "evidence.zip", "--key", key], cwd=tmp_path, capture_output=True, check=False
    )
    assert alone.returncode == 0, alone.stderr

    file.write_bytes(zipped({**contents(file.read_bytes()), "alerts/0001/alert.json": b"{}"}))
    broken = run("evidence", "verify", str(file), "--json")
    assert (broken.returncode, broken.stderr) == (1, "")
    assert [one["path"] for one in json.loads(broken.stdout)["findings"]] == ["alerts/0001/alert.json"]
    for wrong in (str(tmp_path / "nothing.zip"), str(tmp_path / "verify.py")):
        assert run("evidence", "verify", wrong).returncode == 2
