"""Measure every page of the desk with many waiting comments, and look at the query plans behind them.

    python -m service.desk.bench --comments 10000 -o docs/desk-bench.json

The store must be empty; it is filled with made-up scores on the sample discussions. Give `--database` for PostgreSQL.
"""

from __future__ import annotations

import json
import random
import socket
import statistics
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Connection, event, text

from data.records import Article, Comment, Discussion
from model.scores import ATTRIBUTES, CommentScores
from service.app import create_app
from service.demo import demo_discussions
from service.policy import Policy, recommend
from service.resident import keep_resident
from service.settings import Settings
from service.store import Resolution, Scored, Store, StoreError, open_store
from service.store.decisions import Judgement, Target, decide
from service.store.discussions import is_empty
from service.store.filters import Filter
from service.store.queue import list_comments
from service.store.viewers import Viewer

ROUNDS = 15  # requests of each page
LIMIT_MS = 250  # what a page may take
DECIDED = 2000  # comments decided on top of the waiting ones, so that simulation and quality have work to do
BENCH = Viewer("bench")
PAGES = (
    "/",
    "/?sort=newest",
    "/?sort=oldest",
    *(f"/?sort={attribute}" for attribute in ATTRIBUTES),
    "/?section=transport",
    "/?section=transport&sort=insult",
    "/?site=site-1",
    "/?article=7",
    "/?q=tram",
    "/?q=the",
    "/?a=toxicity&lo=0.7&hi=0.9&b=sarcasm&blo=0.5&bhi=1",
    "/?queue=deferred",
    "/?queue=approved",
    "/?queue=rejected",
    "/?queue=all&sort=newest",
    "/?queue=all&sort=newest&by=100",
    "/counts?" + "&".join(f"seen={number}:1" for number in range(1, 26)),
    "/comments/100",
    "/histogram?a=toxicity",
    "/histogram?a=insult&lo=0.6&hi=1",
    "/range?a=insult&lo=0&hi=1&resolution=reject&reason=insult",
    "/scatter",
    "/policy",
    "/policy?t_toxicity=0.4&t_insult=0.6",
    "/words?trial=some+words",
    "/quality",
    "/log",
    "/accounts",
    "/webhooks",
)


@click.command()
@click.option("--database", default="", help="URL of an empty store; a SQLite file that is thrown away otherwise.")
@click.option("--comments", default=10_000, show_default=True, help="Comments that wait.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Where to write the results.")
def bench(database: str, comments: int, output: Path | None) -> None:
    """Fill a store and time every page."""
    with tempfile.TemporaryDirectory() as folder:
        url = database or f"sqlite:///{folder}/bench.sqlite3"
        try:
            with open_store(url) as store:
                results = _measure(store, comments)
        except StoreError as error:
            raise click.ClickException(str(error)) from None
    for page in results["pages"]:
        click.echo(f"{page['median_ms']:7.1f} ms  {page['p95_ms']:7.1f} ms p95  {page['path']}")
    click.echo(f"Slowest median: {results['slowest_median_ms']} ms; scans of all comments: {results['full_scans']}")
    if output is not None:
        output.write_text(json.dumps(results, indent=1) + "\n")
    if results["slowest_median_ms"] > LIMIT_MS:
        raise click.ClickException(f"A page takes longer than {LIMIT_MS} ms.")


def _measure(store: Store, comments: int) -> dict[str, Any]:
    if not is_empty(store.database):
        raise StoreError("The benchmark needs an empty store.")
    fill(store, comments)
    app = create_app(Settings.model_validate({"demo": True}), _NoScorer(), store)
    plans: dict[str, list[str]] = {}
    with _serving(app) as address, _explained(store, plans):
        pages = [_timed(address, path) for path in PAGES]
    scans = sorted(statement for statement, plan in plans.items() if any(_is_full_scan(line) for line in plan))
    return {
        "database": store.database.engine.dialect.name,
        "waiting": comments,
        "decided": DECIDED,
        "rounds": ROUNDS,
        "slowest_median_ms": max(page["median_ms"] for page in pages),
        "full_scans": len(scans),
        "full_scan_statements": scans,
        "pages": pages,
    }


