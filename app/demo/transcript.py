"""What the demo says, as it happens: who posted what, what leakwatch concluded, by which evidence, after how many seconds."""

from typing import Any

from rich.console import Console
from rich.text import Text

from app.console.wording import DETECTORS
from app.demo.scenes import Scene

STYLES = {"leak": "bold red", "review": "bold yellow", "clear": "green", "pending": "bold red"}
PLAIN_WIDTH = 110


class Transcript:
    """Prints to stdout and keeps count of what came out as expected."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, width=None if Console().is_terminal else PLAIN_WIDTH)
        self.caught = self.to_catch = self.left_alone = self.to_leave = 0
        self.ended = False
        self._slowest = 0.0

    @property
    def as_expected(self) -> bool:
        """Whether every leak was caught and everything else left alone."""
        return (self.caught, self.left_alone) == (self.to_catch, self.to_leave)

    def ready(self, seconds: float) -> None:
        self._say("leakwatch demo", "bold")
        self._say("Everything below is drawn, posted and judged now, through the API, in a throw-away data directory.", "dim")
        self._say(f"The server was ready after {seconds:.1f} s.", "dim")

    def registering(self) -> None:
        self._say("\n1. What must not leak is registered", "bold")

    def registered(self, asset: dict[str, Any]) -> None:
        references = asset["references"]
        weak = [one for one in references if one["distinctiveness"]["verdict"] != "good"]
        count = f"{len(references)} reference{'s' if len(references) != 1 else ''}"
        words = [*asset["terms"], *asset["tags"]]
        said = [count, f"{len(weak)} hard to recognise" if weak else "recognisable"]
        said += [f"watching for {', '.join(words)}"] if words else []
        said += [] if asset["keep_originals"] else ["only fingerprints kept"]
        self._say(f"{asset['title']:<24}{asset['kind']}, {asset['level'].replace('_', ' ')}: {'; '.join(said)}", indent=3)

    def chat_begins(self) -> None:
        self._say("\n2. The chat, message by message", "bold")

    def posted(self, scene: Scene) -> None:
        where = f"{scene.channel.name} ({scene.channel.members} people{', external' if scene.channel.external else ''})"
        case = f"case {scene.case}: " if scene.case else ""
        self._say(f"\n{9 + scene.minute // 60:02}:{scene.minute % 60:02}  {scene.sender.name} to {where}", "bold cyan")
        self._say(f"{case}{scene.narration}", indent=7)
        carried = [f"“{scene.text}”"] if scene.text else []
        carried += [file.name for file in scene.attachments]
        carried += ["forwarded"] if scene.forwarded_from else []
        self._say(" + ".join(carried), "dim", 7)

    def judged(self, scene: Scene, answer: dict[str, Any], seconds: float) -> None:
        self._slowest = max(self._slowest, seconds)
        verdict = answer.get("verdict") or {"verdict": "pending", "severity": "none", "matches": []}
        good = self._count(scene, verdict["verdict"], verdict["matches"])
        if verdict["verdict"] == "clear":
            line = f"clear after {seconds:.1f} s: rightly left alone. {scene.expected.why}"
            self._say(
                line if good else f"clear after {seconds:.1f} s: MISSED. {scene.expected.why}",
                STYLES["clear" if good else "leak"],
                7,
            )
            return
        line = f"{verdict['verdict'].upper()}, {verdict['severity']}, after {seconds:.1f} s"
        self._say(line + ("" if good else f": NOT EXPECTED. {scene.expected.why}"), STYLES[verdict["verdict"]], 7)
        self._evidence(verdict["matches"])

    def interrupted(self) -> None:
        played = self.to_catch + self.to_leave
        self._say(f"\nInterrupted after {played} message{'s' if played != 1 else ''}; what was made is deleted.", "bold")

    def finished(self) -> None:
        self.ended = True
        self._say("\n3. In short", "bold")
        caught, left = f"{self.caught} of {self.to_catch}", f"{self.left_alone} of {self.to_leave}"
        self._say(f"{caught} leaks caught, {left} other messages left alone;", indent=3)
        self._say(f"the slowest verdict took {self._slowest:.1f} s.", indent=3)

    def serving(self, address: str, analyst: str, owner: str, auditor: str) -> None:
        self._say("\n4. Look for yourself", "bold")
        self._say(f"The console: {address}/   Sign in with one of these tokens:", indent=3)
        self._say(f"alerts, as the analyst     {analyst}", indent=5)
        self._say(f"assets, as their office    {owner}", indent=5)
        self._say(f"who did what, as auditor   {auditor}", indent=5)
        self._say(f"The API: {address}/api/docs   Ctrl-C ends the demo and deletes its data.", indent=3)

    def _evidence(self, matches: list[dict[str, Any]]) -> None:
        """One paragraph for each thing recognised, however many detectors recognised it."""
        things: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for match in matches:
            things.setdefault((match["asset_title"] or "Not registered", match["reference"]), []).append(match)
        for (title, reference), found in things.items():
            by = ", ".join(f"{DETECTORS[match['detector']]} ({match['confidence']:.0%})" for match in found)
            self._say(f"{title}{f', {reference}' if reference else ''}: {by}", indent=7)
            for match in found:
                self._say(match["evidence"]["summary"], "dim", 9)

    def _count(self, scene: Scene, verdict: str, matches: list[dict[str, Any]]) -> bool:
        expected = scene.expected
        if expected.outcome == "clear":
            self.to_leave += 1
            self.left_alone += verdict == "clear"
            return verdict == "clear"
        self.to_catch += 1
        named = {match["asset_title"] if match["asset_id"] else match["detector"] for match in matches}
        caught = named == {expected.title or "marking"}
        self.caught += caught
        return caught

    def _say(self, text: str, style: str = "", indent: int = 0) -> None:
        if text.startswith("\n"):
            self._console.print()
            text = text[1:]
        for line in Text(text, style).wrap(self._console, self._console.width - indent):
            line.rstrip()
            self._console.print(Text(" " * indent).append_text(line))
