"""Every reader yields what its register entry promises, from the published files."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.sources.registry import SOURCES, Source


@pytest.mark.shared
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_a_reader_yields_its_rows_with_labels_in_range(source: Source, shared: Path) -> None:
    pytest.importorskip("datasets", reason="needs the extra `train`")
    examples = list(source.examples(shared / "datasets"))
    assert len(examples) == source.rows
    assert all(example.text for example in examples[:100])
    values = [value for example in examples for value in example.labels.values()]
    values += [pairing.relevance for example in examples for pairing in example.pairings]
    assert all(0 <= value <= 1 for value in values)
    assert values or any(example.spans for example in examples)
    spans = [(span, len(example.text)) for example in examples for span in example.spans or ()]
    assert all(0 <= start < end <= length for (start, end), length in spans)
