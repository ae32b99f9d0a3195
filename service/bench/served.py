"""A service of its own for a load test: `belowline serve` on a free port, with an empty store that is thrown away."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START = "from service.cli import main; main()"
ADDRESS = re.compile(r"http://([\d.]+):(\d+)/")


@dataclass(frozen=True, slots=True)
class Served:
    """Where it answers, how long it took to be ready, and the process."""

    host: str
    port: int
    seconds_to_ready: float
    pid: int

    def resident_megabytes(self) -> float | None:
        """Memory held by the process, where the system says (Linux)."""
        status = Path(f"/proc/{self.pid}/status")
        found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text()) if status.is_file() else None
        return int(found[1]) / 1000 if found else None


@contextmanager
def served(settings: Mapping[str, str]) -> Iterator[Served]:
    """Run the service for as long as the block lasts; the settings are added to those of this process."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "BELOWLINE_DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3", **settings}
        began = time.perf_counter()
        command = [sys.executable, "-c", START, "serve", "--port", "0"]
        with (
            (Path(folder) / "log").open("w") as log,
            subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as process,
        ):
            try:
                found = ADDRESS.search(process.stdout.readline() if process.stdout else "")
                if found is None:
                    raise RuntimeError((Path(folder) / "log").read_text().strip() or "The service did not start.")
                yield Served(found[1], int(found[2]), time.perf_counter() - began, process.pid)
            finally:
                process.terminate()
                process.wait(20)
