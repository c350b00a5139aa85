"""All places of this portal, as the settings, the servers and the embedded launcher know them."""

import os
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import psycopg
import redis
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

from operator_portal.embedded.home import SUPERUSER, Home
from operator_portal.embedded.postgres import Postgres
from operator_portal.scanning.places import place
from operator_portal.scanning.places.broker import BrokerPlace, connect, servers
from operator_portal.scanning.places.database import DatabasePlace
from operator_portal.scanning.places.disk import FilesPlace
from operator_portal.scanning.places.place import Place

UPLOADS_IN_TMP: Final = "*.upload*"
NOT_FOR_LIBPQ: Final = {"pool", "isolation_level", "assume_role", "server_side_binding", "sslcert_password"}
ELSEWHERE: Final = "the files of the server are not on this machine"
UNTOLD: Final = "the server does not tell this role where its files are"


@dataclass(kw_only=True)
class Places:
    """`database_url`: of a role that may read all; else the superuser of an embedded portal, or the application's."""

    database_url: str = ""
    paths: Collection[Path] = ()
    left_out: Collection[Path] = ()  # a file of needles would be found, of course
    jobs: int = 1
    _open: list[psycopg.Connection[Any]] = field(default_factory=list)

    def named(self, names: Collection[str]) -> Iterator[Place]:
        for name in place.PLACES:
            if name in names:
                yield self._place(name)

    def close(self) -> None:
        for connection in self._open:
            connection.close()

    def _place(self, name: str) -> Place:
        match name:
            case place.DATABASE:
                return DatabasePlace(connect=lambda: self._database)
            case place.DATABASE_FILES:
                return self._database_files()
            case place.BROKER:
                return BrokerPlace(urls=broker_urls())
            case place.BROKER_FILES:
                return self._files(name, further=_broker_folders(), known_gaps=dict(_gaps_of_broker_files()))
            case _:
                return self._files(name)

    # --- files ------------------------------------------------------------------------------------------------------

    def _files(
        self,
        name: str,
        *,
        further: Iterable[Path] = (),
        left_out: Iterable[Path] = (),
        known_gaps: Mapping[str, str] | None = None,
    ) -> FilesPlace:
        own = _without_nested([*self._roots[name], *further])
        others = {root for other, roots in self._roots.items() if other != name for root in roots} - set(own)
        return FilesPlace(
            name=name,
            roots=own,
            left_out=frozenset({*others, *left_out, *self.left_out}),
            known_gaps=known_gaps or {},
            jobs=self.jobs,
        )

    @cached_property
    def _roots(self) -> dict[str, list[Path]]:
        """As far as they are known without asking a server."""
        home = Home(settings.PORTAL_HOME)
        roots = {
            place.DATABASE_FILES: [home.services / "database"],
            place.BROKER_FILES: [home.services / "broker"],
            place.LOGS: [home.logs, *_log_files()],
            place.MAIL: [home.path / "mail", *_setting_paths("EMAIL_FILE_PATH")],
            place.FILES: [*_setting_paths("FILES_DIR", "MEDIA_ROOT")],
            place.HOME: [home.path, home.services],
            place.TEMPORARY: [home.sockets, *_uploads_in_tmp(), *_setting_paths("FILE_UPLOAD_TEMP_DIR")],
            place.PATHS: list(self.paths),
        }
        return {name: _without_nested(found) for name, found in roots.items()}

    # --- database ---------------------------------------------------------------------------------------------------

    @cached_property
    def _database(self) -> psycopg.Connection[Any]:
        connection = self._connect()
        self._open.append(connection)
        return connection

    def _connect(self) -> psycopg.Connection[Any]:
        if self.database_url:
            return psycopg.connect(self.database_url, autocommit=True)
        known = connections[DEFAULT_DB_ALIAS].settings_dict
        home = Home(settings.PORTAL_HOME)
        if known["HOST"] == str(home.sockets) and (home.secrets / f"{SUPERUSER}_password").exists():
            return Postgres(home).connect(known["NAME"])
        options = {name: value for name, value in known["OPTIONS"].items() if name not in NOT_FOR_LIBPQ}
        return psycopg.connect(
            host=known["HOST"] or None,
            port=known["PORT"] or None,
            user=known["USER"] or None,
            password=known["PASSWORD"] or None,
            dbname=known["NAME"],
            autocommit=True,
            **options,
        )

    def _database_files(self) -> FilesPlace:
        try:
            folders = _data_folders(self._database)
            others = list(_other_databases(self._database, folders))
            gaps = dict(_gaps_of_database_files(self._database, folders))
        except psycopg.OperationalError as error:
            folders, others, gaps = [], [], {"data files and WAL": type(error).__name__}
        return self._files(place.DATABASE_FILES, further=folders, left_out=others, known_gaps=gaps)


