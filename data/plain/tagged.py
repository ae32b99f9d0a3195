"""Comments of a dump from the labels of its lines, with the names and times that stand beside them."""

from __future__ import annotations

from collections.abc import Sequence

from data.dates import iso_date
from data.plain.headers import date_in, name_on
from data.plain.lines import Line, SourceLine, stated_count
from data.plain.marks import COMMENTS_HEAD, NOT_POSTED, SAYS, is_button, is_linked
from data.plain.posts import Post
from data.plain.tagger import Label, Tagged
from data.plain.unlabelled import Header, with_names

HEADER = 8  # lines beside a comment in which its name and time may stand
# Chosen on pages that the networks had not seen: no comment is found on any rendering of the pages without comments.
SURE, SURE_OF_ONE = 0.5, 0.75  # mean probability of the first lines, of several and of a single comment
SEVERAL = 3  # comments that can stand without a heading
SUPPORTED = 0.45  # mean probability of the first lines that others found
Run = tuple[int, int]  # the first and the last line of a comment


def tagged_posts(tagged: Tagged) -> list[Post]:
    """Return the comments that the labels make."""
    runs = [kept for run in _runs(tagged) if (kept := _trimmed(tagged.lines, run)) is not None]
    if not runs:
        return []
    before = any(_tells(tagged, index) for index in range(max(0, runs[0][0] - HEADER), runs[0][0]))
    ends = [-1, *(last for _, last in runs), len(tagged.lines)]
    starts = [*(first for first, _ in runs), len(tagged.lines)]
    posts, headers = [], []
    for place, run in enumerate(runs):
        above = range(run[0] - 1, max(ends[place], run[0] - 1 - HEADER), -1)
        below = range(run[1] + 1, min(starts[place + 1], run[1] + 1 + HEADER))
        posts.append(_post(tagged, run, above if before else below))
        headers.append(_header(tagged.lines, above))
    return with_names(posts, headers) if before else posts


def _runs(tagged: Tagged) -> list[Run]:
    runs: list[Run] = []
    for index, label in enumerate(tagged.labels):
        if label == Label.BEGIN:
            runs.append((index, index))
        elif label == Label.INSIDE and runs:
            runs[-1] = (runs[-1][0], index)
    return runs


def _trimmed(lines: Sequence[SourceLine], run: Run) -> Run | None:
    """Leave out buttons at either end, and the dots between them."""
    first, last = run
    while first <= last and is_button(lines[first].text):
        first += 1
    for index in range(last, first, -1):
        if is_linked(lines[index].text):
            last = index - 1
        elif lines[index].kind is not Line.RULE:
            break
    return (first, last) if first <= last else None


def _tells(tagged: Tagged, index: int) -> bool:
    """Tell whether a line between comments says who wrote or when."""
    return bool(tagged.labels[index] == Label.NAME) or _dated(tagged.lines[index]) is not None


def _dated(line: SourceLine) -> str | None:
    return date_in(line.text) if len(line.text) < 130 and not NOT_POSTED.search(line.text[:40]) else None


def _header(lines: Sequence[SourceLine], above: Sequence[int]) -> Header:
    dated = next((place for place, index in enumerate(above) if _dated(lines[index]) is not None), None)
    return Header([lines[index] for index in above], dated)


def _post(tagged: Tagged, run: Run, beside: Sequence[int]) -> Post:
    """Return one comment with the nearest name and time beside it."""
    lines = tagged.lines
    name = next((lines[index].text for index in beside if tagged.labels[index] == Label.NAME), None)
    raw = next((date for index in beside if (date := _dated(lines[index])) is not None), None)
    first = min([run[0], *(index for index in beside if index < run[0] and _tells(tagged, index))])
    author = _name(name) if name else None
    return Post(lines[run[0]].start, lines[run[1]].end, author, raw, iso_date(raw), lines[first].start)


def _name(text: str) -> str | None:
    """Return the name in a line such as "3. Ada says:" or "by Ada » Mon 3 May 2010 14:05"."""
    said = SAYS.fullmatch(text)
    return name_on(said["name"], None) if said else name_on(text, date_in(text))


def is_believable(tagged: Tagged, posts: Sequence[Post]) -> bool:
    """Tell whether the networks are sure enough of their comments, less so where a heading announces them."""
    if not posts or support(tagged, posts) < (SURE if len(posts) > 1 else SURE_OF_ONE):
        return False
    announced = any(COMMENTS_HEAD.match(line.text) or stated_count(line.text) is not None for line in tagged.lines)
    return announced or len(posts) >= SEVERAL


def support(tagged: Tagged, posts: Sequence[Post]) -> float:
    """Return the mean probability that the networks give to the first lines of some comments."""
    places = {line.start: index for index, line in enumerate(tagged.lines)}
    shares = [tagged.probabilities[places[post.start], Label.BEGIN] if post.start in places else 0.0 for post in posts]
    return float(sum(shares) / len(shares)) if shares else 0.0
