"""`belowline serve`: the HTTP service and the moderators' desk."""

from __future__ import annotations

import signal
import socket
import sys

import click
import uvicorn

from model.scores import Scorer, ScorerError
from service.api.access import has_keys, is_loopback
from service.api.connection import Connection
from service.api.observe import log_as
from service.app import create_app
from service.archive.gpu import open_on_device
from service.demo import demo_discussions, fill_demo, takes_demo
from service.resident import keep_resident
from service.settings import Settings, SettingsError, read_settings
from service.store import Store, StoreError, open_store

BACKLOG = 2048  # connections that may wait to be accepted
SHUTDOWN_SECONDS = 10  # for requests under way when the service is told to stop


@click.command()
@click.option("--host", help="Address to listen on; this machine's own by default.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on; 8000 by default, 0 takes a free one.")
@click.option("--model", help="Name of the weights, or their folder.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), help="Score on the processor (default) or a GPU.")
@click.option("--demo", is_flag=True, help="Fill an empty store with sample discussions; the desk needs no login.")
def serve(host: str | None, port: int | None, model: str | None, device: str | None, demo: bool) -> None:
    """Run the HTTP service and the moderators' desk."""
    given = {"host": host, "port": port, "model": model, "device": device, "demo": demo or None}
    changes = {name: value for name, value in given.items() if value is not None}
    try:
        settings = read_settings().model_copy(update=changes)
        with _listening(settings) as listening, open_store(settings.database_url) as store:
            _refuse_open_doors(settings, store)
            scorer = open_on_device(None, settings)
            if settings.demo and takes_demo(store):
                _fill(store, scorer)
            _run(settings, scorer, store, listening)
    except (SettingsError, StoreError, ScorerError) as error:
        raise click.ClickException(str(error)) from None


def _fill(store: Store, scorer: Scorer) -> None:
    """Score the sample discussions, with a bar on a terminal: it takes half a minute on a slow machine."""
    samples = list(demo_discussions())
    if not sys.stderr.isatty():
        fill_demo(store, scorer, samples)
        return
    with click.progressbar(samples, label=f"Scoring {len(samples)} sample discussions", file=sys.stderr) as shown:
        fill_demo(store, scorer, shown)


def _listening(settings: Settings) -> socket.socket:
    """Take the port before the model is loaded, so that a port in use is known at once."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError):  # the latter of a name that none can have, as with two dots in a row
        raise click.ClickException(f"There is no address {settings.host!r} on this machine.") from None
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        place = f"{settings.host}:{settings.port}"
        raise click.ClickException(f"Cannot listen on {place}: {error.strerror}.") from None
    return listening


def _refuse_open_doors(settings: Settings, store: Store) -> None:
    """A service that other machines reach needs somebody to know."""
    if is_loopback(settings.host) or has_keys(store) or store.has_accounts():
        return
    raise click.ClickException(
        f"{settings.host} can be reached from other machines, and nobody could be told apart there: make a key with "
        "`belowline keys create NAME` or an account with `belowline users add NAME --role admin` first."
    )


class _Server(uvicorn.Server):
    """Says where it is once it can answer."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        keep_resident()
        if self.started and sockets:
            host, port = sockets[0].getsockname()[:2]
            address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
            if sys.stdout.isatty():
                click.echo(f"\n  Belowline answers at {click.style(address, bold=True)}\n")
                click.echo(f"  The desk is there, the HTTP interface at {address}docs. Ctrl+C stops both.\n")
            else:
                click.echo(f"Belowline answers at {address}")


def _run(settings: Settings, scorer: Scorer, store: Store, listening: socket.socket) -> None:
    config = uvicorn.Config(
        create_app(settings, scorer, store),
        http=Connection,
        ws="none",
        access_log=False,  # ours has no query strings, which may hold keys
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    log_as(settings.log_format)
    for number in (signal.SIGINT, signal.SIGTERM):  # uvicorn sends itself the signal again once it has stopped
        signal.signal(number, lambda *_: None)
    _Server(config).run(sockets=[listening])
