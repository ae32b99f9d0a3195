"""A folder of weights is verified before it is used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from model.calibration import Calibration
from model.manifest import MANIFEST, Manifest, read_manifest, sha256, weights_folder
from model.scores import ATTRIBUTES, ModelDamaged, ModelNotFound


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "reader.onnx").write_bytes(b"graph")
    manifest = Manifest(
        name="trial", version="3", precision="int8", max_tokens=256, article_tokens=128, span_threshold=0.4,
        calibration={name: Calibration(1.0, 1.0, 0.0, "pool", 10, 0.2) for name in ATTRIBUTES}, base={}, sources=(),
        recipe={}, metrics={}, commit="", files={"reader.onnx": sha256(tmp_path / "reader.onnx")},
    )  # fmt: skip
    manifest.write(tmp_path)
    return tmp_path


def test_a_manifest_reads_back_as_it_was_written(folder: Path) -> None:
    manifest = read_manifest(folder)
    assert manifest.full_version == "trial-3"
    assert manifest.calibration["sarcasm"] == Calibration(1.0, 1.0, 0.0, "pool", 10, 0.2)
    assert manifest.attributes == ATTRIBUTES


def test_weights_of_before_two_slopes_have_one_for_both_sides(folder: Path) -> None:
    raw = json.loads((folder / MANIFEST).read_text())
    for fields in raw["calibration"].values():
        fields["slope"] = 0.7
        del fields["upper_slope"]
    (folder / MANIFEST).write_text(json.dumps(raw))
    assert read_manifest(folder).calibration["sarcasm"] == Calibration(0.7, 0.7, 0.0, "pool", 10, 0.2)


def test_a_changed_file_is_refused_by_name(folder: Path) -> None:
    (folder / "reader.onnx").write_bytes(b"another graph")
    with pytest.raises(ModelDamaged, match=r"reader\.onnx .* does not match its checksum"):
        read_manifest(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "reader.onnx").unlink()
    with pytest.raises(ModelNotFound, match=r"reader\.onnx is missing"):
        read_manifest(folder)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name": 1}'])
def test_a_broken_manifest_is_one_sentence(folder: Path, text: str) -> None:
    (folder / MANIFEST).write_text(text)
    with pytest.raises(ModelDamaged, match="cannot be read"):
        read_manifest(folder)


@pytest.mark.parametrize("field", ["calibration", "files"])
def test_a_list_where_names_should_be_is_one_sentence(folder: Path, field: str) -> None:
    raw = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**raw, field: []}))
    with pytest.raises(ModelDamaged, match="cannot be read"):
        read_manifest(folder)


def test_what_the_system_does_not_let_be_read_is_one_sentence(folder: Path) -> None:
    (folder / MANIFEST).unlink()
    (folder / MANIFEST).mkdir()
    with pytest.raises(ModelNotFound, match=r"manifest\.json cannot be read: Is a directory\."):
        read_manifest(folder)
    with pytest.raises(ModelNotFound, match=r"cannot be read: File name too long\."):
        weights_folder("x" * 5_000)


def test_an_unknown_field_is_refused(folder: Path) -> None:
    raw = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**raw, "colour": "blue"}))
    with pytest.raises(ModelDamaged, match="colour"):
        read_manifest(folder)


def test_a_model_is_found_by_path_and_an_unknown_name_lists_what_is_there(folder: Path) -> None:
    assert weights_folder(str(folder)) == folder
    with pytest.raises(ModelNotFound, match="There is no model 'nonesuch'; installed are:"):
        weights_folder("nonesuch")


def test_weights_of_a_newer_version_are_told_as_such(folder: Path) -> None:
    raw = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**raw, "tongues": ["en", "de"]}))
    with pytest.raises(ModelDamaged, match=r"need a newer Belowline: this one does not know 'tongues'\.$"):
        read_manifest(folder)
