"""Signatures, held against the specification and an independent computation."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.notify.signing import keys, signature
from tests.app.notify.receiver import SECRET


def test_the_signature_of_the_specification_s_own_libraries() -> None:
    """The example that Standard Webhooks' libraries are tested with."""
    [key] = keys("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(key=st.binary(min_size=24, max_size=64), body=st.binary(max_size=200), at=st.integers(0, 2**40))
def test_any_signature_is_an_independent_one(key: bytes, body: bytes, at: int) -> None:
    [found] = keys("whsec_" + base64.b64encode(key).decode())
    mac = hmac.new(key, b"ntf_1.%d.%b" % (at, body), hashlib.sha256).digest()
    assert signature(found, "ntf_1", at, body) == "v1," + base64.b64encode(mac).decode()


def test_several_secrets_while_one_takes_another_s_place() -> None:
    other = "whsec_" + base64.b64encode(b"x" * 24).decode()
    assert keys(f" {SECRET}  {other} ") == (bytes(range(32)), b"x" * 24)


@pytest.mark.parametrize(
    "wrong", ["", " ", "hush", "whsec_", "whsec_AAAA", "whsec_é", f"{SECRET}!", SECRET[6:], "whsec_" + "A" * 120]
)
def test_what_is_no_secret_is_refused_without_repeating_it(wrong: str) -> None:
    with pytest.raises(ValueError, match="base64 of 24 to 64") as refused:
        keys(wrong)
    assert len(wrong) < 8 or wrong not in str(refused.value)
