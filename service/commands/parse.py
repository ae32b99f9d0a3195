"""`belowline parse`: pages, dumps and exports to one discussion per line."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import click

from data.parse import FORMATS, ParseError, parse_file, parse_stream
from data.records import Discussion

STDOUT = 1


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
    if output is not None and any(_is_same(name, output) for name in inputs):
        raise click.ClickException(f"{output} is an input as well and cannot be the output.")
    try:
        with _opened(output) as out:
            failed = [name for name in inputs if not _written(name, options, out)]
    except OSError as error:
        told = error.strerror or str(error)
        raise click.ClickException(f"{output or 'The output'} cannot be written: {told}.") from None
    if failed:
        raise click.exceptions.Exit(1)


def _is_same(name: str, output: str) -> bool:
    """Tell an output that would empty an input before it is read, by whichever name; devices and pipes may be both."""
    try:
        read = os.fstat(sys.stdin.fileno()) if name == "-" else Path(name).stat()
        return stat.S_ISREG(read.st_mode) and os.path.samestat(read, Path(output).stat())
    except (OSError, ValueError):
        return False


def _written(name: str, options: dict[str, Any], out: TextIO) -> bool:
    """Write the discussions of an input; False where it ends with a sentence."""
    try:
        for discussion in _read(name, options):
            out.write(json.dumps(discussion.to_json(), ensure_ascii=False) + "\n")
    except ParseError as error:
        click.echo(str(error), err=True)
        return False
    return True


def _read(name: str, options: dict[str, Any]) -> Iterator[Discussion]:
    if name == "-":
        return parse_stream(sys.stdin.buffer, **options)
    return parse_file(name, **options)


def _opened(output: str | None) -> TextIO:
    """Return where the lines go, in UTF-8 whatever the terminal says."""
    return open(output or STDOUT, "w", encoding="utf-8", errors="surrogatepass", closefd=output is not None)
