"""Where this machine's Chromium is, for tests and benchmarks of pages."""

from __future__ import annotations

import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = ["--no-sandbox"]
"""In a container Chromium cannot make its own sandbox; the pages are ours."""


def find_chromium() -> str | None:
    """Path of a Chromium: on the PATH, or the one that Playwright brought; None where there is none."""
    on_path = next((path for name in NAMES if (path := shutil.which(name))), None)
    if on_path:
        return on_path
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as tool:
        own = tool.chromium.executable_path
    return own if Path(own).exists() else None