def fill(store: Store, waiting: int) -> None:
    """Store `waiting` comments that wait, and `DECIDED` more that were decided; the same on every run."""
    chance = random.Random(7)
    samples = list(demo_discussions())
    stored, turn = 0, 0
    while stored < waiting + DECIDED:
        topic, sample = samples[turn % len(samples)]
        room = waiting + DECIDED - stored
        comments = tuple(replace(one, id=f"{turn}-{one.id}", parent_id=None) for one in sample.comments)[:room]
        url = f"https://site-{turn % 3}.example/{topic}/{turn}"
        article = Article(title=sample.article.title, paragraphs=sample.article.paragraphs, url=url)
        results = [_scored(one, chance) for one in comments]
        store.save_discussion(f"site-{turn % 3}", Discussion(article, comments), results, section=topic)
        stored, turn = stored + len(comments), turn + 1
    _decide_some(store, chance)
    with store.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # What the databases do by themselves sooner or later.
        connection.execute(text("analyze" if store.database.is_sqlite else "vacuum analyze comment"))


def _scored(comment: Comment, chance: random.Random) -> Scored:
    values: dict[str, float | None] = {name: round(chance.random() ** 2, 4) for name in ATTRIBUTES}
    values["toxicity"] = round(0.5 + chance.random() / 2, 4)  # all of them wait
    scores = CommentScores(values, "en")
    return Scored(comment, scores, recommend(scores, Policy()), "bench-1")


def _decide_some(store: Store, chance: random.Random) -> None:
    done = 0
    while done < DECIDED:
        page = list_comments(store.database, Filter(sort="newest"), BENCH, limit=min(500, DECIDED - done)).comments
        for resolution in Resolution:
            part = [one for one in page if hash((one.id, "part")) % 3 == list(Resolution).index(resolution)]
            reason = "insult" if resolution is Resolution.REJECT else None
            if part:
                targets = [Target(one.id, one.version) for one in part]
                decide(store.database, BENCH, Judgement(resolution, reason), targets)
        done += len(page)


class _NoScorer:
    """Nothing is scored here."""

    version = "bench-1"

    def score(self, *arguments: Any, **named: Any) -> list[CommentScores]:
        return []


def _timed(address: str, path: str) -> dict[str, Any]:
    """Milliseconds of one page over HTTP, the first request not counted."""
    took = []
    for _ in range(ROUNDS + 1):
        started = time.perf_counter()
        with urllib.request.urlopen(address + path, timeout=60) as answer:
            size = len(answer.read())
        took.append((time.perf_counter() - started) * 1000)
    took = sorted(took[1:])
    p95 = took[min(int(len(took) * 0.95), len(took) - 1)]
    return {"path": path, "median_ms": round(statistics.median(took), 1), "p95_ms": round(p95, 1), "bytes": size}


@contextmanager
def _serving(app: FastAPI) -> Iterator[str]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        keep_resident()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@contextmanager
def _explained(store: Store, plans: dict[str, list[str]]) -> Iterator[None]:
    """Ask for the plan of every new statement, once, on its own connection and with its own parameters."""
    prefix = "explain query plan " if store.database.is_sqlite else "explain "

    def explain(connection: Connection, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        if statement in plans or not statement.lower().startswith("select"):
            return
        plans[statement] = []
        extra = connection.connection.cursor()
        extra.execute(prefix + statement, parameters)
        plans[statement] = [str(row[-1]) for row in extra.fetchall()]
        extra.close()

    event.listen(store.database.engine, "before_cursor_execute", explain)
    yield
    event.remove(store.database.engine, "before_cursor_execute", explain)


def _is_full_scan(line: str) -> bool:
    """Whether a line of a plan reads the table of comments from end to end without an index."""
    plain = line.strip().removeprefix("->").strip()
    sqlite = plain.startswith("SCAN comment") and "USING" not in plain and "VIRTUAL" not in plain
    return sqlite or plain.startswith(("Seq Scan on comment ", "Parallel Seq Scan on comment "))


if __name__ == "__main__":
    bench()
