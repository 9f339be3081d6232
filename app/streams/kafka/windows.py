"""What a consumer of Kafka's has fetched of a partition and not yet done."""

from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Window:
    """Records of a partition from the first that is not done; ``ahead``: the next to fetch; ``pending``: bytes, by offset."""

    ahead: int = 0
    pending: dict[int, int] = field(default_factory=dict)
    bytes: int = 0
    committed: int | None = None
    paused: bool = False

    @property
    def position(self) -> int:
        """Everything before it is done."""
        return next(iter(self.pending), self.ahead)

    def pass_over(self, committed: int) -> None:
        """Everything before it is done, by whomever."""
        for offset in [one for one in self.pending if one < committed]:
            self.bytes -= self.pending.pop(offset)
        self.ahead, self.committed = max(self.ahead, committed), committed
