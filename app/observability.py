"""What an operator sees: metrics for Prometheus, and log lines as JSON. Both carry ids and numbers, never what was written."""

import json
import logging
import sys
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

PLAIN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}


class Metrics:
    """One server's numbers."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.accepted = Counter("leakwatch_messages_accepted", "Messages accepted", ["gateway"], registry=self._registry)
        self.verdicts = Counter("leakwatch_verdicts", "Verdicts reached", ["verdict"], registry=self._registry)
        self.failures = Counter("leakwatch_inspection_failures", "Inspections that failed", ["reason"], registry=self._registry)
        self.dead = Counter("leakwatch_messages_dead", "Messages that became dead letters", ["reason"], registry=self._registry)
        self.refused = Counter(
            "leakwatch_messages_refused", "Messages not accepted at present", ["reason"], registry=self._registry
        )
        self.excused = Counter("leakwatch_matches_excused", "Matches that repeat a known mistake", registry=self._registry)
        buckets = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60)
        self.inspecting = Histogram(
            "leakwatch_inspect_seconds", "Seconds to inspect a message", buckets=buckets, registry=self._registry
        )
        self.depth = Gauge("leakwatch_queue_depth", "Messages waiting for a verdict", registry=self._registry)
        self.notifications = Counter(
            "leakwatch_notifications", "Attempts to notify", ["sender", "outcome"], registry=self._registry
        )
        self.outbox = Gauge("leakwatch_outbox", "Notifications not delivered", ["status"], registry=self._registry)
        self.checkpoint = Gauge(
            "leakwatch_registry_checkpoint", "Registry change every lane has reached", registry=self._registry
        )
        self.ready = Gauge("leakwatch_ready", "1 when detection is ready", registry=self._registry)

    def exposition(self) -> bytes:
        """In Prometheus' text format."""
        return generate_latest(self._registry)


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, event, and whatever ``extra`` brought."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **{key: value for key, value in vars(record).items() if key not in PLAIN},
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def log_to_stderr(level: str) -> None:
    """Send every logger's lines to stderr as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for library in ("alembic", "httpx", "httpcore"):  # the latter two would tell every address that is called
        logging.getLogger(library).setLevel(logging.WARNING)
