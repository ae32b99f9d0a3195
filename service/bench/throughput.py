"""Comments per second of the scorer, beside the same encoder and a BERT-base in plain torch, on the same comments.

Each way is measured by the clock and by the processor time that it took over all threads: on a machine that is busy
with other work the second still compares.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from data.records import Article, Comment
from model.manifest import TOKENIZER, read_manifest
from model.onnx import OnnxScorer
from model.tokens import Tokeniser
from service.archive.models import cores
from service.archive.scoring import MANY
from service.bench.served import START

BATCH = 32  # of the peers, sorted by length: what makes plain torch fastest here
SLICE = MANY  # comments that the scorer gets at once, as `belowline score` gives them
WARM = 64
TITLE = 9  # words of a comment that stand for a headline: what headlines have
GROUPS = (1, 4, 16)  # requests that a service might score together; more would wait longer than a comment takes
MINILM = {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536}
BERT_BASE = {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}
# Multiplications and additions per token in the layers' products, without attention's own, which grow with length:
# 6 layers of 4 x 384 x 384 + 2 x 384 x 1536 weights, two operations each.
FLOP_PER_TOKEN = 21.3e6


@dataclass(frozen=True, slots=True)
class Throughput:
    """One way to score, measured; tokens are the useful ones, without padding."""

    name: str
    comments: int
    tokens: int
    seconds: float
    processor_seconds: float

    @property
    def comments_per_second(self) -> float:
        return self.comments / self.seconds

    @property
    def tokens_per_second(self) -> float:
        return self.tokens / self.seconds

    @property
    def processor_milliseconds(self) -> float:
        """Processor time of one comment, over all threads."""
        return self.processor_seconds / self.comments * 1000

    @property
    def giga_operations(self) -> float:
        """Useful 10**9 operations of a MiniLM's products per second of one core."""
        return self.tokens / self.processor_seconds * FLOP_PER_TOKEN / 1e9


def our_throughputs(scorer: OnnxScorer, texts: Sequence[str], ids: Sequence[list[int]]) -> list[Throughput]:
    """Return the whole scorer (language, tokens, network, calibration) and its network alone."""
    comments = [Comment(str(number), text) for number, text in enumerate(texts)]
    tokens = sum(len(one) for one in ids)
    scorer.score(comments[:WARM])

    def score() -> None:
        for start in range(0, len(comments), SLICE):
            scorer.score(comments[start : start + SLICE])

    whole = _timed(score)
    bare = _timed(lambda: scorer.read(ids))
    return [
        Throughput("belowline, the whole scorer", len(texts), tokens, *whole),
        Throughput("belowline, the network alone", len(texts), tokens, *bare),
    ]


def group_throughputs(scorer: OnnxScorer, texts: Sequence[str], ids: Sequence[list[int]]) -> list[Throughput]:
    """Return the whole scorer by groups in the order of coming, on a thread per core: what a service could do.

    Single comments are what the service scores; groups are what collecting requests (micro-batching) would give it.
    """
    comments = [Comment(str(number), text) for number, text in enumerate(texts)]
    tokens = sum(len(one) for one in ids)
    found = []
    with ThreadPoolExecutor(cores()) as pool:
        for size in GROUPS:
            groups = [comments[start : start + size] for start in range(0, len(comments), size)]
            spent = _timed(partial(_all_of, pool, scorer, groups))
            found.append(Throughput(f"belowline, in groups of {size}", len(texts), tokens, *spent))
    return found


def headline_throughput(scorer: OnnxScorer, texts: Sequence[str], ids: Sequence[list[int]]) -> Throughput:
    """Return the whole scorer where each comment stands below a headline of its own: the worst case, since an article
    is read once for all of its comments, and a title without a text together with kindred ones.
    """
    titles = dict.fromkeys(" ".join(text.split()[:TITLE]) for text in texts)
    chosen = list(zip(texts, titles, strict=False))
    pairs = [(Comment(str(number), text), Article(title)) for number, (text, title) in enumerate(chosen)]
    tokens = sum(len(one) for one in ids[: len(pairs)])
    spent = _timed(lambda: scorer.score_many(pairs))
    return Throughput("belowline, each below a new headline", len(pairs), tokens, *spent)


def _all_of(pool: ThreadPoolExecutor, scorer: OnnxScorer, groups: Sequence[Sequence[Comment]]) -> None:
    for _ in pool.map(scorer.score, groups):
        pass


def command_throughput(folder: Path, texts: Sequence[str], tokens: int) -> Throughput:
    """Return `belowline score` from a table to JSON Lines, a process of its own with its start and its end."""
    with tempfile.TemporaryDirectory() as place:
        table, out = Path(place) / "comments.csv", Path(place) / "scored.jsonl"
        with table.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["text"], *([text] for text in texts)])
        command = [sys.executable, "-c", START, "score", str(table), "--text-column", "text", "--model", str(folder)]
        began, before = time.perf_counter(), os.times()
        subprocess.run([*command, "-o", str(out)], check=True, capture_output=True)
        seconds, after = time.perf_counter() - began, os.times()
        with out.open(encoding="utf-8") as file:
            if (found := sum(1 for _ in file)) != len(texts):
                raise RuntimeError(f"belowline score wrote {found} rows for {len(texts)} comments.")
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return Throughput("belowline score, end to end", len(texts), tokens, seconds, spent)


def peer_throughputs(ids: Sequence[Sequence[int]]) -> list[Throughput]:
    """Return the two peers in torch, float32, one thread per core, random weights, sorted by length."""
    torch = import_module("torch")  # of the extra `train`; a fair comparison needs it, serving never does
    torch.set_num_threads(cores())
    return [
        _peer(torch, "the same encoder in torch, fp32", MINILM, ids),
        _peer(torch, "BERT-base in torch, fp32 (Detoxify's architecture)", BERT_BASE, ids),
    ]


def token_ids(folder: Path, texts: Sequence[str]) -> list[list[int]]:
    """Return the token ids of each text, as a scorer with this folder of weights reads them."""
    manifest = read_manifest(folder)
    limits = {"max_tokens": manifest.max_tokens, "article_tokens": manifest.article_tokens}
    return [tokens.ids for tokens in Tokeniser.load(folder / TOKENIZER, **limits).comments(texts)]


def _peer(torch: Any, name: str, shape: dict[str, int], ids: Sequence[Sequence[int]]) -> Throughput:
    transformers = import_module("transformers")
    torch.manual_seed(0)
    model = transformers.BertModel(transformers.BertConfig(**shape), add_pooling_layer=True).eval()
    ordered = sorted(ids, key=len)
    batches = [_padded(torch, ordered[start : start + BATCH]) for start in range(0, len(ordered), BATCH)]
    with torch.inference_mode():
        model(**batches[0])
        spent = _timed(lambda: [model(**batch) for batch in batches])
    return Throughput(name, len(ids), sum(len(one) for one in ids), *spent)


def _padded(torch: Any, batch: Sequence[Sequence[int]]) -> dict[str, Any]:
    longest = max(len(one) for one in batch)
    rows = [[*one, *[0] * (longest - len(one))] for one in batch]
    mask = [[1] * len(one) + [0] * (longest - len(one)) for one in batch]
    return {"input_ids": torch.tensor(rows), "attention_mask": torch.tensor(mask)}


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of the processor over all threads."""
    began, spent = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - spent
