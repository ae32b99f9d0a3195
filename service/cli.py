"""`belowline`: the command line. Each sub-command lives in `service/commands/` and is imported when it is called."""

from __future__ import annotations

import importlib
import sys

import click

# sub-command -> (module, what it does); the module exposes a click command of the same name
COMMANDS: dict[str, tuple[str, str]] = {
    "parse": ("service.commands.parse", "Separate articles from their comments."),
    "score": ("service.commands.score", "Score the comments of pages, exports and tables."),
    "report": ("service.commands.report", "Draw what is in a scored archive, as one page."),
    "archive": ("service.commands.archive", "Bring scored archives into the desk's store."),
    "serve": ("service.commands.serve", "Run the HTTP service and the moderators' desk."),
    "keys": ("service.commands.keys", "Make, list and revoke API keys."),
    "users": ("service.commands.users", "Make and change the accounts of the desk."),
    "export": ("service.commands.export", "Write the log, statements of reasons, or decisions as labelled data."),
    "privacy": ("service.commands.privacy", "Erase an author, give one person their data, forget what is old."),
    "backup": ("service.commands.backup", "Write everything in the store to one file."),
    "restore": ("service.commands.backup", "Fill an empty store from a backup."),
    "bench": ("service.commands.bench", "Measure the scorer and the service on this machine."),
}


class _Commands(click.Group):
    """Imports a sub-command only when it is used, so that `--help` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(COMMANDS[cmd_name][0])
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the sub-commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="belowline")
def belowline() -> None:
    """Read what is written below the line: parse discussions, score comments, moderate them."""


def main() -> None:
    """Run the command line; a user's mistake ends with one sentence and exit code 1, never a traceback."""
    try:
        code = belowline(standalone_mode=False)  # what `Exit` carries, without standalone mode
        if isinstance(code, int) and code:
            sys.exit(code)
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        click.echo(error.format_message(), err=True)
        sys.exit(1)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except (click.Abort, KeyboardInterrupt) as stop:
        if _unanswered(stop):
            click.echo(
                "The input ended before the question was answered; --help names the option for scripts.", err=True
            )
            sys.exit(1)
        click.echo("Interrupted.", err=True)
        sys.exit(130)


def _unanswered(stop: BaseException) -> bool:
    """Say whether a question found no terminal: a key that interrupts is the cause of what click raises, or raised."""
    return isinstance(stop, click.Abort) and stop.__cause__ is None and not sys.stdin.isatty()
