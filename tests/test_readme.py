"""The README is true: its commands run, its tables are the ones they claim to be, its transcript is what the demo prints."""

import ast
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.notify.signing import keys, signature
from tests import readme
from tests.detectors.scenes import jpeg, page, png, sentences

TEXT = readme.README.read_text()
BIN = Path(sys.executable).parent


def commands(marker: str) -> list[str]:
    return [
        line[2:]
        for block in re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)
        for line in block.splitlines()
        if line.startswith(f"$ {marker}")
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new user's folder with a page and a photo of it."""
    folder = tmp_path_factory.mktemp("user")
    picture = page(sentences(3))
    (folder / "page.png").write_bytes(png(picture))
    (folder / "people.csv").write_text("sender,kind,unit\nu-4711,contractor,Workshop 3\n")
    (folder / "password.txt").write_text("harbour-lantern-willow-42\n")
    (folder / "photo.jpg").write_bytes(jpeg(picture[40:, 30:], 60))
    return folder


@pytest.fixture(scope="module")
def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "LEAKWATCH_DATA_DIR": str(folder / "data"), "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture(scope="module")
def ran(folder: Path, environment: dict[str, str]) -> dict[str, subprocess.CompletedProcess[str]]:
    """Every `leakwatch` command of the README, run in order in that folder."""

    def run(command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=3000, check=False
        )

    return {command: run(command) for command in commands("leakwatch")}


@pytest.fixture(scope="module")
def port(ran: object, folder: Path, environment: dict[str, str]) -> Iterator[int]:
    """`leakwatch serve`, as the README says, on a free port. From its start to its end it prints nothing but its log."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([BIN / "leakwatch", "serve", "--port", str(port)], cwd=folder, env=environment, stderr=log)
    try:
        _until_ready(port)
        yield port
    finally:
        server.terminate()
        server.wait(20)
    assert all(json.loads(line)["event"] for line in (folder / "log").read_text().splitlines())


def _until_ready(port: int) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise TimeoutError


def test_its_leakwatch_commands_do_what_it_says(ran: dict[str, subprocess.CompletedProcess[str]]) -> None:
    assert len(ran) >= 4
    for command, done in ran.items():
        found = command.startswith("leakwatch scan")
        assert done.returncode == (1 if found else 0), f"{command}: {done.stderr}"
    assert '"verdict": "leak"' in next(done.stdout for command, done in ran.items() if "scan" in command)


def test_its_curl_command_posts_a_message(port: int, ran: dict[str, subprocess.CompletedProcess[str]], folder: Path) -> None:
    assert shutil.which("curl"), "the README shows curl: install it"
    token = next(done.stdout.strip() for command, done in ran.items() if "token create" in command)
    [command] = commands("curl")
    shown = command.replace("127.0.0.1:8080", f"127.0.0.1:{port}")
    done = subprocess.run(
        shown,
        shell=True,
        cwd=folder,
        env={**os.environ, "GATEWAY_TOKEN": token},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert '"status":"queued"' in done.stdout, done.stdout + done.stderr


def test_its_signature_check_tells_ours_from_others() -> None:
    [code] = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    told: dict[str, Any] = {}
    exec(code, told)  # noqa: S102
    secrets, body = ("whsec_" + "A" * 44, "whsec_" + "B" * 44), b'{"type":"alert.created"}'
    signed = " ".join(signature(keys(secret)[0], "ntf_1", 1_800_000_000, body) for secret in secrets)
    headers = {"webhook-id": "ntf_1", "webhook-timestamp": "1800000000", "webhook-signature": signed}
    assert all(told["is_genuine"](secret, headers, body) for secret in secrets)
    assert not told["is_genuine"]("whsec_" + "C" * 44, headers, body)
    assert not told["is_genuine"](secrets[0], headers, body + b" ")
    assert not told["is_genuine"](secrets[0], headers | {"webhook-timestamp": "1800000001"}, body)


def test_its_make_targets_exist() -> None:
    targets = set(re.findall(r"(?<!`)make ([a-z]+)\b", "\n".join(re.findall(r"^    make .*$|`make [^`]*`", TEXT, re.MULTILINE))))
    assert {"demo", "test"} <= targets
    for target in targets:
        done = subprocess.run(["make", "-n", target], cwd=readme.ROOT, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, f"make {target}: {done.stderr}"


def test_its_settings_table_is_the_settings() -> None:
    assert readme.block(TEXT, "settings") == readme.settings_block()


def test_its_benchmark_table_is_the_committed_one() -> None:
    assert readme.block(TEXT, "bench") == readme.bench_block()


def test_its_capacity_is_the_committed_one() -> None:
    assert readme.block(TEXT, "capacity") == readme.capacity_block()


def test_its_glossary_is_the_code_s() -> None:
    """Every word of the glossary is a name in the code: of a class, a function, a field or a parameter."""
    [glossary] = re.findall(r"## Glossary\n(.*?)\n## ", TEXT, re.DOTALL)
    words = [word.strip() for row in re.findall(r"^\| ([a-z, ]+) \| ", glossary, re.MULTILINE) for word in row.split(",")]
    sources = [path for name in ("fingerprints", "detectors", "app") for path in (readme.ROOT / name).rglob("*.py")]
    named = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.arg, ast.Attribute, ast.Name)
    nodes = (node for path in sources for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, named))
    names = {getattr(node, field) for node in nodes for field in node._fields if field in ("name", "arg", "attr", "id")}
    known = {part.lower() for name in names for part in re.findall(r"[A-Z]?[a-z]+", name)}
    assert {"asset", "reference", "hit", "match", "verdict", "lane", "checkpoint", "resolution"} <= set(words)
    assert [word for word in words if word != "word" and word not in known] == []


def test_the_demo_plays_to_its_end_and_the_readme_shows_it() -> None:
    done = readme.demo()
    assert done.returncode == 0, done.stdout + done.stderr
    shown, told = (
        readme.MEASURED.sub("N", text).split()
        for text in (readme.block(TEXT, "transcript"), readme.transcript_block(done.stdout))
    )
    assert shown == told
