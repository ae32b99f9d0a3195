"""What the command lines of training share: they say in a sentence, not in a traceback, what they cannot work with."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.sources.tables import SourceError
from model.scores import ScorerError
from training.checkpoint import UnfinishedRun
from training.config import RecipeError, TrainConfig, read_config
from training.encoder import BaseModelError
from training.parity import ExportError

UNUSABLE = (SourceError, BaseModelError, ScorerError, RecipeError, UnfinishedRun, ExportError)


def recipe(path: str) -> TrainConfig:
    """Read the recipe that a command line names; argparse prints the sentence that says what is wrong with it."""
    try:
        return read_config(Path(path))
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError) as error:
        raise argparse.ArgumentTypeError(f"{path} is no recipe: {error}.") from None


def positive(given: str) -> int:
    """Read a whole number of 1 or more."""
    if not given.isdecimal() or int(given) < 1:
        raise argparse.ArgumentTypeError(f"{given} is no whole number of 1 or more.")
    return int(given)


@contextmanager
def in_a_sentence(parser: argparse.ArgumentParser) -> Iterator[None]:
    """End the command with status 2 and what is wrong where sources, encoder, weights, run or recipe are not usable."""
    try:
        yield
    except UNUSABLE as error:
        parser.error(str(error))
