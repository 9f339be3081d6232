"""Nothing in a bundle can change without the verifier naming it; and nobody can make the verifier do anything but say so."""

import ast
import io
import json
import os
import shutil
import struct
import subprocess
import sys
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.evidence import verify
from tests.app.evidence.made import FILES, bundle, checked, contents, key, names, resigned, zipped

SOURCE = Path(verify.__file__)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("checked")


def spans(data: bytes) -> list[tuple[str, int, int]]:
    """Which bytes are whose: of each file its header and data, of the directory its line, by a reader that is not ours."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found, line = [], archive.start_dir
        for one in archive.infolist():
            raw = len(one.filename.encode())
            found.append((one.filename, one.header_offset, one.header_offset + 30 + raw + one.file_size))
            found.append((one.filename, line, line + 46 + raw))
            line += 46 + raw
    return found


def owner(data: bytes, place: int) -> str:
    return next((name for name, start, end in spans(data) if start <= place < end), verify.ARCHIVE)


def test_a_bundle_holds(folder: Path) -> None:
    found = checked(bundle(), folder)
    assert (found.holds, found.origin, found.files) == (True, "unproved", len(FILES))
    assert checked(bundle(), folder, key().fingerprint.upper()).origin == "proved"
    spaced = " ".join(key().fingerprint[at : at + 4] for at in range(0, 64, 4))
    assert checked(bundle(), folder, f"SHA256:{spaced}").origin == "proved"


def test_others_read_it(folder: Path) -> None:
    files = contents(bundle())
    assert {name: files[name] for name in FILES} == FILES
    assert sorted(files) == sorted([*FILES, *verify.UNLISTED])
    assert bundle() == zipped(files), "the same files make the same bytes"


@settings(max_examples=250)
@given(st.data())
def test_any_changed_byte_is_found_and_named(folder: Path, data: st.DataObject) -> None:
    good = bundle()
    place = data.draw(st.integers(0, len(good) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda value: value != good[place]))
    found = checked(good[:place] + bytes([other]) + good[place + 1 :], folder)
    assert not found.holds
    near = {owner(good, max(0, at)) for at in range(place - 4, place + 1)}  # what begins is known by four bytes
    assert names(found) & near or any(part in str(one.says) for one in found.findings for part in near), (near, found.findings)


@settings(max_examples=150)
@given(st.data())
def test_any_added_or_removed_byte_is_found_and_named(folder: Path, data: st.DataObject) -> None:
    good = bundle()
    place, added = data.draw(st.integers(0, len(good) - 1)), data.draw(st.booleans())
    byte = bytes([data.draw(st.integers(0, 255))]) if added else b""
    found = checked(good[:place] + byte + good[place + (not added) :], folder)
    assert not found.holds
    whose = {owner(good, at) for at in (max(0, place - 1), place, min(place + 1, len(good) - 1))}
    assert names(found) & {*whose, verify.ARCHIVE}, (whose, found.findings)


@pytest.mark.parametrize("name", [*FILES, *sorted(verify.UNLISTED)])
def test_a_file_that_is_missing_or_another_is_named(name: str, folder: Path) -> None:
    files = contents(bundle())
    found = checked(zipped({one: data for one, data in files.items() if one != name}), folder)
    assert ("missing", name) in {(one.code, one.path) for one in found.findings}
    assert names(found) == {name}
    found = checked(zipped({**files, name: files[name] + b"!"}), folder)
    assert name in names(found) or (name == verify.SIGNATURE and names(found) == {verify.MANIFEST})
    assert names(found) <= {name, *verify.UNLISTED}


def test_a_file_that_was_added_is_named(folder: Path) -> None:
    found = checked(zipped({**contents(bundle()), "alerts/extra.txt": b"!"}), folder)
    assert [(one.code, one.path) for one in found.findings] == [("added", "alerts/extra.txt")]


def test_a_manifest_changed_with_its_file_does_not_fit_the_signature(folder: Path) -> None:
    files = contents(bundle())
    said = json.loads(files[verify.MANIFEST])
    said["exported"]["purpose"] = "training"
    files[verify.MANIFEST] = json.dumps(said, separators=(",", ":"), ensure_ascii=False).encode()
    assert [one.code for one in checked(zipped(files), folder).findings] == ["signature"]


def test_whoever_signs_anew_needs_the_key(folder: Path) -> None:
    forged = zipped(resigned(contents(bundle()), key(1), left_out=["nothing"]))
    assert checked(forged, folder).holds
    assert "anybody may have made it" in verify.in_words(checked(forged, folder))
    found = checked(forged, folder, key().fingerprint)
    assert (found.origin, [one.code for one in found.findings]) == ("refuted", ["other_key"])


@pytest.mark.parametrize(
    "name", ["../out.txt", "/etc/passwd", "a/../../b", "C:\\windows", "a//b", "a/./b", "nul\0", "\u202egpj.exe", " "]
)
def test_a_name_that_leads_elsewhere_is_named(name: str, folder: Path) -> None:
    files = {**contents(bundle()), name: b"!"}
    assert ("bad_name", name) in {(one.code, one.path) for one in checked(zipped(files), folder).findings}
    listed = [*json.loads(files[verify.MANIFEST])["files"], {"path": name, "size": 1, "sha256": "bb" * 32}]
    found = checked(zipped(resigned(files, key(), files=listed)), folder)
    assert ("bad_name", name) in {(one.code, one.path) for one in found.findings}


@pytest.mark.parametrize("name", ["z.bin", "Z.BIN"])
def test_a_name_that_is_there_twice_is_named(name: str, folder: Path) -> None:
    files = [*contents(bundle()).items(), (name, b"other")]
    assert ("duplicate", name) in {(one.code, one.path) for one in checked(zipped(files), folder).findings}


def test_a_link_is_named(folder: Path) -> None:
    data = bytearray(bundle())
    line = next(start for name, start, _ in spans(bytes(data))[1::2] if name == "z.bin")
    struct.pack_into("<I", data, line + 38, 0o120777 << 16)
    assert names(checked(bytes(data), folder)) == {"z.bin"}


def repacked(files: dict[str, bytes], method: int) -> bytes:
    """As any other program packs."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.mkdir("alerts")
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_was_packed_again_is_told_and_its_files_are_compared(folder: Path, method: int) -> None:
    files = contents(bundle())
    found = checked(repacked(files, method), folder, key().fingerprint)
    assert (found.holds, found.repacked, found.origin) == (True, True, "proved")
    assert "RE-PACKED: not the file that was exported" in verify.in_words(found)
    assert "ITS CONTENTS HOLD" in verify.in_words(found)
    assert not checked(bundle(), folder).repacked
    changed = {**files, "z.bin": bytes(256), "extra.txt": b"!"}
    del changed["about.json"]
    found = checked(repacked(changed, method), folder)
    assert {(one.code, one.path) for one in found.findings} == {
        ("changed", "z.bin"),
        ("added", "extra.txt"),
        ("missing", "about.json"),
    }
    assert "RE-PACKED" in verify.in_words(found)


