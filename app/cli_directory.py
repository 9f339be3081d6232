"""Commands about the directory: who the accounts in monitored chats belong to."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli_edges import WRONG, DataDir, Json, settings_of, told

directory_app = typer.Typer(no_args_is_help=True, help="Who the accounts in monitored chats belong to.")


@directory_app.command("import")
def directory_import(
    file: Annotated[Path, typer.Argument(help="A table (CSV) with a header.")],
    nobody: Annotated[bool, typer.Option("--nobody", help="A table with nobody in it is no mistake: remove everybody.")] = False,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Replace the directory by a table. If anything in it is wrong nothing is changed: each line says where, and what.

    Columns: sender and kind (staff, temporary, contractor or visitor) are needed; gateway, name, unit, clearance (a level),
    signed_on, ends_on (days as 2026-03-31) and responsible may be there.

    Example: leakwatch directory import people.csv
    """
    from app.directory import operating  # noqa: PLC0415
    from app.errors import Invalid  # noqa: PLC0415

    with told():
        try:
            people = asyncio.run(operating.replace(settings_of(data_dir=data_dir), file, nobody=nobody))
        except Invalid as error:
            for one in error.more.get("errors", ()):
                where = f"{file}:{one['line']}" + (f" {one['column']}" if one["column"] else "")
                print(
                    json.dumps(one, ensure_ascii=False) if as_json else f"{where}: {one['says']}",
                    file=sys.stdout if as_json else sys.stderr,
                )
            raise typer.Exit(WRONG) from None
    print(json.dumps({"people": people}) if as_json else f"{people} people")


@directory_app.command("export")
def directory_export(data_dir: DataDir = None) -> None:
    """Print the directory as a table that import takes. That you took it is written down in the audit record.

    Example: leakwatch directory export > people.csv
    """
    from app.directory import operating  # noqa: PLC0415

    with told():
        sys.stdout.buffer.write(asyncio.run(operating.taken(settings_of(data_dir=data_dir))))