# --- what the servers say -------------------------------------------------------------------------------------------


def _data_folders(database: psycopg.Connection[Any]) -> list[Path]:
    """Empty when the server does not tell."""
    try:
        database.execute("CHECKPOINT")  # what is only in the server's memory goes to the files
        (folder,) = database.execute("SHOW data_directory").fetchone() or ("",)
    except psycopg.errors.InsufficientPrivilege:
        return []
    spaces = database.execute("SELECT pg_tablespace_location(oid) FROM pg_tablespace").fetchall()
    return [Path(folder), *(Path(space) for (space,) in spaces if space)]


def _other_databases(database: psycopg.Connection[Any], folders: Iterable[Path]) -> Iterator[Path]:
    others = database.execute("SELECT oid FROM pg_database WHERE datname <> current_database()").fetchall()
    for folder in folders:
        yield from (folder / "base" / str(oid) for (oid,) in others)


def _gaps_of_database_files(database: psycopg.Connection[Any], folders: Sequence[Path]) -> Iterator[tuple[str, str]]:
    if not folders:
        yield "data files and WAL", UNTOLD
    for folder in folders:
        if not folder.exists():
            yield str(folder), ELSEWHERE
    (compression,) = database.execute("SHOW wal_compression").fetchone() or ("off",)
    if compression != "off":
        yield "WAL", f"pages in it are compressed (wal_compression = {compression})"


def _broker_folders() -> Iterator[Path]:
    for url in servers(broker_urls()):
        try:
            yield Path(connect(url).config_get("dir")["dir"])
        except (redis.RedisError, KeyError):
            continue


def _gaps_of_broker_files() -> Iterator[tuple[str, str]]:
    for number, url in enumerate(servers(broker_urls()), 1):
        try:
            folder = connect(url).config_get("dir").get("dir", "")
        except redis.RedisError as error:
            yield f"server {number}", f"{UNTOLD} ({type(error).__name__})"
            continue
        if not Path(folder).exists():
            yield f"server {number}", ELSEWHERE


# --- what the settings say ------------------------------------------------------------------------------------------


def broker_urls() -> list[str]:
    caches: list[Mapping[str, Any]] = list(settings.CACHES.values())
    of_caches = [cache["LOCATION"] for cache in caches if "redis" in cache["BACKEND"].lower()]
    return [settings.CELERY_BROKER_URL, *(url for each in of_caches for url in _listed(each))]


def _listed(location: str | list[str]) -> list[str]:
    """A cache of several servers has a list of them, or one text with commas."""
    return location.split(",") if isinstance(location, str) else location


def _log_files() -> Iterator[Path]:
    handlers: Mapping[str, Any] = settings.LOGGING.get("handlers", {})
    yield from (Path(handler["filename"]) for handler in handlers.values() if "filename" in handler)


def _setting_paths(*names: str) -> Iterator[Path]:
    for name in names:
        value = getattr(settings, name, None)
        if value:
            yield Path(value)


def _uploads_in_tmp() -> Iterator[Path]:
    """What Django left of an upload when its process was killed."""
    for path in Path(tempfile.gettempdir()).glob(UPLOADS_IN_TMP):
        if path.lstat().st_uid == os.geteuid():
            yield path


def _without_nested(paths: Iterable[Path]) -> list[Path]:
    """Each file once: of two roots one inside the other the outer."""
    resolved = sorted({path.resolve() for path in paths})
    return [path for path in resolved if not any(outer in path.parents for outer in resolved)]
