"""Settings: flags above environment above defaults; what cannot work is refused in words."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import PREFIX, Settings, lane_environment, table


@pytest.mark.only("sqlite")
def test_environment_and_flags(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LEAKWATCH_PORT", "9001")
    monkeypatch.setenv("LEAKWATCH_DATA_DIR", str(tmp_path))
    assert (Settings().port, Settings(port=9002).port) == (9001, 9002)
    assert Settings().database == f"sqlite+aiosqlite:///{tmp_path}/leakwatch.db"
    assert Settings().blob_folder == tmp_path / "blobs"
    for elsewhere in ("/else where", "file:///else%20where"):
        assert Settings(blob_url=elsewhere).blob_folder == Path("/else where")
    for bucket in ("s3://bucket", "s3://bucket/a/b/"):
        told = Settings(blob_url=bucket)
        assert (told.blob_folder, told.blob_url) == (None, bucket.rstrip("/"))


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("database_url", "mysql://h/d", "no such kind of database"),
        ("database_url", "sqlite+aiosqlite://", "names no file"),
        ("database_url", "postgresql://h", "names no database"),
        ("database_url", "postgresql:///d", "names no host"),
        ("database_url", "postgresql://u:a/b@h/d", "special characters"),
        ("database_url", "postgresql://h/d?fast=yes", "nothing is known of fast"),
        ("stream_url", "amqp://h:5672", "write table:"),
        ("blob_url", "gs://bucket", "no such kind of store"),
        ("blob_url", "file://host/folder", "no such kind of store"),
        ("blob_url", "s3://", "names no bucket"),
        ("blob_url", "s3://key:hush@bucket/p", "names no bucket"),
        ("blob_url", "s3://bucket/p?versionId=1", "names no bucket"),
        ("workers", 0, "greater than or equal to 1"),
        ("replicas", 40_000, "less than or equal to"),
        ("ocr_engine", "eyes", "rapidocr"),
        ("review_unread", "encrypted,locked", "no such reason: locked"),
        ("webhook_url", "hooks.example/leaks", "http"),
        ("webhook_url", "https:///leaks", "http"),
        ("webhook_url", "https://user:hush@hooks.example/", "without a name or password"),
        ("webhook_secret", "hush", "whsec_ and base64"),
        ("public_url", "javascript:alert(1)", "http"),
    ],
)
def test_refusals(name: str, value: object, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Settings.model_validate({name: value})


def test_no_more_copies_can_be_in_sync_than_there_are() -> None:
    assert Settings(replicas=3, min_insync_replicas=2).min_insync_replicas == 2
    assert Settings(min_insync_replicas=2).replicas == 0
    with pytest.raises(ValidationError, match="no more copies"):
        Settings(replicas=1, min_insync_replicas=2)


def test_a_webhook_needs_a_secret_and_neither_is_shown() -> None:
    key = "c2VjcmV0" * 5
    told = Settings(
        webhook_url="https://hooks.example/hush", webhook_secret=f"whsec_{key}", public_url="https://console.example/"
    )
    assert told.webhook_secret.get_secret_value() == f"whsec_{key}"
    assert told.public_url == "https://console.example"
    assert not any(secret in f"{told!r} {told}" for secret in (key, "hush"))
    for secret in ("", "whsec_hush"):
        with pytest.raises(ValidationError, match="webhook_secret") as refused:
            Settings(webhook_url="https://hooks.example/", webhook_secret=secret)
        assert "hush" not in str(refused.value)


def test_detection_processes_are_told_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LEAKWATCH_WEBHOOK_SECRET", "LEAKWATCH_DATABASE_URL", "LEAKWATCH_STREAM_URL", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "whsec_hush")
        assert name not in lane_environment()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", ""),
        ("sqlite:////srv/a.db", "sqlite+aiosqlite:////srv/a.db"),
        ("sqlite+aiosqlite:///a.db", "sqlite+aiosqlite:///a.db"),
        ("postgresql+asyncpg://u:p%40@h:5433/d", "postgresql+asyncpg://u:p%40@h:5433/d"),
        ("postgresql://u@h/d?sslmode=verify-full", "postgresql+asyncpg://u@h/d?ssl=verify-full"),
        ("postgres:///d?host=/run/postgresql", "postgresql+asyncpg:///d?host=%2Frun%2Fpostgresql"),
    ],
)
def test_databases_are_called_as_others_call_them(written: str, meant: str) -> None:
    assert Settings(database_url=written).database_url == meant


@pytest.mark.parametrize("wrong", ["", "y", "?fast=yes", ":port"])
def test_a_password_is_never_shown(wrong: str) -> None:
    assert "geheim" not in repr(Settings(database_url="postgresql://u:geheim@h/d"))
    with pytest.raises(ValidationError) as told:
        Settings(database_url=f"postgresql://u:geheim@h{wrong}")
    assert "geheim" not in str(told.value)


def test_every_setting_is_described() -> None:
    rows = list(table())
    assert len(rows) == len(Settings.model_fields)
    assert all(name.startswith(PREFIX) and says for name, _, says in rows)
