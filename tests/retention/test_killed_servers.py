"""kill -9 of worker, broker and PostgreSQL while people are being destroyed. SERVER_KILLS=1000 kills as often."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from operator_portal.embedded.home import ROOT, Home

KILLS = int(os.environ.get("SERVER_KILLS", "5"))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "home")
    yield home
    home.erase()


def test_whatever_server_is_killed_everybody_is_wholly_there_or_wholly_gone(home: Home) -> None:
    env = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.retention.storm", str(KILLS)],
        cwd=ROOT, env={**env, "PORTAL_HOME": str(home.path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    print(done.stdout)

    people = said["people"]
    assert sum(said["kills"].values()) == KILLS
    assert KILLS < 50 or len(said["outcomes"]) > 1, "the kills came too early or too late to mean anything"
    assert (said["living"], said["debts"], said["files"]) == (0, 0, 0)
    assert (said["records"], said["of_acts"], said["ledger"]) == (people, people, people)
    assert (said["numbers"], said["acts_that_say_otherwise"]) == (True, 0)
