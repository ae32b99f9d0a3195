"""How far a run is: a bar on a terminal, a line a minute in a log, nothing when asked to be quiet."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from data.tables.opening import Opened
from service.archive.reading import Item, Row

PATIENCE = 1.0  # seconds before a bar appears: short work shows none
LOG_EVERY = 60.0  # seconds between lines where no terminal is


class Meter:
    """Counts comments and bytes; the bytes tell the share that is done where the number of comments is unknown."""

    def __init__(self, inputs: Sequence[str], clock: Callable[[], float] = time.monotonic) -> None:
        self.total = sum(Path(name).stat().st_size for name in inputs if Path(name).is_file())
        self.clock, self.started = clock, clock()
        self.rows = self.read = 0
        self.read_all = False
        self.before = 0
        self.current: Opened | None = None

    def watch(self, opened: Opened) -> None:
        """Follow the input that has just been opened."""
        if self.current is not None:
            self.before += self.current.size or 0
        self.current = opened

    @property
    def bytes(self) -> int:
        """Bytes read of all inputs."""
        position = 0 if self.current is None else self.current.position
        return min(self.before + position, self.total) if self.total else self.before + position

    def counting(self, items: Iterable[Item]) -> Iterator[Item]:
        """Pass the items on and count the comments among them as they are read."""
        for item in items:
            self.read += isinstance(item, Row)
            yield item
        self.read_all = True

    @property
    def share(self) -> float:
        """Share of the work that is done, from the bytes read until the number of comments is known."""
        share_read = 1.0 if self.read_all or not self.total else self.bytes / self.total
        return share_read * self.rows / max(self.read, 1)

    @property
    def rate(self) -> float:
        """Comments per second since the start."""
        return self.rows / max(self.clock() - self.started, 1e-9)


class Display:
    """Shows a meter on standard error; `tell` prints a sentence without breaking the bar."""

    def __init__(self, meter: Meter, *, quiet: bool = False, console: Console | None = None) -> None:
        self.meter, self.quiet = meter, quiet
        self.console = console or Console(file=sys.stderr, highlight=False, soft_wrap=True)
        self.bar: Progress | None = None
        self.logged = meter.clock()

    def __enter__(self) -> Display:
        return self

    def __exit__(self, *error: object) -> None:
        if self.bar is not None:
            self.bar.stop()

    def done(self, rows: int) -> None:
        """Count rows and show them."""
        self.meter.rows += rows
        if self.quiet:
            return
        if self.console.is_terminal:
            self._move()
        elif self.meter.clock() - self.logged >= LOG_EVERY:
            self.logged = self.meter.clock()
            self.tell(f"{self.meter.rows:,} comments, {self.meter.rate:,.0f}/s")

    def pause(self) -> None:
        """Take the bar away, for output to the same terminal; it comes back by itself."""
        if self.bar is not None:
            self.bar.stop()
            self.bar = None

    def tell(self, sentence: str) -> None:
        """Print one sentence for the user."""
        self.console.print(sentence, markup=False, highlight=False)

    def _move(self) -> None:
        if self.bar is None and self.meter.clock() - self.meter.started >= PATIENCE:
            self.bar = _bar(self.console, self.meter)
            self.bar.start()
        if self.bar is not None:
            self.bar.update(self.bar.task_ids[0], completed=self.meter.share)


def _bar(console: Console, meter: Meter) -> Progress:
    bar = Progress(
        TextColumn("[bold]scoring"),
        BarColumn(bar_width=None),
        TextColumn("{task.percentage:>3.0f} %"),
        _Counts(meter),
        TimeRemainingColumn(elapsed_when_finished=True),
        console=console,
        transient=True,
        refresh_per_second=4,
        speed_estimate_period=120,
        expand=True,
    )
    bar.add_task("scoring", total=1.0 if meter.total else None)
    return bar


class _Counts(ProgressColumn):
    """Comments so far and per second."""

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self.meter = meter

    def render(self, task: Task) -> Text:
        """Return the column's text."""
        return Text(f"{self.meter.rows:,} comments · {self.meter.rate:,.0f}/s")


def summary_line(rows: int, seconds: float, rejected: int, where: str) -> str:
    """The sentence at the end of a run."""
    rate = f", {rows / seconds:,.0f}/s" if seconds >= 10 and rows >= seconds else ""
    lost = f" {counted(rejected, 'row')} could not be read: see {where}.rejects.jsonl." if rejected else ""
    return f"{where}: {counted(rows, 'comment')} scored in {duration(seconds)}{rate}.{lost}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 row`, `2,000 rows`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def duration(seconds: float) -> str:
    """Return a time as people write it: `3.2 s`, `4 min 10 s`, `2 h 05 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
