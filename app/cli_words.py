"""What commands say: JSON for programs, sentences for people, progress on stderr."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import Progress


@contextmanager
def progress(what: str, total: Callable[[], int]) -> Iterator[Callable[..., None]]:
    """A bar on stderr when that is a terminal, else nothing, and nothing is counted. Call what it gives for each step done, or
    with how many.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _=1: None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(what, total=total())
        yield lambda done=1: bar.advance(task, done)


def scan_line(line: dict[str, Any], as_json: bool) -> str:
    """One file's result."""
    if as_json:
        return json.dumps(line, ensure_ascii=False)
    said = [f"{line['verdict']:<7}{line['severity']:<9}{line['path']}"]
    said += [f"       {one['detector']}: {one['evidence'].get('summary', one['asset_title'])}" for one in line["matches"]]
    if line["error"]:
        said.append(f"       not read: {line['error']['detail']}")
    return "\n".join(said)


def asset_words(asset: dict[str, Any], as_json: bool) -> str:
    """A registered asset."""
    if as_json:
        return json.dumps(asset, ensure_ascii=False)
    said = [f"registered “{asset['title']}” as {asset['id']}"]
    for one in asset["references"]:
        kinds, found = ", ".join(one["fingerprints"]) or "nothing but its bytes", one["distinctiveness"]
        said.append(f"  {one['label']}: {kinds}; {found['verdict']}")
        said += [f"    {reason['name']}: {reason['advice']}" for reason in found["reasons"]] or [f"    {found['advice']}"]
    said += [f"  not read: {one['file']} {one['part']} {one['reason']}" for one in asset["unread"]]
    return "\n".join(said)
