"""Take the pictures of the desk for the documentation, from a desk that runs with the real model.

belowline serve --demo &
python tests/service/desk/screenshots.py http://127.0.0.1:8000 docs/screenshots
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

# name, path, width, height, colour scheme
PICTURES = (
    ("queue", "/", 1200, 860, "light"),
    ("histogram", "/histogram?a=toxicity&lo=0.4&hi=0.5", 1200, 860, "light"),
    ("phone", "/", 400, 860, "light"),
)


def main(address: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        for name, path, width, height, scheme in PICTURES:
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.goto(address + path)
            page.screenshot(path=folder / f"{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
