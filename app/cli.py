"""The command line. Says what it will do in ``--help``, does it, and ends with a code scripts can use.

Codes: 0 done (scan: nothing found), 1 scan found something (notify: something failed for good; audit verify, evidence verify: it
does not hold), 2 wrong usage or input, 3 a dependency is down, 70 a fault of ours (sysexits.h). Heavy libraries are loaded by the
command that needs them, so ``--help`` is quick.
"""

import asyncio
import json
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli_directory import directory_app
from app.cli_edges import WRONG, DataDir, Json, settings_of, told
from app.cli_evidence import evidence_app
from app.cli_people import account_app, audit_app, token_app
from app.garbage import leave, spare_what_comes

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False, rich_markup_mode=None)
app.add_typer(token_app, name="token")
app.add_typer(account_app, name="account")
app.add_typer(audit_app, name="audit")
app.add_typer(evidence_app, name="evidence")
app.add_typer(directory_app, name="directory")

Paths = Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files or folders.")]


@app.callback()
def leakwatch() -> None:
    """Notices registered secret documents and photos of secret equipment in chat.

    Example: leakwatch serve --port 8080
    """


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to serve on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to serve on.")] = None,
    data_dir: DataDir = None,
    workers: Annotated[int | None, typer.Option(help="Detection processes.")] = None,
) -> None:
    """Serve API, console and detection; ready when /readyz answers 200. Brings an older database up to date first.

    Example: leakwatch serve --host 127.0.0.1 --port 8080 --data-dir ./data
    """
    settings = settings_of(host=host, port=port, data_dir=data_dir, workers=workers)
    from app.serving import serve as run  # noqa: PLC0415

    with told():
        run(settings)


@app.command()
def worker(
    host: Annotated[str | None, typer.Option(help="Address of its /readyz and /metrics.")] = None,
    port: Annotated[int, typer.Option(help="Port of its /readyz and /metrics; 0: any that is free.")] = 0,
    data_dir: DataDir = None,
    workers: Annotated[int | None, typer.Option(help="Detection processes.")] = None,
) -> None:
    """Take messages from the stream, detect, and record verdicts and alerts, beside any number of others.

    Example: LEAKWATCH_STREAM_URL=kafka://broker:9092 leakwatch worker --workers 4 --port 9101
    """
    settings = settings_of(host=host, port=port, data_dir=data_dir, workers=workers)
    from app.serving import work  # noqa: PLC0415

    with told():
        work(settings)


