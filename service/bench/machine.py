"""What the machine is, and the fastest product of matrices that it does: the ceiling of any encoder on it."""

from __future__ import annotations

import os
import platform
import re
import time
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from service.archive.models import cores

SIDE = 2048
OPERATIONS = 2 * SIDE**3  # multiplications and additions of one product
ROUNDS = 7
PACKAGES = ("onnxruntime", "tokenizers", "numpy", "torch", "transformers", "uvicorn", "uvloop", "httptools")


def describe() -> dict[str, Any]:
    """Return processor, cores, memory, system, versions and what else was running."""
    return {
        "processor": _processor(),
        "cores": cores(),
        "memory_gb": _memory_gigabytes(),
        "system": f"{platform.system()} on {platform.machine()}",
        "python": platform.python_version(),
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
        "load_before": round(os.getloadavg()[0], 2),
    }


def peaks() -> dict[str, float]:
    """Return the best rate of a 2048-cubed product on one core in 10**9 operations per second, by precision.

    Seconds are the thread's own, so that other work on the machine lowers them as little as it can.
    """
    found = {}
    torch = _optional("torch")
    if torch is not None:
        found["fp32"] = _rate(_torch_product(torch, torch.float32))
        found["bf16"] = _rate(_torch_product(torch, torch.bfloat16))
    else:
        found["fp32"] = _rate(_numpy_product())
    if (integers := _int8_product()) is not None:
        found["int8"] = _rate(integers)
    return found


def _rate(product: Callable[[], object]) -> float:
    product()
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        product()
        times.append(time.process_time() - began)
    return OPERATIONS / min(times) / 1e9


def _numpy_product() -> Callable[[], object]:
    left = np.random.default_rng(0).random((SIDE, SIDE), dtype=np.float32)
    return lambda: left @ left


def _torch_product(torch: Any, kind: Any) -> Callable[[], object]:
    torch.set_num_threads(1)
    left = torch.randn(SIDE, SIDE).to(kind)
    return lambda: left @ left


def _int8_product() -> Callable[[], object] | None:
    """ONNX Runtime's product of bytes, the one that the scorer's graphs use; needs the package onnx to build it."""
    onnx = _optional("onnx")
    if onnx is None:
        return None
    helper, kinds = onnx.helper, onnx.TensorProto
    weights = onnx.numpy_helper.from_array(np.ones((SIDE, SIDE), np.int8), "weights")
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["input", "weights"], ["output"])],
        "product",
        [helper.make_tensor_value_info("input", kinds.UINT8, [SIDE, SIDE])],
        [helper.make_tensor_value_info("output", kinds.INT32, [SIDE, SIDE])],
        [weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    feeds = {"input": np.ones((SIDE, SIDE), np.uint8)}
    return lambda: session.run(None, feeds)


def _optional(name: str) -> Any:
    """A package of the extra `train`, or None; serving does without, so it is looked up only here."""
    try:
        return import_module(name)
    except ImportError:
        return None


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.is_file() and (found := re.search(r"model name\s*:\s*(.+)", information.read_text())):
        return found[1]
    return platform.processor() or platform.machine()


def _memory_gigabytes() -> float | None:
    information = Path("/proc/meminfo")
    found = re.search(r"MemTotal:\s*(\d+) kB", information.read_text()) if information.is_file() else None
    return round(int(found[1]) / 1e6, 1) if found else None


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
