"""`manage.py up`, with real processes that are really killed. One portal serves the whole module; its tests are a story
and run in order."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from operator_portal.embedded.home import APP, ROOT, Home
from operator_portal.embedded.processes import identify

START_SECONDS = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Portal:
    """As a person starts it: no home directory, no variable but PORTAL_HOME, no demo data to save time."""

    def __init__(self, path: Path) -> None:
        self.home = Home(path)
        self.port = free_port()
        self.output = path.with_suffix(".out")
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            env={"PATH": os.environ["PATH"], "PORTAL_HOME": str(self.home.path)},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    def up(self) -> None:
        self.start()
        self.wait_for_output("Operator Portal is up")

    def start(self) -> None:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--port", str(self.port), "--demo", "0"],
                env={"PATH": os.environ["PATH"], "PORTAL_HOME": str(self.home.path)},
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def down(self, number: signal.Signals = signal.SIGINT) -> int:
        assert self.process
        self.process.send_signal(number)
        return self.process.wait(90)

    def wait_for_output(self, text: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while text not in self.output.read_text():
            assert self.process
            assert self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, self.output.read_text()
            time.sleep(0.1)

    def answers(self, path: str = "/healthz") -> bool:
        web = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            web.request("GET", path)
            return web.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            web.close()

    def becomes_ready(self) -> bool:
        deadline = time.monotonic() + 60
        while not self.answers("/readyz"):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.2)
        return True

    def children(self) -> dict[str, int]:
        noted = json.loads((self.home.run / "children.json").read_text())
        return dict(zip(("worker", "beat", "web"), (child["pid"] for child in noted), strict=True))

    def servers(self) -> dict[str, int]:
        pids: dict[str, int] = json.loads(self.command("services", "status", "--json").stdout)["pids"]
        return pids


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    portal = Portal(tmp_path_factory.mktemp("up") / "home")
    portal.up()
    yield portal
    if portal.process and portal.process.poll() is None:
        portal.down()
    portal.command("services", "erase")


def test_up_from_nothing_serves_pages_and_names_the_address(portal: Portal) -> None:
    assert portal.becomes_ready()
    assert portal.answers("/")
    assert f"http://127.0.0.1:{portal.port}/" in portal.output.read_text()
    assert "superuser privileges" not in (portal.home.logs / "worker.log").read_text()


def test_web_knows_the_database_only_as_the_application(portal: Portal) -> None:
    environment = Path(f"/proc/{portal.children()['web']}/environ").read_bytes()

    assert b"portal_app" in environment
    assert b"DATABASE_OWNER_URL" not in environment


def test_commands_find_the_running_portal_by_its_home(portal: Portal) -> None:
    done = portal.command("migrate", "--check")

    assert (done.returncode, done.stderr) == (0, "")


def test_a_shell_can_be_told_where_the_services_are(portal: Portal) -> None:
    done = portal.command("services", "env")
    script = f'{done.stdout}\nprintf "%s %s" "$DATABASE_URL" "$BASE_URL"'
    told = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)

    assert told.stdout == f"{portal.home.database_url(APP)} http://127.0.0.1:{portal.port}"


def test_a_second_one_on_the_same_home_is_refused_and_harms_nothing(portal: Portal) -> None:
    done = portal.command("up", "--port", str(free_port()))

    assert done.returncode == 1
    assert f"A portal already runs on {portal.home.path} at http://127.0.0.1:{portal.port}" in done.stderr
    assert portal.command("services", "stop").returncode == 1
    assert portal.becomes_ready()


def test_a_taken_port_is_told_before_anything_starts(portal: Portal, tmp_path: Path) -> None:
    other = Portal(tmp_path / "other")
    done = other.command("up", "--port", str(portal.port))

    assert done.returncode == 1
    assert f"Port {portal.port} cannot be used (Address already in use). Nothing was started." in done.stderr
    assert not (other.home.services / "database").exists()
    other.command("services", "erase")


@pytest.mark.parametrize("name", ["worker", "beat", "web"])
def test_a_killed_child_comes_again(portal: Portal, name: str) -> None:
    killed = portal.children()[name]
    os.kill(killed, signal.SIGKILL)

    portal.wait_for_output(f"{name} died and was started again.")
    assert portal.children()[name] != killed
    assert portal.becomes_ready()


@pytest.mark.parametrize("name", ["postgres", "broker"])
def test_a_killed_server_comes_again(portal: Portal, name: str) -> None:
    killed = portal.servers()[name]
    os.kill(killed, signal.SIGKILL)

    portal.wait_for_output(f"{name} died and was started again.")
    assert portal.servers()[name] != killed
    assert portal.becomes_ready()


def test_after_a_kill_of_the_supervisor_the_next_one_takes_over_in_seconds_with_the_data(portal: Portal) -> None:
    with psycopg.connect((portal.home.secrets / "database_owner_url").read_text()) as owner:
        owner.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    left = portal.children()
    assert portal.process
    portal.process.kill()
    portal.process.wait()
    assert portal.answers()

    portal.up()

    assert portal.becomes_ready()
    assert [pid for pid in left.values() if identify(pid)] == []
    with psycopg.connect(portal.home.database_url(APP)) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_ctrl_c_stops_everything(portal: Portal) -> None:
    pids = [*portal.children().values(), *portal.servers().values()]

    assert portal.down() == 0
    assert [pid for pid in pids if identify(pid)] == []
    assert "Stopping web …\nStopping beat …\nStopping worker …\nStopped." in portal.output.read_text()


def test_a_signal_while_it_starts_stops_it_cleanly(tmp_path: Path) -> None:
    fresh = Portal(tmp_path / "home")
    fresh.start()
    fresh.wait_for_output("Preparing the database")

    assert fresh.down(signal.SIGTERM) == 0
    assert fresh.servers() == {"postgres": None, "broker": None}
    assert "Traceback" not in fresh.output.read_text()
    fresh.command("services", "erase")