def test_a_file_put_into_the_bundle_by_another_program_is_named(folder: Path) -> None:
    out = io.BytesIO(bundle())
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("extra.txt", b"!")
    assert ("added", "extra.txt") in {(one.code, one.path) for one in checked(out.getvalue(), folder).findings}


def test_a_bomb_that_was_packed_in_is_named_and_not_unpacked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = contents(bundle())
    found = checked(repacked({**files, "bomb": bytes(50_000_000), "z.bin": bytes(50_000_000)}, zipfile.ZIP_DEFLATED), folder)
    assert names(found) == {"bomb", "z.bin"}
    monkeypatch.setattr(verify, "MOST_BYTES", 1_000_000)
    found = checked(repacked({**files, "bomb": bytes(50_000_000)}, zipfile.ZIP_DEFLATED), folder)
    assert (found.holds, found.manifest) == (False, {})


@pytest.mark.parametrize("name", ["../out.txt", "/etc/passwd", "C:\\windows"])
def test_packed_again_a_name_that_leads_elsewhere_is_named(name: str, folder: Path) -> None:
    found = checked(repacked({**contents(bundle()), name: b"!"}, zipfile.ZIP_DEFLATED), folder)
    assert ("bad_name", name) in {(one.code, one.path) for one in found.findings}


def test_packed_again_a_name_that_is_there_twice_is_named(folder: Path) -> None:
    found = checked(repacked({**contents(bundle()), "Z.BIN": b"!"}, zipfile.ZIP_DEFLATED), folder)
    assert ("duplicate", "Z.BIN") in {(one.code, one.path) for one in found.findings}


