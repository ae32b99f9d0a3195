"""Google's Node client, as OSMod uses it: discovery first, then the methods that it built."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
const { Discovery } = require("googleapis-common");
(async () => {
  const discovery = new Discovery({ debug: false, includePrivate: false });
  const build = await discovery.discoverAPI(process.argv[1] + "/$discovery/rest?version=v1alpha1");
  const client = build({});
  const resource = { comment: { text: "HALF of it" }, requestedAttributes: { TOXICITY: {} }, spanAnnotations: true };
  const answer = await client.comments.analyze({ key: "K", resource });
  const failed = await client.comments.analyze({ key: "K", resource: {} }).catch(error => error.response.data);
  console.log(JSON.stringify([answer.data, failed]));
})().catch(error => { console.error(error); process.exit(1); });
"""


def test_googleapis_common_discovers_and_calls(server: str) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")
    modules = os.environ.get("NODE_PATH", str(ROOT / ".venv" / "node" / "node_modules"))
    if not (Path(modules) / "googleapis-common").is_dir():
        pytest.skip("needs `npm install --prefix .venv/node googleapis-common`")
    environment = {**os.environ, "NODE_PATH": modules}
    done = subprocess.run(
        [node, "-e", SCRIPT, server], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    answer, failed = json.loads(done.stdout)
    assert answer["attributeScores"]["TOXICITY"]["summaryScore"] == {"value": 0.4, "type": "PROBABILITY"}
    assert failed["error"]["details"][0]["errorType"] == "COMMENT_EMPTY"
