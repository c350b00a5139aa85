"""The browser of the browser tests: found, or installed where that is possible, and plainly missed where it is not.

`python -m operator_portal.testing.browser` is a step of `make test`.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

#: Chromium without anything to show: it opens and draws a page in two thirds of the time.
SHELL: Final = "chromium-headless-shell"
NAMES: Final = (SHELL, "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
INSTALL_SECONDS: Final = 600
SPEED_UP_SECONDS: Final = 120
NOT_RUN: Final = (
    "BROWSER TESTS ARE NOT RUN: there is no Chromium here. Install one (Debian: apt install chromium), or name it in "
    "PORTAL_CHROMIUM."
)


def find() -> Path | None:
    """PORTAL_CHROMIUM, else the machine's own, else the one that playwright downloaded."""
    if named := os.environ.get("PORTAL_CHROMIUM"):
        return Path(named) if Path(named).exists() else None
    on_path = next((found for name in NAMES if (found := shutil.which(name))), None)
    return Path(on_path) if on_path else _downloaded()


def launch_options() -> dict[str, Any]:
    """For playwright. Root has no sandbox to give, and a small /dev/shm must not matter."""
    options: dict[str, Any] = {"args": ["--disable-dev-shm-usage"]}
    if found := find():
        options["executable_path"] = str(found)
    if os.geteuid() == 0:
        options["args"].append("--no-sandbox")
    return options


def _downloaded() -> Path | None:
    from playwright.sync_api import sync_playwright

    try:
        with sync_playwright() as playwright:
            found = Path(playwright.chromium.executable_path)
    except OSError:
        return None
    return found if _starts(found) else None


def _starts(browser: Path) -> bool:
    """A download may lack libraries of the system, which only root can install."""
    try:
        return subprocess.run([browser, "--version"], capture_output=True, check=False, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def install() -> None:
    """By the system's packages when we may, else by playwright's download. A failure is told and is not fatal."""
    if not (_may_install_packages() and _install_package(SHELL, "chromium", seconds=INSTALL_SECONDS)):
        _run(sys.executable, "-m", "playwright", "install", "chromium")


def _may_install_packages() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def _install_package(*names: str, seconds: float) -> bool:
    """The first that there is; after a look for what there is by now, if there is none."""
    install = ("apt-get", "install", "--yes", "--no-install-recommends")
    return any(_run(*install, name, seconds=seconds) for name in names) or (
        _run("apt-get", "update", seconds=seconds) and any(_run(*install, name, seconds=seconds) for name in names)
    )


def _run(*command: str, seconds: float = INSTALL_SECONDS) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print("Installing a browser for the browser tests:", " ".join(command), flush=True)
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=seconds)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"  did not work: {type(error).__name__}", flush=True)
        return False
    if done.returncode:
        print("  did not work:", (done.stderr or done.stdout).strip().splitlines()[-1:] or "", flush=True)
    return done.returncode == 0


def main() -> None:
    if find() is None:
        install()
    elif "PORTAL_CHROMIUM" not in os.environ and shutil.which(SHELL) is None and _may_install_packages():
        _install_package(SHELL, seconds=SPEED_UP_SECONDS)
    found = find()
    print(f"Browser tests use {found}." if found else NOT_RUN, flush=True)


if __name__ == "__main__":
    main()
