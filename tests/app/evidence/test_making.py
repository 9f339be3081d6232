"""Keys, names and archives, as they are made."""

import asyncio
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from app.blobs.folder import BlobFolder
from app.console.speech import language
from app.errors import TooLarge
from app.evidence import verify
from app.evidence.archive import Archive
from app.evidence.documents import documents
from app.evidence.naming import LONGEST, numbered, readable
from app.evidence.packing import pack
from app.evidence.signing import signer
from app.evidence.subjects import drawn_out
from app.evidence.types import WHOLE, Evidence, Piece, Subject
from tests.app.evidence.made import AT, EXPORT, contents, key
from tests.app.incidents.test_drawing import many


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as several:
        made = list(several.map(signer, [tmp_path / "data"] * 4))
    assert len({one.fingerprint for one in made}) == 1
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["signing-key.pem"]
    assert stat.S_IMODE((tmp_path / "data" / "signing-key.pem").stat().st_mode) == 0o600
    assert "PRIVATE" not in repr(made[0])


def test_a_key_may_be_given_instead(tmp_path: Path) -> None:
    given_key = signer(tmp_path)
    text = (tmp_path / "signing-key.pem").read_text()
    other = tmp_path / "other"
    assert signer(other, text).fingerprint == given_key.fingerprint == signer(other, text.replace("\n", "\\n")).fingerprint
    assert not other.exists()


def pem(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes = b"") -> str:
    plain = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    for text in ("secret", pem(rsa.generate_private_key(65537, 2048)), pem(ec.generate_private_key(ec.SECP256R1()))):
        with pytest.raises(ValueError, match="LEAKWATCH_SIGNING_KEY is no"):
            signer(tmp_path, text)
    with pytest.raises(ValueError, match="without a password"):
        signer(tmp_path, pem(rsa.generate_private_key(65537, 3072), b"pw"))


def test_openssl_agrees(tmp_path: Path) -> None:
    for name, data in (("m", b"message"), ("s", key().sign(b"message")), ("k", key().public)):
        (tmp_path / name).write_bytes(data)
    command = ["openssl", "dgst", "-sha256", "-verify", "k", "-signature", "s", "m"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).stdout == "Verified OK\n"
    assert serialization.load_pem_public_key(key().public)


@given(st.text(max_size=200), st.text(max_size=80))
def test_names_are_readable_and_lead_nowhere(name: str, part: str) -> None:
    made = numbered(7, name, part)
    assert made.startswith("07")
    assert not set(made) & set('/\\:*?"<>| \0')
    assert not set(made.split("/")) & {"", ".", ".."}
    assert len(readable(name)) <= LONGEST + 1
    assert made.isprintable()


def test_what_a_name_says_stays() -> None:
    assert readable("IMG_2031.jpg") == "IMG_2031.jpg"
    assert readable("机密 (第1页).JPG") == "机密-第1页.JPG"
    assert readable("../../etc/passwd") == "passwd"
    assert readable("C:\\tmp\\x.docx") == "x.docx"
    assert readable("a" * 300 + ".jpeg").endswith("a.jpeg")
    assert readable("\u202e\0") == "file"


def test_an_archive_is_bounded_and_as_before_after_a_failure(tmp_path: Path) -> None:
    out = BytesIO()
    archive = Archive(out, most=200)
    archive.add("a.txt", [b"hello"])
    with pytest.raises(TooLarge):
        archive.add("b.txt", [bytes(50)] * 5)
    archive.add("c.txt", [b"!"])
    archive.end()
    assert contents(out.getvalue()) == {"a.txt": b"hello", "c.txt": b"!"}


def test_blobs_are_taken_as_they_are_and_those_that_are_gone_are_told(tmp_path: Path) -> None:
    blobs = BlobFolder(tmp_path / "blobs")
    there = Piece("a.bin", "a file", "a test", AT, blob=blobs.put(b"kept"), size=4)
    gone = Piece("b.bin", "another", "a test", AT, blob="ab" * 32, size=4)
    evidence = Evidence(Subject("alert", "alr_1", "T"), (), pieces=(there, gone))
    made = asyncio.run(pack(tmp_path / "one.zip", evidence, EXPORT, (), blobs, key()))
    again = asyncio.run(pack(tmp_path / "two.zip", evidence, EXPORT, (), blobs, key()))
    data = (tmp_path / "one.zip").read_bytes()
    assert data == (tmp_path / "two.zip").read_bytes()
    assert (made.files, made.size, made.manifest) == (1, len(data), again.manifest)
    assert contents(data)["a.bin"] == b"kept"
    found = verify.check(str(tmp_path / "one.zip"))
    assert found.holds
    assert found.manifest["left_out"] == ["b.bin: another: its bytes are not kept any more"]
    with pytest.raises(FileExistsError):
        asyncio.run(pack(tmp_path / "one.zip", evidence, EXPORT, (), blobs, key()))


async def test_beside_the_overview_lies_a_drawing_in_which_every_channel_has_its_lane() -> None:
    found = await drawn_out(many(300, 60), language("en"))
    for channel in range(60):
        assert f">Channel {channel} " in found.whole or f">Channel {channel}<" in found.whole
    assert "more external channels" in found.drawing
    assert "more external channels" not in found.whole
    small = await drawn_out(many(300, 60), language("en"), most=1000)
    assert (small.whole, small.drawing) == ("", found.drawing)
    asked = Evidence(Subject("incident", "inc_1", "Crane"), (), spread=small), EXPORT
    assert WHOLE not in {piece.path for piece in documents(*asked)}
