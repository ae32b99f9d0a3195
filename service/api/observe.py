"""What the operator sees: one JSON log line and one set of metrics per request, never a word of a comment."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import TextIO

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from service.engine.engine import Engine

log = logging.getLogger("belowline.http")
BUCKETS = (0.002, 0.004, 0.006, 0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.1, 0.2, 0.4, 0.8, 2.0, 10.0)
PLAIN_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "taskName", "color_message"}  # the server's


class JsonFormatter(logging.Formatter):
    """One JSON object per line: time, level, logger, message and the fields given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update((name, value) for name, value in vars(record).items() if name not in PLAIN_FIELDS)
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__  # its message may quote a comment
        return json.dumps(line, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """What went wrong, for somebody at a terminal; of an exception only its name, its message may quote a comment."""

    def format(self, record: logging.LogRecord) -> str:
        name = f" ({record.exc_info[0].__name__})" if record.exc_info and record.exc_info[0] else ""
        return f"{time.strftime('%H:%M:%S')} {record.levelname.lower()}: {record.getMessage()}{name}"


def log_as(form: str, stream: TextIO | None = None) -> None:
    """Send the log of this process, the server's included, to standard error.

    "json" has a line per request and event, "text" only what went wrong; "" takes "text" for a terminal.
    """
    out = stream or sys.stderr
    text = form == "text" or (form == "" and out.isatty())
    handler = logging.StreamHandler(out)
    handler.setFormatter(TextFormatter() if text else JsonFormatter())
    for name in ("belowline", "uvicorn"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(logging.WARNING if text else logging.INFO)
        logger.propagate = False


class Observer:
    """Counts and logs requests; the labels are the route's template and the key's name."""

    def __init__(self, engine: Engine) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "key", "status")
        self._requests = Counter(
            "belowline_requests", "Requests by route, key and status.", labels, registry=self.registry
        )
        self._seconds = Histogram(
            "belowline_request_seconds", "Time to answer.", ("route",), buckets=BUCKETS, registry=self.registry
        )
        self.registry.register(_EngineCollector(engine))

    def answered(self, *, method: str, route: str, key: str, status: int, seconds: float, request_id: str) -> None:
        """Record one answer."""
        self._requests.labels(method, route, key, status).inc()
        self._seconds.labels(route).observe(seconds)
        if log.isEnabledFor(logging.INFO):
            log.info(
                "answered",
                extra={
                    "request_id": request_id,
                    "method": method,
                    "route": route,
                    "key": key,
                    "status": status,
                    "ms": round(seconds * 1000, 2),
                },
            )


class _EngineCollector(Collector):
    """Reads the engine's own counts when they are asked for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> list[GaugeMetricFamily | CounterMetricFamily]:
        engine = self._engine
        gauges = (
            ("belowline_waiting_requests", "Requests in front of the scorer.", engine.line.requests),
            ("belowline_waiting_comments", "Comments in front of the scorer.", engine.line.comments),
            ("belowline_cache_entries", "Comments whose scores are remembered.", len(engine.cache)),
        )
        counters = (
            ("belowline_comments_scored", "Comments that the model scored.", engine.scored),
            ("belowline_cache_hits", "Comments answered from memory.", engine.cache.hits),
            ("belowline_dropped_requests", "Requests whose caller hung up before the scores.", engine.dropped),
        )
        return [GaugeMetricFamily(name, text, value) for name, text, value in gauges] + [
            CounterMetricFamily(name, text, value) for name, text, value in counters
        ]
