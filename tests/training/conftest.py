"""A network small enough to train within a test, of the shape of the real one. Skipped where torch is absent."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra `train`")
pytest.importorskip("transformers", reason="needs the extra `train`")
pytest.importorskip("sklearn", reason="needs the extra `train`")

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel

from data.sources.examples import Example
from data.sources.registry import authored_examples
from model.tokens import Tokeniser


@pytest.fixture
def encoder() -> BertModel:
    """Three layers of 48 numbers with twelve heads, random but seeded."""
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=300, hidden_size=48, num_hidden_layers=3, num_attention_heads=12, intermediate_size=96,
        hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    return BertModel(config, add_pooling_layer=False)


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    """Some two hundred of our own comments with every label."""
    return list(authored_examples())[:200]


@pytest.fixture
def tokenizer_file(tmp_path: Path) -> Path:
    """A character tokenizer: enough to tell texts apart."""
    signs = [chr(number) for number in range(33, 127)]
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *signs, *(f"##{sign}" for sign in signs)]
    tokenizer = Tokenizer(models.WordPiece({word: n for n, word in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    file = tmp_path / "tokenizer.json"
    tokenizer.save(str(file))
    return file


@pytest.fixture
def tokeniser(tokenizer_file: Path) -> Tokeniser:
    """The tokeniser of that file, cutting at 48 tokens."""
    return Tokeniser.load(tokenizer_file, max_tokens=48, article_tokens=24)
