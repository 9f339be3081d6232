"""The webhook against a real receiver: what counts as received, what is tried again, what never will be."""

import asyncio
import datetime
import ipaddress
import logging
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.notify import webhook
from app.notify.senders import Notification, Passing, Permanent
from app.notify.signing import keys
from app.notify.webhook import Webhook, open_webhook
from tests.app.notify.receiver import SECRET, Answer, Receiver, hangs, hangs_up, huge, receiving, status

NOTICE = Notification("ntf_1", "alert.created", "alr_1", b'{"type":"alert.created"}')


@pytest.fixture
async def hook(receiver: Receiver) -> AsyncIterator[Webhook]:
    async with open_webhook(receiver.url, SECRET) as found:
        yield found


async def test_a_notification_arrives_signed(hook: Webhook, receiver: Receiver) -> None:
    await hook.send(NOTICE)
    [got] = receiver.got
    assert (got.body, got.headers["content-type"], got.headers["webhook-id"]) == (NOTICE.body, "application/json", "ntf_1")
    assert got.path == "/hook?key=hush"
    assert got.is_signed()
    assert not got.is_signed("whsec_" + "A" * 44)


async def test_each_attempt_has_its_own_timestamp_and_the_same_id(receiver: Receiver) -> None:
    moments = iter((1_800_000_000, 1_800_000_300))
    async with httpx.AsyncClient(trust_env=False) as client:
        hook = Webhook(client, receiver.url, keys(SECRET), lambda: datetime.datetime.fromtimestamp(next(moments), datetime.UTC))
        for _ in range(2):
            await hook.send(NOTICE)
    assert [one.headers["webhook-timestamp"] for one in receiver.got] == ["1800000000", "1800000300"]
    assert receiver.ids() == ["ntf_1"] * 2
    assert len({one.headers["webhook-signature"] for one in receiver.got}) == 2


async def test_while_secrets_change_either_is_good(receiver: Receiver) -> None:
    new = "whsec_" + "B" * 44
    async with open_webhook(receiver.url, f"{SECRET} {new}") as hook:
        await hook.send(NOTICE)
    assert receiver.got[0].is_signed(SECRET)
    assert receiver.got[0].is_signed(new)


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
async def test_received(hook: Webhook, receiver: Receiver, code: int) -> None:
    receiver.answers = [status(code)]
    await hook.send(NOTICE)


@pytest.mark.parametrize("code", [302, 307, 408, 409, 425, 429, 500, 502, 503, 504, 599])
async def test_tried_again(hook: Webhook, receiver: Receiver, code: int) -> None:
    receiver.answers = [status(code, Location="/elsewhere")]
    with pytest.raises(Passing, match=f"answered {code}") as failure:
        await hook.send(NOTICE)
    assert failure.value.after is None
    assert len(receiver.got) == 1, "no redirect is followed"


@pytest.mark.parametrize("code", [301, 308, 304, 400, 401, 403, 404, 410, 413, 422])
async def test_never_tried_again(hook: Webhook, receiver: Receiver, code: int) -> None:
    receiver.answers = [status(code, Location="/elsewhere")]
    with pytest.raises(Permanent, match=f"answered {code}"):
        await hook.send(NOTICE)
    assert len(receiver.got) == 1


@pytest.mark.parametrize(("asked", "seconds"), [("7", 7), ("999999", 3600)])
async def test_a_receiver_may_ask_for_patience(hook: Webhook, receiver: Receiver, asked: str, seconds: int) -> None:
    receiver.answers = [status(429, Retry_After=asked)]
    with pytest.raises(Passing) as failure:
        await hook.send(NOTICE)
    assert failure.value.after == datetime.timedelta(seconds=seconds)


async def test_a_huge_answer_is_not_read(hook: Webhook, receiver: Receiver) -> None:
    receiver.answers = [huge]
    async with asyncio.timeout(60):
        await hook.send(NOTICE)


@pytest.mark.parametrize("trouble", [hangs_up, hangs(1.5)])
async def test_silence_passes(receiver: Receiver, trouble: Answer) -> None:
    receiver.answers = [trouble]
    async with httpx.AsyncClient(timeout=0.2, trust_env=False) as client:
        with pytest.raises(Passing, match=r"no answer: |cannot be reached: Connection reset"):
            await Webhook(client, receiver.url, keys(SECRET)).send(NOTICE)


def test_nothing_waits_without_end() -> None:
    assert all(bound is not None and bound <= 10 for bound in webhook.TIMEOUT.as_dict().values())


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/hook/hush", "http://hush.invalid/", "http://127.0.0.1:9/hush?x=hush"])
async def test_nobody_there_passes_and_no_address_is_told(address: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        async with open_webhook(address, SECRET) as hook:
            with pytest.raises(Passing, match="cannot be reached: ") as failure:
                await hook.send(NOTICE)
    assert "hush" not in str(failure.value)
    assert failure.value.__cause__ is None


def self_signed(folder: Path) -> ssl.SSLContext:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stranger")])
    at = datetime.datetime.now(datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), at, at + datetime.timedelta(1))
    certificate = builder.add_extension(address, False).sign(key, hashes.SHA256())
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    (folder / "both.pem").write_bytes(private + certificate.public_bytes(encoding))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return context


async def test_a_stranger_s_certificate_passes_but_is_told(tmp_path: Path) -> None:
    with receiving(self_signed(tmp_path)) as stranger:
        async with open_webhook(stranger.url, SECRET) as hook:
            with pytest.raises(Passing, match="its certificate is not trusted: self-signed"):
                await hook.send(NOTICE)
    assert stranger.got == []