@app.command()
def replay(
    most: Annotated[int, typer.Option(help="At most so many.")] = 10_000,
    only_list: Annotated[bool, typer.Option("--list", help="Only say what is there.")] = False,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Put dead letters back among the messages, oldest first: after the fault that killed them was mended.

    Example: leakwatch replay --list
    """
    from app.ingest.replay import replay as run  # noqa: PLC0415

    with told():
        lines = asyncio.run(run(settings_of(data_dir=data_dir), most, only_list=only_list))
    for line in lines:
        words = "{at}  {place}  {code}: {reason}".format_map(line)
        print(json.dumps(line, ensure_ascii=False) if as_json else words)
    print(f"{len(lines)} dead letters{'' if only_list else ' put back'}", file=sys.stderr)


@app.command()
def notify(
    once: Annotated[bool, typer.Option("--once", help="End when nothing is due, with 1 if something failed for good.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Try once more what failed for good before.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Deliver notifications until told to stop. A server does so by itself, unless the stream is Kafka.

    Example: leakwatch notify --once
    """
    settings = settings_of(data_dir=data_dir)
    from app.notifying import notify as deliver  # noqa: PLC0415

    with told():
        is_delivered = deliver(settings, once, again)
    if not is_delivered:
        raise typer.Exit(1)


@app.command()
def migrate(data_dir: DataDir = None) -> None:
    """Bring the database to the current schema; doing it again changes nothing.

    Example: leakwatch migrate
    """
    from app import offline  # noqa: PLC0415

    with told():
        asyncio.run(offline.migrate(settings_of(data_dir=data_dir)))


@app.command()
def register(
    paths: Paths,
    title: Annotated[str, typer.Option(help="What people call it. Needed for whatever is new.")] = "",
    kind: Annotated[str, typer.Option(help="document, equipment or text.")] = "document",
    level: Annotated[str, typer.Option(help="internal, confidential, secret or top_secret.")] = "confidential",
    owner: Annotated[str, typer.Option(help="Whose it is. Default: yours.")] = "",
    unit: Annotated[str, typer.Option(help="The owner's unit.")] = "",
    term: Annotated[
        list[str] | None, typer.Option("--term", "--terms", help="A code name to watch for; may be repeated.")
    ] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", "--tags", help="A serial or asset number; may be repeated.")] = None,
    keep_originals: Annotated[bool, typer.Option(help="Keep pictures and text, so that analysts can compare.")] = False,
    note: Annotated[str, typer.Option(help="For whoever reads it later.")] = "",
    replaces: Annotated[
        str | None, typer.Option(help="An asset's id: the files are its new edition, and the one before is forgotten.")
    ] = None,
    server: Annotated[str | None, typer.Option(help="Register over HTTP at this server instead.")] = None,
    token: Annotated[str | None, typer.Option(help="An owner's token for that server.")] = None,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Register files (photos, pages of a PDF or TIFF, Office files, text) as one asset; a running server follows within a second.

    Example: leakwatch register plan.pdf --title "Harbour plan" --level secret --term ORCHID-9
    """
    if bool(title.strip()) == bool(replaces):
        print("Say --title for something new, or --replaces ID for a new edition of what is registered.", file=sys.stderr)
        raise typer.Exit(WRONG)
    spec: dict[str, Any] = {"title": title, "kind": kind, "level": level, "owner": owner, "unit": unit, "note": note}
    spec |= {"terms": term or [], "tags": tag or [], "keep_originals": keep_originals}
    files = _files(paths)
    with told():
        if server:
            asset = _post(server, token or "", spec, files, replaces)
        else:
            from app import offline  # noqa: PLC0415

            settings = settings_of(data_dir=data_dir)
            work = offline.replace(settings, replaces, files) if replaces else offline.register(settings, spec, files)
            asset = asyncio.run(work)
    _print_asset(asset, as_json)


@app.command()
def scan(paths: Paths, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Match files or folders against the local registry, writing nothing to it.

    Ends with 0 when nothing was found, 1 when something was, 2 when a file could not be read, 3 when a dependency is down.

    Example: leakwatch scan --json ~/Downloads
    """
    files = _files(paths)
    from app import offline  # noqa: PLC0415

    with told():
        lines = asyncio.run(_scan(offline.scan(settings_of(data_dir=data_dir), files), len(files), as_json))
    if any(line["verdict"] != "clear" for line in lines):
        raise typer.Exit(1)
    if any(line["error"] for line in lines):
        raise typer.Exit(WRONG)


@app.command()
def demo(
    host: Annotated[str | None, typer.Option(help="Address to serve on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to serve on; another one if it is taken.")] = None,
    once: Annotated[bool, typer.Option("--once", help="End after the story, with 1 if it went otherwise than expected.")] = False,
) -> None:
    """Register drawn assets, play a staged chat, print what was caught and why, then serve the console.

    Example: leakwatch demo --once
    """
    settings = settings_of(host=host, port=port)
    from app.demo.play import demo as play  # noqa: PLC0415

    with told():
        as_expected = play(settings, serve=not once)
    if once and not as_expected:
        raise typer.Exit(1)


async def _scan(results: Any, total: int, as_json: bool) -> list[dict[str, Any]]:
    from app.cli_words import progress, scan_line  # noqa: PLC0415

    lines = []
    with progress("scanning", lambda: total) as advance:
        async for line in results:
            lines.append(line)
            print(scan_line(line, as_json), flush=True)
            advance()
    return lines


def _print_asset(asset: dict[str, Any], as_json: bool) -> None:
    from app.cli_words import asset_words  # noqa: PLC0415

    print(asset_words(asset, as_json))


def _post(server: str, token: str, spec: dict[str, Any], files: list[Path], replaces: str | None) -> dict[str, Any]:
    from app.cli_client import register as post  # noqa: PLC0415

    return post(server, token, spec, files, replaces)


def _files(paths: list[Path]) -> list[Path]:
    """Every file meant, folders searched, in order. Ends the command when one is not there."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            print(f"{path}: no such file or folder", file=sys.stderr)
            raise typer.Exit(WRONG)
        if not path.is_file() and not path.is_dir():
            print(f"{path}: neither a file nor a folder", file=sys.stderr)
            raise typer.Exit(WRONG)
        found += sorted(one for one in path.rglob("*") if one.is_file() or _dangles(one)) if path.is_dir() else [path]
    return found


def _dangles(path: Path) -> bool:
    """A link to nothing: it is told as a file that cannot be read, not passed over."""
    return path.is_symlink() and not path.exists()


def main() -> None:
    """The console script. A file name that is no text is shown escaped, in JSON as well."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    spare_what_comes()
    try:
        app()
    except SystemExit as end:
        leave(end.code if isinstance(end.code, int) else 0)


if __name__ == "__main__":
    main()
