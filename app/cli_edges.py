"""What all commands share: options, settings, and how failures end them."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from app.settings import Settings

WRONG, DOWN, OURS = 2, 3, 70
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Folder of everything kept [env: LEAKWATCH_DATA_DIR].")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, and nothing else there.")]


def settings_of(**flags: Any) -> "Settings":
    """Flags over environment over defaults. Ends the command, in words, when they cannot work."""
    from pydantic import ValidationError  # noqa: PLC0415

    from app.settings import PREFIX, Settings  # noqa: PLC0415

    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        for one in error.errors():
            print(f"{PREFIX}{str(one['loc'][0]).upper()}: {one['msg']}", file=sys.stderr)
        raise typer.Exit(WRONG) from None


@contextmanager
def told() -> Iterator[None]:
    """Failures with a name become a line on stderr and an exit code."""
    from app.blobs.types import BlobsDown  # noqa: PLC0415
    from app.db import DatabaseFailure  # noqa: PLC0415
    from app.errors import AppError  # noqa: PLC0415
    from app.streams.types import StreamDown  # noqa: PLC0415
    from fingerprints.errors import EngineMissing  # noqa: PLC0415

    try:
        yield
    except (EngineMissing, StreamDown, BlobsDown) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(DOWN) from None
    except AppError as error:
        print(error.detail, file=sys.stderr)
        raise typer.Exit(DOWN if error.status >= 500 else WRONG) from None
    except DatabaseFailure as error:
        print(f"The database cannot be used: {error}. Start or restore it, or name another one.", file=sys.stderr)
        raise typer.Exit(DOWN) from None
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        raise typer.Exit(WRONG) from None
    except typer.Exit:
        raise
    except Exception:
        traceback.print_exc()
        raise typer.Exit(OURS) from None
