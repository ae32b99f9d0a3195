from __future__ import annotations

from collections.abc import Sequence

from data.records import Comment
from model.scores import CommentScores
from service.engine.waiting import FIRST_GUESS, PAGE_SHARE, TURN_COMMENTS, Job, Limits, Turn, WaitingLine

PACE = TURN_COMMENTS * FIRST_GUESS / PAGE_SHARE


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _job(comments: int, name: str = "") -> Job:
    def done(outcome: Sequence[CommentScores] | Exception) -> None:
        raise AssertionError("the line only hands out turns")

    return Job([Comment(f"{name}{n}", "text") for n in range(comments)], None, False, False, done)


def _line(
    clock: Clock | None = None, max_requests: int = 10, max_comments: int = 10_000, max_seconds: float = 60.0
) -> WaitingLine:
    return WaitingLine(Limits(max_requests, max_comments, max_seconds), threads=1, now=clock or Clock())


def _take(line: WaitingLine) -> Turn:
    turn = line.take()
    assert turn is not None
    return turn


def test_requests_are_served_in_the_order_of_their_arrival() -> None:
    clock = Clock()
    line = _line(clock)
    jobs = [_job(1), _job(1)]
    for job in jobs:
        line.add(job)
        clock.now += 0.001
    assert [_take(line).job for _ in jobs] == jobs


def test_a_single_comment_does_not_wait_behind_a_whole_page() -> None:
    clock = Clock()
    line = _line(clock)
    page, single = _job(100 * TURN_COMMENTS), _job(1)
    line.add(page)
    clock.now = PACE * 1.5
    line.add(single)
    assert [_take(line).job for _ in range(3)] == [page, page, single]


def test_a_page_is_not_starved_by_single_comments() -> None:
    clock = Clock()
    line = _line(clock)
    page = _job(3 * TURN_COMMENTS)
    line.add(page)
    served = []
    for _ in range(20):
        clock.now += PACE / 4
        line.add(_job(1))
        turn = _take(line)
        line.finish(turn, (turn.end - turn.start) * FIRST_GUESS)
        served.append(turn.job)
    assert served.count(page) == 3


def test_the_line_is_full_by_requests_or_by_comments() -> None:
    by_requests = _line(max_requests=2)
    assert [by_requests.add(_job(1)) for _ in range(3)] == [True, True, False]
    by_comments = _line(max_comments=20)
    assert [by_comments.add(_job(15)) for _ in range(3)] == [True, True, False]


def test_the_line_is_full_once_its_head_has_waited_too_long() -> None:
    clock = Clock()
    line = _line(clock, max_seconds=0.1)
    line.add(_job(1))
    clock.now = 0.09
    assert line.add(_job(1))
    clock.now = 0.11
    assert line.full
    line.finish(_take(line), 0.1)
    assert not line.full


def test_a_page_alone_does_not_make_the_line_full_on_a_slow_machine() -> None:
    clock = Clock()
    line = _line(clock, max_seconds=0.1)
    for _ in range(3):
        line.add(_job(20 * TURN_COMMENTS))
        for _ in range(20):
            turn = _take(line)
            clock.now += 0.5  # ten times slower than guessed
            line.finish(turn, 0.5)
    line.add(_job(20 * TURN_COMMENTS))
    line.finish(_take(line), 0.5)
    clock.now += 0.5
    assert not line.full


def test_an_idle_line_takes_any_request_at_all() -> None:
    assert _line(max_requests=1, max_comments=1).add(_job(5000))


def test_a_finished_request_makes_room() -> None:
    line = _line(max_requests=1)
    line.add(_job(TURN_COMMENTS + 1))
    assert line.finish(_take(line), 0.01) is False
    assert line.full
    assert line.finish(_take(line), 0.01) is True
    assert (line.full, line.requests, line.comments) == (False, 0, 0)


def test_dropped_requests_are_passed_over_and_make_room() -> None:
    line = _line()
    dropped, wanted = _job(2 * TURN_COMMENTS), _job(1)
    line.add(dropped)
    line.add(wanted)
    line.drop(dropped)
    assert (line.requests, line.comments) == (1, 1)
    assert _take(line).job is wanted


def test_a_closed_line_refuses_but_gives_out_what_waits() -> None:
    line = _line()
    line.add(_job(1))
    line.close()
    assert line.add(_job(1)) is False
    assert line.take() is not None
    assert line.take() is None
