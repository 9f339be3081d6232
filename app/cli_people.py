"""Commands about people: tokens, accounts, and the record of what people did."""

import asyncio
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli_edges import WRONG, DataDir, Json, settings_of, told

if TYPE_CHECKING:
    from app.audit.service import Check
    from app.people.service import Principal
    from app.people.tokens import Held

token_app = typer.Typer(no_args_is_help=True, help="Tokens that let programs and people in.")
account_app = typer.Typer(no_args_is_help=True, help="Accounts of people who sign in with a name and a password.")
audit_app = typer.Typer(no_args_is_help=True, help="The record of what people did.")

Name = Annotated[str, typer.Option(help="What the person signs in with.")]
SamePerson = Annotated[bool, typer.Option("--same-person", help="The name is an owner's already, and this is the same person.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input, as one line.")]


@token_app.command("create")
def token_create(
    name: Annotated[str, typer.Option(help="A gateway's name, or a person's.")],
    role: Annotated[str, typer.Option(help="gateway, analyst, owner, auditor or admin.")],
    expires: Annotated[str | None, typer.Option(help="How long it is good for: 90d, 12h, 2w. Default: for ever.")] = None,
    same_person: SamePerson = False,
    data_dir: DataDir = None,
) -> None:
    """Make a token and print it, alone and once. By an owner's name they see their assets: whose it is already is told.

    Example: leakwatch token create --name wecom-hq --role gateway --expires 90d
    """
    from app import offline  # noqa: PLC0415

    with told():
        settings = settings_of(data_dir=data_dir)
        made = asyncio.run(offline.make_token(settings, name, role, expires, same_person=same_person))
        print(made.token)
    if made.told:
        print(made.told, file=sys.stderr)


@token_app.command("list")
def token_list(as_json: Json = False, data_dir: DataDir = None) -> None:
    """Say which tokens there are, oldest first, without their secrets; also those that let nobody in any more.

    Example: leakwatch token list --json
    """
    from app import administration  # noqa: PLC0415

    with told():
        _print_held(asyncio.run(administration.list_tokens(settings_of(data_dir=data_dir))), "expires", as_json)


@token_app.command("revoke")
def token_revoke(
    ident: Annotated[str, typer.Argument(metavar="ID", help="As “leakwatch token list” tells it.")],
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Let nobody in with a token any more, and end its sessions. A running server follows within a second.

    Example: leakwatch token revoke tok_06a1b2c3
    """
    from app import administration  # noqa: PLC0415

    with told():
        _print_one(asyncio.run(administration.revoke_token(settings_of(data_dir=data_dir), ident)), "token", "revoked", as_json)


@account_app.command("create")
def account_create(
    name: Name,
    role: Annotated[str, typer.Option(help="analyst, owner, auditor or admin.")],
    password_stdin: FromStdin = False,
    same_person: SamePerson = False,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Make an account; the password is asked for.

    Example: leakwatch account create --name zhang --role analyst
    """
    from app import administration  # noqa: PLC0415

    settings = settings_of(data_dir=data_dir)
    with told():
        work = administration.create_account(settings, name, role, _password(password_stdin), same_person=same_person)
        _print_one(asyncio.run(work), "account", "made", as_json)


@account_app.command("list")
def account_list(as_json: Json = False, data_dir: DataDir = None) -> None:
    """Say which accounts there are, by name; also those that are disabled.

    Example: leakwatch account list --json
    """
    from app import administration  # noqa: PLC0415

    with told():
        _print_held(asyncio.run(administration.list_accounts(settings_of(data_dir=data_dir))), "disabled", as_json)


@account_app.command("disable")
def account_disable(name: Name, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Let nobody sign in with it any more, and end its sessions. A new password lets its owner in again.

    Example: leakwatch account disable --name zhang
    """
    from app import administration  # noqa: PLC0415

    with told():
        found = asyncio.run(administration.disable_account(settings_of(data_dir=data_dir), name))
        _print_one(found, "account", "disabled", as_json)


@account_app.command("enable")
def account_enable(name: Name, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Let a disabled account be used again, with the password it had.

    Example: leakwatch account enable --name zhang
    """
    from app import administration  # noqa: PLC0415

    with told():
        found = asyncio.run(administration.enable_account(settings_of(data_dir=data_dir), name))
        _print_one(found, "account", "enabled", as_json)


@account_app.command("password")
def account_password(name: Name, password_stdin: FromStdin = False, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Give an account a new password, which is asked for, and end its sessions.

    Example: leakwatch account password --name zhang
    """
    from app import administration  # noqa: PLC0415

    settings = settings_of(data_dir=data_dir)
    with told():
        work = administration.change_password(settings, name, _password(password_stdin))
        _print_one(asyncio.run(work), "account", "given a new password", as_json)


@audit_app.command("verify")
def audit_verify(
    expect: Annotated[
        str | None, typer.Option(help="An end printed earlier, SEQ:HASH: it must still be there, and what came before as it was.")
    ] = None,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Walk along the audit record: whether it is as it was written. Ends with 1, naming the first broken entry, if not.

    Keep the end it prints where nobody who can write to the database can: only it tells of entries cut off at the end.

    Example: leakwatch audit verify --expect 57:9f2c…
    """
    from app import administration  # noqa: PLC0415

    with told():
        found = asyncio.run(administration.verify(settings_of(data_dir=data_dir), expect, _walking))
        print(_check_json(found) if as_json else _check_words(found))
    if not found.ok:
        raise typer.Exit(1)


def _password(from_stdin: bool) -> str:
    """Ends the command when there is nobody to ask."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        print("Nobody is there to be asked for a password: give it with --password-stdin.", file=sys.stderr)
        raise typer.Exit(WRONG)
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _print_one(one: "Principal", what: str, done: str, as_json: bool) -> None:
    said = {"id": one.id, "name": one.name, "role": one.role}
    print(json.dumps(said, ensure_ascii=False) if as_json else f"{what} {one.name} ({one.role}) {done}")


def _print_held(some: "Iterable[Held]", ends: str, as_json: bool) -> None:
    """One a line. ``ends``: the word for when it does."""
    for one in some:
        at = one.ended_at.isoformat() if one.ended_at else None
        said = {"id": one.id, "name": one.name, "role": one.role, "created_at": one.created_at.isoformat(), f"{ends}_at": at}
        words = f"{one.id}  {one.name} ({one.role})  since {one.created_at:%Y-%m-%d}"
        state = "" if at is None else f"  {ends} {at[:16]}" + ("" if one.is_good else ", lets nobody in")
        print(json.dumps({**said, "good": one.is_good}, ensure_ascii=False) if as_json else words + state)


def _check_json(found: "Check") -> str:
    from app.audit.schemas import CheckOut  # noqa: PLC0415

    return CheckOut.model_validate(found).model_dump_json(exclude={"at"})


def _check_words(found: "Check") -> str:
    if found.broken is not None:
        return f"broken at entry {found.broken.seq}: {found.broken.reason}; all before it holds"
    return f"{found.head.seq} entries, unbroken; the end is {found.head}"


@contextmanager
def _walking(total: int) -> Iterator[Callable[[int], None]]:
    from app.cli_words import progress  # noqa: PLC0415

    with progress("walking", lambda: total) as advance:
        yield advance
