"""Commands about evidence: taking it out, checking it, and the key that signs it."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli_edges import WRONG, DataDir, Json, settings_of, told

evidence_app = typer.Typer(no_args_is_help=True, help="Evidence about leaks, as files that prove nothing in them was changed.")


@evidence_app.command("export")
def evidence_export(
    about: Annotated[str, typer.Argument(metavar="ID", help="An incident's or an alert's id.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The ZIP file to write; it must not be there yet.")],
    purpose: Annotated[str, typer.Option(help="What for: triage, investigation, evidence, training or other.")],
    words: Annotated[str, typer.Option(help="The purpose in words; needed for other.")] = "",
    language: Annotated[str, typer.Option(help="The report's: en or zh.")] = "en",
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Write all that is known of a leak to one signed ZIP file. That you took it is written down in the audit record.

    Example: leakwatch evidence export alr_01k… -o evidence.zip --purpose evidence
    """
    from app.evidence import operating  # noqa: PLC0415

    with told():
        bundle = asyncio.run(operating.export(settings_of(data_dir=data_dir), about, output, purpose, words, language))
    said = {"file": str(output), "files": bundle.files, "bytes": bundle.size, "manifest": bundle.manifest}
    words = f"{output}: {bundle.files} files, {bundle.size:,} bytes; the manifest's SHA-256 is {bundle.manifest}"
    print(json.dumps(said, ensure_ascii=False) if as_json else words)


@evidence_app.command("verify")
def evidence_verify(
    file: Annotated[Path, typer.Argument(help="The ZIP file, or the folder it was unpacked to.")],
    key: Annotated[str | None, typer.Option(help="The fingerprint of the key it must be signed with.")] = None,
    as_json: Json = False,
) -> None:
    """Whether evidence is as it was exported. Ends with 1, naming what is not as it was, if not; 2 if nothing can be checked.

    Example: leakwatch evidence verify evidence.zip --key 3f9a…
    """
    from app.evidence import verify  # noqa: PLC0415

    try:
        found = verify.check(str(file), key)
    except (verify.NoBundle, ValueError, OSError) as error:
        print(f"{file}: nothing can be checked: {error}", file=sys.stderr)
        raise typer.Exit(WRONG) from None
    print(verify.as_json(found) if as_json else verify.in_words(found))
    if not found.holds:
        raise typer.Exit(1)


@evidence_app.command("key")
def evidence_key(
    public: Annotated[bool, typer.Option("--public", help="Print the public key itself, as PEM.")] = False,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    """Print the fingerprint of the key that evidence is signed with. Write it down where nobody who can reach this machine can.

    Example: leakwatch evidence key
    """
    from app.evidence import operating  # noqa: PLC0415

    with told():
        found = operating.key(settings_of(data_dir=data_dir))
    said = {"fingerprint": found.fingerprint, "public": found.public.decode()}
    print(json.dumps(said) if as_json else found.public.decode().rstrip() if public else found.fingerprint)


@evidence_app.command("verifier")
def evidence_verifier() -> None:
    """Print the verifier: one file that needs Python 3.9 and nothing else, for whoever has to check evidence elsewhere.

    Example: leakwatch evidence verifier > verify.py
    """
    print((Path(__file__).parent / "evidence" / "verify.py").read_text(), end="")
