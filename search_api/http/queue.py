"""Searches wait here for a thread: so many at most, and each client in its turn."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

_T = TypeVar("_T")
SMOOTHING = 0.1
"""The weight of the newest search in the running mean of their times."""


class BusyError(Exception):
    """There is no place to wait; `retry_after_s` (whole seconds, 1 or more) says when there should be one."""

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__("The queue is full.")


@dataclass(frozen=True)
class _Job:
    call: Callable[[], Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop

    def settle(self, result: Any, error: BaseException | None) -> None:
        def settle() -> None:
            if not self.future.done():
                self.future.set_result(result) if error is None else self.future.set_exception(error)

        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self.loop.call_soon_threadsafe(settle)


class WorkQueue:
    """Runs calls on a fixed number of threads, with fair queueing.

    Each client has a queue of its own, and the queues take turns (round robin), so that one who asks much waits for itself.
    Where the capacity is reached, the longest queue gives up its last call to a client with a shorter one.
    """

    def __init__(self, workers: int, capacity: int, wait_s: float) -> None:
        """Takes no thread until there is work.

        Args:
            workers: Threads, 1 or more.
            capacity: The most calls that wait, beside those that run.
            wait_s: The most seconds that a call waits or runs, for the one who asked.
        """
        self._workers, self._capacity, self._wait_s = workers, capacity, wait_s
        self._queues: OrderedDict[str, deque[_Job]] = OrderedDict()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._mean_s = 0.01
        self._idle = workers

    @property
    def waiting(self) -> int:
        """How many calls wait."""
        return sum(map(len, self._queues.values()))

    async def run(self, client: str, call: Callable[[], _T]) -> _T:
        """Runs a call in its client's turn.

        Raises:
            BusyError: Where there is no place, or no result in time.
        """
        loop = asyncio.get_running_loop()
        job = _Job(call, loop.create_future(), loop)
        with self._changed:
            self._start()
            self._make_room(client)
            self._queues.setdefault(client, deque()).append(job)
            self._changed.notify()
        try:
            async with asyncio.timeout(self._wait_s):
                result: _T = await job.future
        except TimeoutError:
            self._leave(client, job)
            raise BusyError(self._retry_after_s()) from None
        except asyncio.CancelledError:
            self._leave(client, job)
            raise
        return result

    def _start(self) -> None:
        while len(self._threads) < self._workers:
            thread = threading.Thread(target=self._work, name=f"search-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _make_room(self, client: str) -> None:
        # A thread without work takes its call at once, so that call needs no place.
        if self.waiting < self._capacity + self._idle:
            return
        longest = max(self._queues, key=lambda name: len(self._queues[name]))
        if len(self._queues[longest]) <= len(self._queues.get(client, ())) + 1:
            raise BusyError(self._retry_after_s())
        self._queues[longest].pop().settle(None, BusyError(self._retry_after_s()))

    def _leave(self, client: str, job: _Job) -> None:
        with self._changed, suppress(KeyError, ValueError):
            self._queues[client].remove(job)
            if not self._queues[client]:
                del self._queues[client]

    def _retry_after_s(self) -> int:
        return max(1, math.ceil(self.waiting * self._mean_s / self._workers))

    def _work(self) -> None:
        while True:
            job = self._next()
            started = time.perf_counter()
            try:
                job.settle(job.call(), None)
            except Exception as error:
                job.settle(None, error)
            took_s = time.perf_counter() - started
            with self._changed:
                self._mean_s += SMOOTHING * (took_s - self._mean_s)
                self._idle += 1
            del job

    def _next(self) -> _Job:
        with self._changed:
            while not self._queues:
                self._changed.wait()
            client, queue = self._queues.popitem(last=False)
            job = queue.popleft()
            if queue:
                self._queues[client] = queue
            self._idle -= 1
            return job
