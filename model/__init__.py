"""From a comment to its scores: normaliser, scorer, calibration, manifest and the shipped weights."""

import os

# ONNX Runtime reports its use and keeps an identity of the machine for it, unless this is said before it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
