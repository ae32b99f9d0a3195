"""The jobs behind `belowline score --engine ray`: into an output of this machine, or into object storage."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace

import click

from service.archive.cluster import Cluster, Load, explained_by_ray, scored_items, version_there, write_partitioned
from service.archive.identity import run_identity
from service.archive.jobs import Request, done_before, end, interruptible, options_of, taken_up
from service.archive.parts import Output, Parts
from service.archive.pipeline import Part
from service.archive.progress import Display, Meter, counted
from service.archive.run import Hooks, Summary, count_part
from service.archive.wire import Place

SHOWN_REJECTS = 20  # of an output that has no file for them


def write_on_ray(request: Request, output: Output, load: Load, cluster: Cluster) -> int:
    """Score on a cluster into an output; return the number of inputs that could not be read."""
    with explained_by_ray():
        version = version_there(load, cluster)
    identity = run_identity(request.inputs, options_of(request, "ray"), version)
    if done_before(request, output, identity):
        return 0
    parts = taken_up(request, output, identity)
    summary, place = stored(parts)
    meter, started = Meter(request.inputs), time.monotonic()
    with Display(meter, quiet=request.quiet) as display, interruptible() as stop, explained_by_ray():
        hooks = Hooks(done=display.done, tell=display.tell, stop=stop)
        found = scored_items(request.inputs, request.columns, load, request.attributes, cluster, place)
        for items, rows, reached in found:
            part = Part(summary.parts, items)
            count_part(summary, part, hooks, rows=len(rows))
            hooks.done(len(rows))
            parts.write(part.number, rows, part.rejects, (len(items), _told(summary, reached)))
            if stop.is_set():
                summary.stopped = True
                break
    summary.seconds = time.monotonic() - started
    return end(request, output, parts, summary, identity)


def stored(parts: Parts) -> tuple[Summary, Place]:
    """Return what an interrupted run did and how far it came, as its last part tells."""
    number = 0
    while parts.has(number):
        number += 1
    if not number:
        return Summary(), Place()
    told = json.loads(parts.facts(number - 1)[1])
    return replace(Summary(**told["summary"]), parts=number), Place(**told["place"])


def _told(summary: Summary, place: Place) -> str:
    return json.dumps({"summary": asdict(summary), "place": asdict(place)})


def write_to_storage(request: Request, target: str, load: Load, cluster: Cluster) -> int:
    """Score on a cluster into object storage; return the number of inputs that could not be read."""
    with explained_by_ray():
        others = write_partitioned(request.inputs, request.columns, load, request.attributes, cluster, target)
    part = Part(0, others)
    for sentence in part.sentences:
        click.echo(sentence, err=True)
    for rejected in part.rejects[:SHOWN_REJECTS]:
        click.echo(f"{rejected.source}: line {rejected.reject.line} {rejected.reject.reason}.", err=True)
    if not request.quiet:
        click.echo(f"{target}: done, {counted(len(part.rejects), 'row')} could not be read.", err=True)
    return len(part.bad_inputs)