def test_files_that_claim_each_others_bytes_are_read_once(folder: Path) -> None:
    """As in a bomb whose members overlap: each claims all that follows."""
    count, tail = 2000, bytes(1000)
    headers = [
        verify.HEADER + struct.pack("<3I2H", 0, (count - at) * 34, (count - at) * 34, 4, 0) + b"%04d" % at for at in range(count)
    ]
    found = checked(b"".join(headers) + tail, folder)
    assert not found.holds


@settings(max_examples=100)
@given(st.binary(max_size=400), st.booleans())
def test_nothing_that_anybody_writes_makes_it_stumble(folder: Path, junk: bytes, begun: bool) -> None:
    with suppress(verify.NoBundle):
        assert not checked((b"PK\3\4" if begun else b"") + junk, folder).holds


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"format":"leakwatch-evidence/1","files":{}}',
        b"1" * 100_000,
        b"\xff",
        b'{"a":1,"a":1}',
        b"null",
    ],
)
def test_a_manifest_that_is_none_is_told(text: bytes, folder: Path) -> None:
    files = contents(bundle())
    files |= {verify.MANIFEST: text, verify.SIGNATURE: key().sign(text)}
    assert ("changed", verify.MANIFEST) in {(one.code, one.path) for one in checked(zipped(files), folder).findings}


def test_what_is_unpacked_can_be_checked_too(folder: Path, tmp_path: Path) -> None:
    path, place = tmp_path / "bundle.zip", tmp_path / "unpacked"
    path.write_bytes(bundle())
    shutil.unpack_archive(path, place)
    assert verify.check(str(place), key().fingerprint).origin == "proved"
    assert verify.check(str(place)).holds
    (place / "z.bin").write_bytes(b"other")
    (place / "more").mkdir()
    (place / "more" / "extra.txt").write_text("!")
    os.symlink("/etc/passwd", place / "link")
    (place / "empty.txt").unlink()
    found = verify.check(str(place))
    assert names(found) == {"z.bin", "more/extra.txt", "link", "empty.txt"}


@pytest.mark.parametrize("signature", [b"", bytes(384), b"\xff" * 384, bytes(383) + b"\1", b"\0" * 385])
def test_no_made_up_signature_fits(signature: bytes) -> None:
    modulus = int.from_bytes(key().public, "big") | 1 << 3071
    assert not verify.is_signed(b"message", signature, modulus)


def test_a_signature_with_a_short_padding_does_not_fit() -> None:
    """As in the forgeries after Bleichenbacher (2006): with another key of exponent 3 it would suffice to look for the digest."""
    private = key()._key.private_numbers()
    modulus = private.public_numbers.n
    info = verify.DIGEST_INFO + zlib.crc32(b"").to_bytes(4, "big")
    encoded = b"\0\1" + b"\xff" * 8 + b"\0" + info + bytes(verify.SIZE - 11 - len(info))
    made = pow(int.from_bytes(encoded, "big"), private.d, modulus).to_bytes(verify.SIZE, "big")
    assert not verify.is_signed(b"message", made, modulus)
    assert verify.is_signed(b"message", key().sign(b"message"), modulus)


def test_it_needs_nothing_but_an_old_python() -> None:
    text = SOURCE.read_text()
    tree = ast.parse(text, feature_version=(3, 9))
    imported = {alias.name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module).partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported <= set(sys.stdlib_module_names)
    assert text.isascii() is False or "coding" not in text.splitlines()[1]


def test_alone_in_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "verify.py").write_bytes(SOURCE.read_bytes())
    (tmp_path / "bundle.zip").write_bytes(bundle())

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-I", "verify.py", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env={"LANG": "C"})

    good = run("bundle.zip", "--key", key().fingerprint)
    assert (good.returncode, good.stderr) == (0, ""), good.stderr
    assert "IT HOLDS: all 4 files" in good.stdout
    assert "case 12" in good.stdout
    told = json.loads(run("bundle.zip", "--json").stdout)
    assert (told["holds"], told["origin"], told["findings"]) == (True, "unproved", [])
    (tmp_path / "bundle.zip").write_bytes(zipped({**contents(bundle()), "z.bin": b"?"}))
    bad = run("bundle.zip")
    assert bad.returncode == 1
    assert "z.bin was changed" in bad.stdout
    for wrong in (["nothing.zip"], ["verify.py"], ["bundle.zip", "--key", "12"], []):
        refused = run(*wrong)
        assert (refused.returncode, refused.stdout) == (2, ""), wrong
        assert refused.stderr
