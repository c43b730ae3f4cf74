"""A real Streamlit server and a real browser. Skipped, saying so, where there is no Chromium."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, headless."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        pytest.skip("there is no Chromium on this machine (Debian: apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield running
        running.close()


class Server:
    """The dashboard on a free port, started and stopped as a user does."""

    def __init__(self, workspace: Path, **settings: str) -> None:
        self.workspace, self.settings = workspace, settings
        self.process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def start(self) -> None:
        """Returns when the server answers."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        own = {"WINNOW_WORKSPACE": str(self.workspace), "WINNOW_SAMPLE": "0", **self.settings}
        log = (self.workspace.parent / "server.log").open("ab")
        words = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
        self.process = subprocess.Popen(words, cwd=ROOT, env={**os.environ, **own}, stdout=log, stderr=log)
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1)
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the dashboard did not start")

    def kill(self) -> None:
        """SIGKILL, as a crash ends it."""
        if self.process:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def dashboard(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts a server on a workspace (an empty one unless told otherwise); all are ended with the test."""
    servers: list[Server] = []

    def start(workspace: Path | None = None, **settings: str) -> Server:
        server = Server(workspace or tmp_path / "workspace", **settings)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.kill()


class Screen:
    """What a user does with a page: looks, chooses, types, clicks, waits."""

    def __init__(self, page: Any, server: Server) -> None:
        self.page, self.server = page, server
        page.set_default_timeout(60_000)

    def open(self, name: str) -> None:
        """A page by its address."""
        self.page.goto(f"{self.server.url}/{name}")
        self.page.get_by_test_id("stSidebarNav").wait_for()
        self.settle()

    def go(self, name: str) -> None:
        """A page by its link in the sidebar."""
        self.page.get_by_test_id("stSidebarNav").get_by_role("link", name=name, exact=True).click()
        self.sees(name, heading=True)
        self.settle()

    def settle(self) -> None:
        """Waits until the script has run."""
        self.page.wait_for_timeout(400)
        self.page.wait_for_function("() => !document.querySelector('[data-testid=\"stStatusWidget\"]')")

    def sees(self, text: str, *, heading: bool = False, within: float = 60.0) -> None:
        """Waits for a text."""
        found = (
            self.page.get_by_role("heading", name=text, exact=True)
            if heading
            else self.page.get_by_text(re.compile(text))
        )
        found.locator("visible=true").first.wait_for(timeout=1000 * within)

    def types(self, label: str, text: str) -> None:
        """Fills a text field."""
        field = self.page.get_by_label(label, exact=True).locator("visible=true").first
        field.fill(text)
        field.press("Enter")
        self.settle()

    def chooses(self, label: str, option: str) -> None:
        """Picks the option that begins with a text in a select box."""
        box = self.page.get_by_test_id("stSelectbox").filter(has=self.page.get_by_text(label, exact=True))
        box.locator("visible=true").first.locator("input").click()
        self.page.get_by_role("option").filter(has_text=re.compile(f"^{re.escape(option)}")).first.click()
        self.settle()

    def clicks(self, name: str, role: str = "button") -> None:
        """Clicks a button, tab or choice by its words."""
        self.page.get_by_role(role, name=re.compile(name)).locator("visible=true").first.click()
        self.settle()

    def unfolds(self, name: str) -> None:
        """Opens an expander, unless it is open."""
        part = self.page.get_by_test_id("stExpander").filter(has_text=name).locator("details").first
        if part.get_attribute("open") is None:
            part.locator("summary").first.click()
            self.settle()

    def waits(self, true: Callable[[], object], what: str, within: float = 120.0) -> None:
        """Waits for something outside the browser."""
        until = time.monotonic() + within
        while not true():
            assert time.monotonic() < until, f"not in {within:.0f} s: {what}"
            self.page.wait_for_timeout(100)

    @property
    def complaints(self) -> list[str]:
        """Errors and exceptions on the page."""
        return [
            e.inner_text()
            for kind in ("stException", "stAlertContentError")
            for e in self.page.get_by_test_id(kind).all()
        ]


@pytest.fixture
def screen(browser: Any) -> Iterator[Callable[[Server], Screen]]:
    """A browser window on a server."""
    pages = []

    def show(server: Server) -> Screen:
        page = browser.new_page(viewport={"width": 1400, "height": 1300})
        pages.append(page)
        return Screen(page, server)

    yield show
    for page in pages:
        page.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: Any) -> Iterator[None]:
    """A failed test leaves a picture of each page beside its workspace, and says where."""
    report = (yield).get_result()  # type: ignore[misc]
    if report.when == "call" and report.failed and "tmp_path" in item.funcargs and "screen" in item.funcargs:
        for number, page in enumerate(item.funcargs["screen"].__closure__[-1].cell_contents):
            picture = item.funcargs["tmp_path"] / f"page-{number}.png"
            page.screenshot(path=picture)
            report.sections.append(("picture", str(picture)))
