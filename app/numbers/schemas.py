"""The numbers as they are told."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.alerts.schemas import Detector

Days = Annotated[int, Field(ge=1, le=366, description="so many days back")]
Bar = Annotated[float, Field(ge=0, le=1)]


class WaitOut(BaseModel):
    """Seconds of so many alerts: half of them waited no longer than ``p50``, nine of ten than ``p90``."""

    count: int
    p50: float | None
    p90: float | None
    p99: float | None


class TimesOut(BaseModel):
    """``detect``: sent (or, where the gateway does not say, received) to alert, without what was found later. The others begin
    with the alert, and once more where it came back because more was found in its message.

    ``disbelieved``: alerts that are not in ``detect``, since their messages cannot have been sent when the gateway says.
    """

    detect: WaitOut
    acknowledge: WaitOut
    resolve: WaitOut
    disbelieved: int


class PrecisionOut(BaseModel):
    """What became of alerts that people resolved. ``right``: the share that was no false alarm, within ``low``..``high``."""

    name: str
    title: str | None = None
    true_positive: int
    benign_positive: int
    false_positive: int
    right: float
    low: float
    high: float


class DayOut(BaseModel):
    """One day, UTC. Clear messages are only counted as long as they are kept."""

    day: str
    messages: int
    review: int
    leak: int


class UnreadReasonOut(BaseModel):
    """A reason why parts could not be inspected, and of how many parts."""

    code: str
    parts: int


class FailedReasonOut(BaseModel):
    """A reason why messages were given up, and of how many."""

    code: str
    messages: int


class UninspectedOut(BaseModel):
    """What was not looked into, among the last ``messages``. ``partly``: messages with parts that could not be inspected.

    ``oldest``: when the one came that waits longest, of all; ``failures``: why ``failed`` ones were given up.
    """

    messages: int
    waiting: int
    failed: int
    partly: int
    oldest: datetime | None
    failures: list[FailedReasonOut]
    reasons: list[UnreadReasonOut]


class DeadOut(BaseModel):
    """Messages that died in these days and lie among the dead letters still, whole. ``messages``: ``None``, the stream does not
    answer; ``more``: there are more than so many. ``listed``, ``replayed``: the commands that show them and put them back.
    """

    messages: int | None
    more: bool = False
    reasons: list[FailedReasonOut] = []
    listed: str = "leakwatch replay --list"
    replayed: str = "leakwatch replay"


class NumbersOut(BaseModel):
    """``waiting``: messages not inspected yet. ``times`` are of the last ``timed`` alerts."""

    days: int
    times: TimesOut
    timed: int
    detectors: list[PrecisionOut]
    assets: list[PrecisionOut]
    daily: list[DayOut]
    waiting: int
    uninspected: UninspectedOut
    dead: DeadOut


class Operating(BaseModel):
    """An operating point. ``least``: how sure a match must be to be shown; ``sure``: to be called a leak.

    ``detector``: ``least`` is for matches of this one alone.
    """

    model_config = ConfigDict(extra="forbid")
    days: Days = 90
    least: Bar = 0.0
    sure: Bar = 0.7
    detector: Detector | None = None


class PointOut(BaseModel):
    """With this bar: alerts there would be, how many of them no false alarms, and how many true ones would be missed."""

    least: float
    alerts: int
    right: int
    missed: int


class SimulationOut(BaseModel):
    """What the labelled history would have been. Ids of alerts, newest first.

    ``missed``: true ones that nobody would have seen. ``spared``: false alarms there would not have been. ``doubted``: true ones
    that were called leaks and would be put before a person as a doubt only; ``accused``: false alarms that were doubts and would
    be called leaks; ``believed``: true doubts that would; ``eased``: false ones called leaks that would be doubts.
    """

    kind: Literal["replayed"] = "replayed"
    labelled: int
    alerts: int
    missed: list[str]
    spared: list[str]
    doubted: list[str]
    accused: list[str]
    believed: list[str]
    eased: list[str]
    curve: list[PointOut]
