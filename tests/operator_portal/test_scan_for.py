"""scan_for on a portal of its own: plaintext planted in each place is found there, and before that nothing is."""

import gzip
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
import redis

from operator_portal.embedded.broker import Broker
from operator_portal.embedded.cluster import ensure_database, ensure_keyring
from operator_portal.embedded.home import DATABASE, ROOT, Home
from operator_portal.embedded.postgres import Postgres
from operator_portal.scanning.needles import Needles
from operator_portal.scanning.places.everywhere import Places
from operator_portal.scanning.report import Report, Verdict
from operator_portal.scanning.scan import scan

WISHES: Final = {"OPERATOR_PROFILE": "loyal_club", "BASE_URL": "http://127.0.0.1:8000", "ALLOWED_HOSTS": "127.0.0.1"}


@dataclass(frozen=True, kw_only=True)
class Portal:
    home: Home
    database: psycopg.Connection[Any]

    def broker(self, number: int = 0) -> Any:
        return redis.Redis.from_url(self.home.cache_url(number))

    def scan_for(
        self, *arguments: str, stdin: str = "", env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, ROOT / "manage.py", "scan_for", *arguments],
            env={"PATH": os.environ["PATH"], "PORTAL_HOME": str(self.home.path), **(env or {})},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    def findings(self, *arguments: str, stdin: str = "") -> dict[str, Any]:
        done = self.scan_for("--json", *arguments, stdin=stdin)
        assert done.returncode in (0, 1, 2), done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return {**found, "status": done.returncode}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    home = Home(tmp_path_factory.mktemp("portal"))
    postgres, broker = Postgres(home), Broker(home)
    home.prepare()
    try:
        ensure_keyring(postgres)
        postgres.start()
        broker.start()
        ensure_database(postgres)
        home.write_environment(WISHES)
        with postgres.connect(DATABASE) as connection:
            yield Portal(home=home, database=connection)
    finally:
        broker.stop()
        postgres.stop()
        home.erase()


# --- what is planted ----------------------------------------------------------------------------------------

Plant = Callable[[Portal, str], None]


def mark(text: str) -> str:
    """A part of names: the two canaries of one plant do not overwrite each other."""
    return "latin" if text.isascii() else "cyrillic"


def statements(*templates: str) -> Plant:
    """In them TEXT stands for the canary, MARK for its mark."""

    def plant(portal: Portal, text: str) -> None:
        for template in templates:
            portal.database.execute(template.replace("TEXT", f"'{text}'").replace("MARK", mark(text)).encode())

    return plant


def column(kind: str, value: str = "TEXT") -> Plant:
    name = f"planted_{kind.strip('[]')}_{len(value)}_MARK"
    return statements(f"CREATE TABLE {name} (id int PRIMARY KEY, held {kind})", f"INSERT INTO {name} SELECT 7, {value}")


def in_utf_16(portal: Portal, text: str) -> None:
    portal.database.execute("CREATE TABLE IF NOT EXISTS wide (held bytea)")
    portal.database.execute("INSERT INTO wide SELECT %s", [text.encode("utf-16-le")])


def command(*words: str, database: int = 0) -> Plant:
    def plant(portal: Portal, text: str) -> None:
        filled = (word.replace("TEXT", text).replace("MARK", mark(text)) for word in words)
        portal.broker(database).execute_command(*filled)

    return plant


def file(where: str, content: Callable[[str], bytes]) -> Plant:
    def plant(portal: Portal, text: str) -> None:
        path = portal.home.path / where
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((path.read_bytes() if path.exists() else b"") + content(text))

    return plant


def mail(text: str) -> bytes:
    message = EmailMessage()
    message["To"] = "Somebody <somebody@example.org>"
    message["Subject"] = f"For {text}"
    message.set_content(f"Hello, {text}!\n" * 3, cte="base64")
    return bytes(message)


