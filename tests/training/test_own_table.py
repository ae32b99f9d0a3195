"""A user's own labelled table: its figures, and what is said of a table that has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.sources.tables import SourceError
from model.manifest import weights_folder
from model.onnx import load_scorer
from training.own_table import labelled, own_suite

ROWS = [
    ("You are a worthless idiot.", "1"),
    ("Shut up, moron.", "0.8"),
    ("The tram is late again.", "0"),
    ("Thanks!", "0"),
]


def table(folder: Path, content: str | bytes) -> Path:
    file = folder / "mine.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def test_a_table_is_measured_with_its_own_columns(tmp_path: Path) -> None:
    rows = "".join(f'"{text}",{label}\n' for text, label in ROWS)
    file = table(tmp_path, "comment,bad\n" + rows)
    figures = own_suite(load_scorer(weights_folder()), file, "comment", "bad", "toxicity")
    assert figures["rows"] == len(ROWS)
    assert figures["positives"] == 0.5
    assert figures["toxicity AUC"] == figures["toxicity AP"] == 1.0


def test_half_is_the_first_positive_label(tmp_path: Path) -> None:
    texts, labels = labelled(table(tmp_path, "text,label\na,0.49\nb,0.5\nc,9\n"), "text", "label")
    assert (list(texts), labels.tolist()) == (["a", "b", "c"], [0.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ("", "has no columns 'text' and 'label', or no rows"),
        ("text,label\n", "has no columns 'text' and 'label', or no rows"),
        ("text,other\na,1\n", "has no columns 'text' and 'label', or no rows"),
        ("text,label\na,1\nb,1\n", "has one kind of label only"),
        ("text,label\na,1\nb,toxic\n", "row 2: the label 'toxic' in 'label' is not a number"),
        ("text,label\na,1\nb,nan\n", "row 2: the label 'nan' in 'label' is not a number"),
        ("text,label\na,1\nb,\n", "row 2: the label '' in 'label' is not a number"),
        (b"text,label\n\xff\xfe,1\nb,0\n", "cannot be read: 'utf-8' codec can't decode byte 0xff in position 11"),
        ("text,label\na,1\nb,0,9\n", "cannot be read: .*Expected 2 fields in line 3, saw 3"),
        ('text,label\na,1\n"b,0\n', "cannot be read: .*EOF inside string"),
    ],
)
def test_a_table_that_ranks_nothing_says_why(tmp_path: Path, content: str | bytes, wrong: str) -> None:
    with pytest.raises(SourceError, match=wrong):
        labelled(table(tmp_path, content), "text", "label")


def test_a_table_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file"):
        labelled(tmp_path / "mine.csv", "text", "label")
