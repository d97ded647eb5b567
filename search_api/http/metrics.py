"""What is counted, for Prometheus: times, answers and the queue; no text, and no client's address."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The counts of one server. Its labels come from short lists, never from a request."""

    def __init__(self, waiting: Callable[[], int], refused: Callable[[], bool]) -> None:
        """Asks `waiting` (searches in the queue) and `refused` (a new build is faulty) whenever it is read."""
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Histogram(
            "casebook_request_seconds",
            "Time from a request's head to the end of its response.",
            ("route", "status"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._answers = Counter(
            "casebook_answers", "Searches by outcome and top focus area.", ("outcome", "focus_area"), registry=self._registry
        )
        self._gauge("casebook_queue_waiting", "Searches that wait for a thread.", waiting)
        self._gauge("casebook_build_refused", "1 while a new build is refused and the old one serves.", refused)

    def _gauge(self, name: str, text: str, value: Callable[[], float]) -> None:
        Gauge(name, text, registry=self._registry).set_function(lambda: float(value()))

    def request(self, route: str, status: int, took_s: float) -> None:
        """Counts a request."""
        self._requests.labels(route, str(status)).observe(took_s)

    def answer(self, answered: bool, focus_area: str) -> None:
        """Counts a search, by the focus area that its answer names first, or for a declined one suggests."""
        self._answers.labels("answered" if answered else "declined", focus_area).inc()

    def text(self) -> bytes:
        """All of it, in Prometheus' text format."""
        return generate_latest(self._registry)
