"""The key that bundles are signed with: RSA of 3072 bits, PKCS #1 v1.5 with SHA-256 (RFC 8017 §8.2).

Not the newest scheme, but the one whose check is a single power and a comparison, so that a page of Python can do it anywhere;
the same bytes always get the same signature. The key is made once and lies in the data directory, unless the operator gives one.
"""

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from app.evidence import verify

BITS = verify.SIZE * 8
NAME = "signing-key.pem"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs; whoever knows ``fingerprint`` from elsewhere knows that it was this key. ``public``: PEM, as the bundle has it."""

    _key: rsa.RSAPrivateKey = field(repr=False)

    @property
    def public(self) -> bytes:
        return verify.pem(self._der)

    @property
    def fingerprint(self) -> str:
        return sha256(self._der).hexdigest()

    @property
    def _der(self) -> bytes:
        return verify.public_key(self._key.public_key().public_numbers().n)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def signer(folder: Path, given: str = "") -> Signer:
    """``given``: the operator's key as PEM; without it the one in ``folder``, which is made if it is not there.

    Raises ValueError for a key of another kind.
    """
    if given.strip():
        return _read(given.replace("\\n", "\n").encode(), "LEAKWATCH_SIGNING_KEY")
    path = folder / NAME
    if not path.exists():
        _keep(path, rsa.generate_private_key(verify.EXPONENT, BITS))
    return _read(path.read_bytes(), str(path))


def _read(text: bytes, place: str) -> Signer:
    try:
        key = serialization.load_pem_private_key(text, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError(f"{place} is no private key in PEM without a password") from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size != BITS or key.public_key().public_numbers().e != verify.EXPONENT:
        raise ValueError(f"{place} is no RSA key of {BITS} bits: make one with openssl genrsa {BITS}")
    return Signer(key)


def _keep(path: Path, key: rsa.RSAPrivateKey) -> None:
    """Whole or not at all, and of two that make one at once only the first is kept: the other is nobody's."""
    plain = serialization.NoEncryption()
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, made = tempfile.mkstemp(dir=path.parent, prefix=".signing-key-")  # 0600 from the start
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(made, path)
    finally:
        os.unlink(made)
