"""The queue: turns for each client, a bound, and a sentence instead of a wait without end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest

from search_api.http.queue import BusyError, WorkQueue

Result = TypeVar("Result")


def run(scenario: Coroutine[Any, Any, Result]) -> Result:
    """What a scenario gives, run in a thread of its own: the browser's tests leave a loop running in this one."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, scenario).result()


class Gate:
    """A call that holds the only thread until it is opened, and notes who ran after it."""

    def __init__(self) -> None:
        self.entered, self.opened = threading.Event(), threading.Event()
        self.order: list[str] = []

    def hold(self) -> None:
        """Waits to be opened."""
        self.entered.set()
        self.opened.wait(10)

    def call(self, name: str) -> Callable[[], str]:
        """A call that notes its name."""

        def note() -> str:
            self.order.append(name)
            return name

        return note


async def held(queue: WorkQueue, gate: Gate) -> asyncio.Task[None]:
    """A task that holds the queue's only thread."""
    task = asyncio.create_task(queue.run("holder", gate.hold))
    await asyncio.to_thread(gate.entered.wait, 10)
    return task


async def started(*calls: Awaitable[str]) -> list[asyncio.Task[str]]:
    """Tasks, each begun before the next."""
    tasks = []
    for call in calls:
        tasks.append(asyncio.ensure_future(call))
        await asyncio.sleep(0)
    return tasks


def test_results_and_errors_come_back() -> None:
    """A call's result comes back, and its error too."""

    async def scenario() -> None:
        queue = WorkQueue(2, 2, 10)
        assert await queue.run("a", lambda: 7) == 7
        with pytest.raises(ZeroDivisionError):
            await queue.run("a", lambda: 1 // 0)
        assert await queue.run("a", lambda: 8) == 8

    run(scenario())


def test_clients_take_turns() -> None:
    """One who asked three times first does not keep another waiting for all three."""

    async def scenario() -> list[str]:
        queue, gate = WorkQueue(1, 10, 10), Gate()
        holder = await held(queue, gate)
        tasks = await started(
            *(queue.run("greedy", gate.call(name)) for name in ("g1", "g2", "g3")), queue.run("modest", gate.call("m1"))
        )
        gate.opened.set()
        await asyncio.gather(holder, *tasks)
        return gate.order

    assert run(scenario()) == ["g1", "m1", "g2", "g3"]


def test_a_full_queue() -> None:
    """One more than there are places is told when to come again, and the others are answered."""

    async def scenario() -> None:
        queue, gate = WorkQueue(1, 2, 10), Gate()
        holder = await held(queue, gate)
        tasks = await started(*(queue.run("a", gate.call(name)) for name in ("1", "2")))
        assert queue.waiting == 2
        with pytest.raises(BusyError) as busy:
            await queue.run("a", gate.call("3"))
        assert busy.value.retry_after_s >= 1
        gate.opened.set()
        await asyncio.gather(holder, *tasks)
        assert (gate.order, queue.waiting) == (["1", "2"], 0)

    run(scenario())


def test_a_shorter_line_gets_a_place() -> None:
    """In a full queue the longest line gives its last place to a client that has none."""

    async def scenario() -> None:
        queue, gate = WorkQueue(1, 2, 10), Gate()
        holder = await held(queue, gate)
        tasks = await started(
            queue.run("greedy", gate.call("g1")), queue.run("greedy", gate.call("g2")), queue.run("modest", gate.call("m1"))
        )
        gate.opened.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        await holder
        assert [results[0], results[2]] == ["g1", "m1"]
        assert isinstance(results[1], BusyError)

    run(scenario())


def test_no_wait_without_end() -> None:
    """Who has waited too long is told so, and leaves the queue."""

    async def scenario() -> None:
        queue, gate = WorkQueue(1, 5, 0.05), Gate()
        holder = asyncio.create_task(queue.run("holder", gate.hold))
        await asyncio.to_thread(gate.entered.wait, 10)
        with pytest.raises(BusyError):
            await queue.run("a", gate.call("late"))
        assert queue.waiting == 0
        gate.opened.set()
        with pytest.raises(BusyError):
            await holder
        assert await queue.run("a", gate.call("next")) == "next"
        assert gate.order == ["next"]

    run(scenario())


def test_who_goes_away_leaves_the_queue() -> None:
    """A request that is cancelled is not worked on."""

    async def scenario() -> None:
        queue, gate = WorkQueue(1, 5, 10), Gate()
        holder = await held(queue, gate)
        (task,) = await started(queue.run("a", gate.call("gone")))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        gate.opened.set()
        await holder
        assert (gate.order, queue.waiting) == ([], 0)

    run(scenario())
