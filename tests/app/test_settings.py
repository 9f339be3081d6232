"""Settings: flags above environment above defaults; what cannot work is refused in words."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import PREFIX, Settings, table


def test_environment_and_flags(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LEAKWATCH_PORT", "9001")
    monkeypatch.setenv("LEAKWATCH_DATA_DIR", str(tmp_path))
    assert (Settings().port, Settings(port=9002).port) == (9001, 9002)
    assert Settings().database == f"sqlite+aiosqlite:///{tmp_path}/leakwatch.db"
    assert Settings().blobs == tmp_path / "blobs"
    assert Settings(blob_url="/elsewhere").blobs == Path("/elsewhere")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("database_url", "postgresql+asyncpg://h/d", "only SQLite"),
        ("stream_url", "amqp://h:5672", "write table:"),
        ("blob_url", "s3://bucket", "only a folder"),
        ("workers", 0, "greater than or equal to 1"),
        ("ocr_engine", "eyes", "rapidocr"),
        ("review_unread", "encrypted,locked", "no such reason: locked"),
    ],
)
def test_refusals(name: str, value: object, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Settings.model_validate({name: value})


def test_every_setting_is_described() -> None:
    rows = list(table())
    assert len(rows) == len(Settings.model_fields)
    assert all(name.startswith(PREFIX) and says for name, _, says in rows)
