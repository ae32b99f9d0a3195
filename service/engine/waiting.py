"""The bounded line of work in front of the scorer: many requests share a few threads fairly.

A request is cut into turns of a few comments. A turn takes its place by its *virtual arrival*: the request's
arrival plus the time that the turns before it would take on half of the machine. A single comment thus never waits
behind a whole page, and a page, which moves forward with time like everything else, never starves (the idea of virtual
clocks in packet scheduling: Zhang, SIGCOMM 1990). The line counts as full as soon as its head has waited too long,
which bounds the time of an answer on fast and slow machines alike (as CoDel does for packets: Nichols, Jacobson 2012).
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from data.records import Article, Comment
from model.scores import CommentScores

TURN_COMMENTS = 16  # about 25 to 50 ms of one core: what a single comment waits for a thread at most
FIRST_GUESS = 0.003  # seconds of one thread per comment, until some were measured
LATEST = 0.05  # weight of the latest turn in the mean time per comment
PAGE_SHARE = 0.5  # of the machine, when others wait too


@dataclass(eq=False, slots=True)
class Job:
    """One request's comments; `done` is called once, on a scoring thread, with the scores or the exception."""

    comments: Sequence[Comment]
    article: Article | None
    spans: bool
    any_language: bool
    done: Callable[[Sequence[CommentScores] | Exception], None]
    dropped: bool = False
    left: int = 0
    results: list[CommentScores | None] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Turn:
    """A slice of a job, scored in one go."""

    job: Job
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Limits:
    """When the line is full: so many requests, so many comments, or a head that has waited so many seconds."""

    requests: int
    comments: int
    seconds: float


class WaitingLine:
    """Turns by virtual arrival; bounded by `Limits`, closed at shutdown. Safe between threads."""

    def __init__(self, limits: Limits, *, threads: int, now: Callable[[], float]) -> None:
        self._limits = limits
        self._threads = threads
        self._now = now
        self._comment_seconds = FIRST_GUESS
        self._turns: list[tuple[float, int, Turn]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self.closed = False
        self.requests = 0
        self.comments = 0

    @property
    def full(self) -> bool:
        """Whether the next request would be refused; a plain read, good enough to refuse early."""
        limits, turns = self._limits, self._turns
        if self.closed or self.requests >= limits.requests or self.comments >= limits.comments:
            return True
        try:
            return self._now() - turns[0][0] > limits.seconds
        except IndexError:  # nobody waits
            return False

    def add(self, job: Job) -> bool:
        """Take a job in, or return False at once when the line is full or closed."""
        with self._changed:
            if self.full:
                return False
            arrival = self._now()
            pace = TURN_COMMENTS * self._comment_seconds / self._threads / PAGE_SHARE
            for number, start in enumerate(range(0, len(job.comments), TURN_COMMENTS)):
                turn = Turn(job, start, min(start + TURN_COMMENTS, len(job.comments)))
                heapq.heappush(self._turns, (arrival + number * pace, next(self._order), turn))
                job.left += 1
            self.requests += 1
            self.comments += len(job.comments)
            self._changed.notify(job.left)
            return True

    def take(self) -> Turn | None:
        """Wait for the next turn; None once the line is closed and empty."""
        with self._changed:
            while True:
                if self._turns:
                    return heapq.heappop(self._turns)[2]
                if self.closed:
                    return None
                self._changed.wait()

    def drop(self, job: Job) -> None:
        """Take out the turns of a job that nobody waits for any more; turns being scored come to their end."""
        with self._changed:
            job.dropped = True
            for entry in [entry for entry in self._turns if entry[2].job is job]:
                self._turns.remove(entry)
                self._leave(entry[2])
            heapq.heapify(self._turns)

    def finish(self, turn: Turn, seconds: float) -> bool:
        """Count a turn as done, in some time; True when it was the last of its job."""
        with self._changed:
            each = seconds / (turn.end - turn.start)
            self._comment_seconds += LATEST * (each - self._comment_seconds)
            return self._leave(turn)

    def close(self) -> None:
        """Refuse new jobs; those waiting are still done."""
        with self._changed:
            self.closed = True
            self._changed.notify_all()

    def _leave(self, turn: Turn) -> bool:
        turn.job.left -= 1
        self.comments -= turn.end - turn.start
        if turn.job.left == 0:
            self.requests -= 1
        return turn.job.left == 0
