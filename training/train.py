"""Fine-tunes the network. `python -m training.train training/configs/full.toml --data-dir ../shared/datasets`

Stops and resumes: a checkpoint every `--save-every` steps lies in the output folder; the same command goes on there.
The last line printed names the folder that `python -m training.export` reads.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from torch import nn

from data.sources.examples import Example
from model.tokens import Tokeniser
from training.augment import identity_templates
from training.batches import NO_LESSONS, Batch, Batcher, Lessons
from training.branches import begin_with, losses_of
from training.checkpoint import (
    WEIGHTS,
    Checkpoint,
    average_into,
    load_checkpoint,
    load_weights,
    mean_weights,
    save_checkpoint,
    save_weights,
)
from training.commands import in_a_sentence, positive, recipe
from training.config import ARTIFACTS, TrainConfig, config_of
from training.encoder import base_folder, load_encoder
from training.kindred import bank_headlines, kindred_texts
from training.larger import larger_folder, load_larger
from training.lessons import lessons_of
from training.mix import draw, read_mix, sarcasm_offsets
from training.near import with_like, with_near
from training.precision import fast_in_bfloat16
from training.relevance_losses import RelevanceLosses


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", type=recipe)
    parser.add_argument("--data-dir", type=Path, required=True, help="folder of the sources, one sub-folder each")
    parser.add_argument("--base", default="", help="base encoder: hub name or folder; default: the installed package")
    parser.add_argument("--out", type=Path, help="default: artifacts/NAME-VERSION, .trial after it with --max-steps")
    parser.add_argument("--save-every", type=positive, default=500, metavar="STEPS")
    parser.add_argument("--max-steps", type=int, default=0, help="stop after so many steps, to time or try a recipe")
    arguments = parser.parse_args()
    config: TrainConfig = arguments.config
    trial = ".trial" if arguments.max_steps else ""  # other runs do not begin with what did not come to its end
    out = arguments.out or ARTIFACTS / f"{config.name}-{config.version}{trial}"
    with in_a_sentence(parser):
        train(config, arguments.data_dir, base_folder(arguments.base), out, arguments.save_every, arguments.max_steps)
    print(out)


def train(config: TrainConfig, data_dir: Path, base: Path, out: Path, save_every: int, max_steps: int = 0) -> None:
    """Run every epoch, average the weights, and leave `weights.safetensors` in `out`.

    Runs that this one builds on are trained first where they are missing.
    """
    for earlier in filter(None, (config.start, config.relevance, *config.average_of, *config.teachers)):
        if not (Path(earlier) / WEIGHTS).exists():
            print(f"{earlier} comes first", flush=True)
            train(config_of(Path(earlier)), data_dir, base, Path(earlier), save_every)
    if config.average_of:
        save_weights(mean_weights([load_weights(Path(run)) for run in config.average_of]), out)
        return
    torch.manual_seed(config.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    encoder = load_encoder(base)
    tokeniser = Tokeniser.load(
        base / "tokenizer.json", max_tokens=config.max_tokens, article_tokens=config.article_tokens
    )
    mix = read_mix(data_dir, permissive=config.permissive)
    examples = with_near(
        [*mix.train, *identity_templates(config.take.get("templates", 0), config.seed)], tokeniser, encoder
    )
    if config.branch == "relevance":
        examples = [example for example in examples if example.pairings]
        if config.like:
            examples = with_like(examples, config.like, config.seed, tokeniser, encoder)
    names = sorted({example.source for example in examples})
    if config.larger:
        encoder = load_larger(larger_folder(ARTIFACTS), config.encoder_dropout)
    losses = losses_of(config, encoder.to(device), sarcasm_offsets(examples, names)).to(device)
    if config.start:
        begin_with(losses, load_weights(Path(config.start)))
    batcher = Batcher(
        tokeniser,
        names,
        batch_size=config.batch_size,
        augment=config.augment,
        voices=config.voices,
        others=config.others,
        kindred=_kindred(examples, losses, tokeniser) if config.kindred else {},
        passages=config.passages,
        lessons=_lessons(config, examples, base, tokeniser) if config.teachers else NO_LESSONS,
    )
    run = Run(config, losses, batcher, examples, device, out, save_every)
    run.go(max_steps)


def _kindred(examples: Sequence[Example], losses: nn.Module, tokeniser: Tokeniser) -> Mapping[str, str]:
    """What each title of the examples is read with, by the network that the run begins with."""
    if not isinstance(losses, RelevanceLosses):
        raise ValueError("Only a run for relevance reads titles with kindred headlines.")
    titles = {pairing.title for example in examples for pairing in example.pairings if pairing.title}
    return kindred_texts(titles, bank_headlines(examples), losses.relevance, tokeniser)


def _lessons(config: TrainConfig, examples: Sequence[Example], base: Path, tokeniser: Tokeniser) -> Lessons:
    """What the run's teachers say of every text that it will draw."""
    drawn = [draw(examples, config.take, config.seed + epoch) for epoch in range(config.epochs)]
    texts = {example.text for epoch in drawn for example in epoch}
    return lessons_of(texts, config.teachers, base, tokeniser, ARTIFACTS, halved=fast_in_bfloat16(torch.device("cpu")))


