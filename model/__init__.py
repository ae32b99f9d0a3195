"""From a comment to its scores: normaliser, scorer, calibration, manifest and the shipped weights."""