def archive(text: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("sheet.xml", f"<v>{text}</v>" * 5)
    return made.getvalue()


def in_the_name_of_a_file(portal: Portal, text: str) -> None:
    (portal.home.path / "files" / f"{text}.bin").write_bytes(b"")


def beside_the_sockets(portal: Portal, text: str) -> None:
    (portal.home.sockets / f"left.{mark(text)}").write_text(text + "\n", encoding="utf-16")


def in_the_slow_log(portal: Portal, text: str) -> None:
    broker = portal.broker()
    broker.config_set("slowlog-log-slower-than", 0)
    broker.get(text)
    broker.config_set("slowlog-log-slower-than", 10_000_000)


def plain(text: str) -> bytes:
    return f"GET /me/?q={text}\n".encode()


ESCAPED: Final = r"""('"' || replace(TEXT, 'e', '\u0065') || '"')::json"""
LONG: Final = "repeat('There is nothing here to see. ', 900)"
# What is planted, the place in which it has to be found, and how.
PLANTS: Final[dict[str, tuple[str, Plant]]] = {
    "text": ("database", column("text")),
    "bytea": ("database", column("bytea", "convert_to(TEXT, 'UTF8')")),
    "bytea in UTF-16": ("database", in_utf_16),
    "json with escapes": ("database", column("json", ESCAPED)),
    "key of jsonb": ("database", column("jsonb", "jsonb_build_object(TEXT, 1)")),
    "element of an array": ("database", column("text[]", "ARRAY['a', TEXT]")),
    "base64 in text": ("database", column("text", "encode(convert_to(TEXT, 'UTF8'), 'base64')")),
    "compressed by PostgreSQL": ("database", column("text", f"{LONG} || TEXT || {LONG}")),
    "schema vault": ("database", statements("CREATE TABLE vault.kept_MARK AS SELECT TEXT::text AS held")),
    "materialised view": ("database", statements("CREATE MATERIALIZED VIEW seen_MARK AS SELECT TEXT::text AS held")),
    "partition": (
        "database",
        statements(
            "CREATE TABLE whole_MARK (at int, held text) PARTITION BY RANGE (at)",
            "CREATE TABLE part_MARK PARTITION OF whole_MARK FOR VALUES FROM (0) TO (9)",
            "INSERT INTO whole_MARK SELECT 1, TEXT",
        ),
    ),
    "comment": ("database", statements("CREATE TABLE told_MARK ()", "COMMENT ON TABLE told_MARK IS TEXT")),
    "large object": ("database", statements("SELECT lo_from_bytea(0, convert_to(TEXT, 'UTF8'))")),
    "statistics": (
        "database",
        statements(
            "CREATE TABLE counted_MARK AS SELECT TEXT::text AS held FROM generate_series(1, 50)",
            "ANALYZE counted_MARK",
            "DELETE FROM counted_MARK",
        ),
    ),
    "deleted row": (
        "database-files",
        statements("CREATE TABLE passed_MARK AS SELECT TEXT::text AS held", "DELETE FROM passed_MARK"),
    ),
    "dropped table": (
        "database-files",
        statements("CREATE TABLE gone_MARK (held text)", "INSERT INTO gone_MARK SELECT TEXT", "DROP TABLE gone_MARK"),
    ),
    "string": ("broker", command("SET", "planted:string:MARK", "TEXT")),
    "list": ("broker", command("RPUSH", "planted:list", "a", "TEXT")),
    "name in a hash": ("broker", command("HSET", "planted:names", "TEXT", "1")),
    "value in a hash": ("broker", command("HSET", "planted:values", "MARK", "TEXT")),
    "set": ("broker", command("SADD", "planted:set", "TEXT")),
    "sorted set": ("broker", command("ZADD", "planted:sorted", "1", "TEXT")),
    "stream": ("broker", command("XADD", "planted:stream", "*", "MARK", "TEXT")),
    "key": ("broker", command("SET", "login:TEXT", "1")),
    "another database": ("broker", command("SET", "planted:MARK", "TEXT", database=9)),
    "slow command": ("broker", in_the_slow_log),
    "passing key": ("broker-files", command("SET", "planted:passing", "TEXT", "PX", "1")),
    "log": ("logs", file("logs/web.log", plain)),
    "log put away": ("logs", file("logs/web.log.1.gz", lambda text: gzip.compress(plain(text)))),
    "mail": ("mail", file("mail/1.eml", mail)),
    "upload": ("files", file("files/ab/cd/upload", lambda text: text.encode("utf-16-be"))),
    "spreadsheet": ("files", file("files/sheet.xlsx", archive)),
    "name of a file": ("files", in_the_name_of_a_file),
    "deep in a large file": ("home", file("dump.bin", lambda text: bytes(9_000_000) + text.encode() + bytes(99))),
    "file of the portal's": ("home", file("run/state.json", lambda text: json.dumps({"x": text}).encode())),
    "temporary file": ("temporary", beside_the_sockets),
}


def canaries(number: int) -> tuple[str, str]:
    return f"planted.{number:02}@example.org", f"Подложкина-{number:02} Ёлка"


@dataclass(frozen=True)
class Planted:
    clean: dict[str, Any]  # what the scan said before
    found: dict[str, Any]

    def places(self, number: int) -> set[str]:
        return {each["place"] for each in self.found["findings"] if each["needle"] == number}

    def where(self, number: int, place: str) -> list[str]:
        return [each["where"] for each in self.found["findings"] if (each["needle"], each["place"]) == (number, place)]


@pytest.fixture(scope="module")
def planted(portal: Portal) -> Planted:
    """One scan before and one after everything is planted: needle 2n-1 is the n-th plant's address, 2n its name."""
    needles = "\n".join(needle for number in range(len(PLANTS)) for needle in canaries(number))
    clean = portal.findings("--needles-from", "-", stdin=needles)
    for number, (_, plant) in enumerate(PLANTS.values()):
        for canary in canaries(number):
            plant(portal, canary)
    return Planted(clean=clean, found=portal.findings("--needles-from", "-", stdin=needles))


def test_scan_for_says_that_a_clean_portal_is_clean(planted: Planted) -> None:
    assert (planted.clean["status"], planted.clean["verdict"]) == (0, "clean")
    assert (planted.clean["findings"], planted.clean["unread"]) == ([], [])
    assert planted.clean["looked_at"]["database"]["size"] > 1_000_000
    assert planted.clean["looked_at"]["database-files"]["size"] > 10_000_000


@pytest.mark.parametrize("plant", PLANTS)
def test_scan_for_finds_what_was_planted(planted: Planted, plant: str) -> None:
    number = list(PLANTS).index(plant)
    place, _ = PLANTS[plant]

    assert place in planted.places(2 * number + 1)
    assert place in planted.places(2 * number + 2)
    assert (planted.found["status"], planted.found["verdict"]) == (1, "found")


def number_of(plant: str) -> int:
    return 2 * list(PLANTS).index(plant) + 1


def test_scan_for_says_in_which_column_of_which_row(planted: Planted) -> None:
    assert planted.where(number_of("text"), "database") == ["public.planted_text_4_latin.held [id 7]"]
    assert planted.where(number_of("deleted row"), "database") == []
    assert planted.where(number_of("schema vault"), "database") == ["vault.kept_latin.held [ctid (0,1)]"]


def test_scan_for_says_in_which_file_and_wrapping(planted: Planted, portal: Portal) -> None:
    [found] = [each for each in planted.found["findings"] if each["needle"] == number_of("log put away")]

    assert found["where"] == str(portal.home.logs / "web.log.1.gz")
    assert found["chain"] == ["gzip"]


def test_scan_for_never_writes_out_what_it_found(planted: Planted) -> None:
    written = json.dumps(planted.found, ensure_ascii=False)

    assert "planted.0" not in written
    assert "Подложкина" not in written


def test_scan_for_does_not_count_what_is_found_in_an_allowed_place(planted: Planted, portal: Portal) -> None:
    address, _ = canaries(list(PLANTS).index("mail"))

    counted = portal.scan_for(address, "--place", "mail", "--place", "logs")
    allowed = portal.scan_for(address, "--place", "mail", "--place", "logs", "--allow", "mail")

    assert counted.returncode == 1
    assert allowed.returncode == 0
    assert "found, as allowed" in allowed.stdout
    assert "Nothing was found outside the allowed places." in allowed.stdout
    assert address not in counted.stdout + allowed.stdout


def test_scan_for_does_not_find_its_own_list_of_needles(portal: Portal) -> None:
    needles = portal.home.path / "needles.txt"
    needles.write_text("nobody.has.this@example.org\n", encoding="utf-8")

    done = portal.scan_for("--needles-from", str(needles), "--place", "home")
    needles.unlink()

    assert done.returncode == 0, done.stdout


def test_scan_for_looks_into_further_paths(portal: Portal, tmp_path: Path) -> None:
    (tmp_path / "dump.sql").write_text("COPY people\nfurther@example.org\n", encoding="utf-8")

    done = portal.scan_for("further@example.org", "--place", "logs", "--path", str(tmp_path))

    assert done.returncode == 1
    assert f"{tmp_path}/dump.sql at byte 12" in done.stdout


@pytest.mark.parametrize("arguments", [[], ["Ян"], ["--needles-from", "/nonexistent"]])
def test_scan_for_refuses_a_call_without_a_usable_needle(portal: Portal, arguments: list[str]) -> None:
    done = portal.scan_for(*arguments)

    assert done.returncode == 2
    assert "CommandError" in done.stderr
    assert "Traceback" not in done.stderr


# --- what cannot be read ------------------------------------------------------------------------------------


def scanned(*places: str) -> Report:
    made = Places()
    try:
        return scan(made.named(places), Needles.of(["unfindable@example.org"]), quiet=True)
    finally:
        made.close()


@pytest.mark.django_db(transaction=True)
def test_scan_for_says_which_tables_the_application_may_not_read() -> None:
    report = scanned("database")

    assert report.verdict is Verdict.NOT_ALL_READ
    assert "pg_catalog.pg_authid" in {each.where for each in report.unread}
    assert "public.django_migrations" not in {each.where for each in report.unread}


@pytest.mark.django_db(transaction=True)
def test_scan_for_says_when_a_policy_hides_rows(as_table_owner: psycopg.Connection[Any]) -> None:
    as_table_owner.execute("CREATE TABLE walled (held text)")
    as_table_owner.execute("ALTER TABLE walled ENABLE ROW LEVEL SECURITY")

    report = scanned("database")

    assert "public.walled" in {each.where for each in report.unread}


@pytest.mark.django_db(transaction=True)
def test_scan_for_says_that_the_server_does_not_tell_where_its_files_are() -> None:
    report = scanned("database-files")

    assert [each.where for each in report.unread] == ["data files and WAL"]


def test_scan_for_says_which_file_it_may_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "closed").write_bytes(b"?")

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("operator_portal.scanning.files.os.open", refuse)
    report = scan(Places(paths=[tmp_path]).named(["paths"]), Needles.of(["unfindable@example.org"]), quiet=True)

    assert report.verdict is Verdict.NOT_ALL_READ
    assert [(each.where, each.why) for each in report.unread] == [(str(tmp_path / "closed"), "Permission denied")]


def test_scan_for_goes_on_without_the_servers_and_says_so(portal: Portal, tmp_path: Path) -> None:
    home = {"PORTAL_HOME": str(tmp_path), "EMAIL_URL": "consolemail://", "KEYRING": f"file:{portal.home.keyring}"}
    nowhere = {
        "DATABASE_URL": f"postgres://portal_app@/portal?host={tmp_path}",
        "BROKER_URL": f"redis+socket://{tmp_path}/none.sock",
        "CACHE_URL": f"unix://{tmp_path}/none.sock",
        "SECRET_KEY": "of no portal at all, 1234567890 abcdefghijkl",
    }
    (tmp_path / "left.txt").write_text("left.behind@example.org", encoding="utf-8")

    done = portal.scan_for("left.behind@example.org", "--json", env={**home, **nowhere, **WISHES})

    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert [each["where"] for each in found["findings"]] == [str(tmp_path / "left.txt")]
    assert [each["where"] for each in found["unread"]] == ["all tables", "data files and WAL", "server 1", "server 1"]