class Run:
    """The loop itself, with what it carries from step to step."""

    def __init__(
        self,
        config: TrainConfig,
        losses: nn.Module,
        batcher: Batcher,
        examples: list[Example],
        device: torch.device,
        out: Path,
        save_every: int,
    ) -> None:
        self.config, self.losses, self.batcher, self.examples = config, losses, batcher, examples
        self.device, self.out, self.save_every = device, out, save_every
        self.averaged = {name: value.detach().clone() for name, value in losses.state_dict().items()}
        self.optimiser = torch.optim.AdamW(_groups(losses, config), weight_decay=config.weight_decay)
        self.total = config.epochs * batcher.count(draw(examples, config.take, config.seed))
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimiser, self._rate)
        self.halved = fast_in_bfloat16(device)
        self.step = 0

    def go(self, max_steps: int) -> None:
        """Train from the last checkpoint, if there is one, to the end."""
        self._resume()
        started, first, running = time.monotonic(), self.step, 0.0
        with _progress() as progress:
            bar = progress.add_task("training", total=max_steps or self.total, completed=self.step, loss=math.nan)
            for batch in islice(self._batches(), max(0, max_steps - self.step) if max_steps else None):
                loss = self._update(batch.to(self.device))
                running = loss if self.step == first + 1 else 0.98 * running + 0.02 * loss
                progress.update(bar, completed=self.step, loss=running)
                if self.step % self.save_every == 0:
                    self._save()
                    print(
                        f"step {self.step} of {self.total} loss {running:.4f} {time.monotonic() - started:.0f} s",
                        flush=True,
                    )
        save_weights(self.averaged, self.out)
        seconds = time.monotonic() - started
        print(f"{self.step - first} steps in {seconds:.0f} s, loss {running:.4f}")

    def _update(self, batch: Batch) -> float:
        self.losses.train()
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.halved):
            loss = self.losses(batch)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.losses.parameters(), 1.0)
        self.optimiser.step()
        self.schedule.step()
        self.step += 1
        decay = min(self.config.average, self.step / (self.step + 10))
        average_into(self.averaged, self.losses.state_dict(), decay)
        return float(loss.detach())

    def _batches(self) -> Iterator[Batch]:
        """Yield the batches from the current step on: those before it were seen before the checkpoint."""
        number = 0
        for epoch in range(self.config.epochs):
            seed = self.config.seed + epoch
            for batch in self.batcher.epoch(draw(self.examples, self.config.take, seed), seed):
                number += 1
                if number > self.step:
                    yield batch

    def _rate(self, step: int) -> float:
        """Warm up in a straight line, then fall along a half cosine to a fiftieth."""
        warm = max(1, int(self.total * self.config.warmup))
        if step < warm:
            return (step + 1) / warm
        done = min(1.0, (step - warm) / max(1, self.total - warm))
        return 0.02 + 0.98 * (1 + math.cos(math.pi * done)) / 2

    def _resume(self) -> None:
        found = load_checkpoint(self.out)
        if found is None:
            return
        self.losses.load_state_dict(found.weights)
        self.averaged = found.averaged
        self.optimiser.load_state_dict(found.optimiser)
        self.schedule.load_state_dict(found.schedule)
        self.step = found.step
        print(f"going on at step {self.step}")

    def _save(self) -> None:
        state = Checkpoint(
            self.step, self.losses.state_dict(), self.averaged, self.optimiser.state_dict(), self.schedule.state_dict()
        )
        save_checkpoint(state, self.out)


def _groups(losses: nn.Module, config: TrainConfig) -> list[dict[str, object]]:
    """Each encoder layer that learns with its own rate, the lower the slower; heads with theirs."""
    layers = losses.relevance.upper if isinstance(losses, RelevanceLosses) else losses.reader.encoder.encoder.layer
    groups: list[dict[str, object]] = [
        {
            "params": list(layer.parameters()),
            "lr": config.learning_rate * config.layer_decay ** (len(layers) - 1 - depth),
        }
        for depth, layer in enumerate(layers)
    ]
    inside = {id(parameter) for layer in layers for parameter in layer.parameters()}
    heads = [known for known in losses.parameters() if known.requires_grad and id(known) not in inside]
    return [*groups, {"params": heads, "lr": config.head_learning_rate}]


def _progress() -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]:.3f}"),
    )
    return Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn())


if __name__ == "__main__":
    main()
