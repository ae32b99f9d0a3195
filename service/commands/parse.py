"""`belowline parse`: pages, dumps and exports to one discussion per line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import click

from data.parse import FORMATS, ParseError, parse_file, parse_stream
from data.records import Discussion


@click.command()
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--url", help="Address of the page; links and ids are made with it.")
@click.option(
    "--format", "format_", metavar="FORMAT", help=f"Skip detection: {', '.join(FORMATS)} or an export's name."
)
@click.option("--no-article", is_flag=True, help="Leave the article out; several times faster.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="OUT.jsonl", help="Write here, not to stdout.")
def parse(inputs: tuple[str, ...], url: str | None, format_: str | None, no_article: bool, output: str | None) -> None:
    """Separate each article from its comments and print one JSON object per discussion.

    INPUT is a saved page, a plain-text dump, a web archive or a platform's export, plain or compressed; - reads
    standard input. Of several inputs the good ones are done, and each bad one gets one sentence.
    """
    options: dict[str, Any] = {"url": url, "format": format_, "with_article": not no_article}
    failed = False
    with _opened(output) as out:
        for name in inputs:
            try:
                for discussion in _read(name, options):
                    out.write(json.dumps(discussion.to_json(), ensure_ascii=False) + "\n")
            except ParseError as error:
                click.echo(str(error), err=True)
                failed = True
    if failed:
        raise click.exceptions.Exit(1)


def _read(name: str, options: dict[str, Any]) -> Iterator[Discussion]:
    if name == "-":
        return parse_stream(sys.stdin.buffer, **options)
    return parse_file(name, **options)


def _opened(output: str | None) -> TextIO:
    """Return where the lines go, in UTF-8 whatever the terminal says."""
    if output is None:
        return open(sys.stdout.fileno(), "w", encoding="utf-8", errors="surrogatepass", closefd=False)
    try:
        return Path(output).open("w", encoding="utf-8", errors="surrogatepass")
    except OSError as error:
        raise click.ClickException(f"{output}: cannot be written ({error.strerror}).") from None
