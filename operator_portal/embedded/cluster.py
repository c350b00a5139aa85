"""The portal's database and roles inside the private PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from operator_portal.embedded.home import APP, BACKUP, DATABASE, DRILL, OWNER
from operator_portal.embedded.postgres import Postgres
from personal_data import keyring_file

SQL: Final = Path(__file__).resolve().parent.parent
ROLES: Final = (SQL / "roles.sql").read_text()
_ROLES_ARE_CHANGED: Final = 0x726F6C65
DATABASE_RIGHTS: Final = (SQL / "database_rights.sql").read_text()


def ensure_keyring(postgres: Postgres) -> None:
    """Made together with the cluster and never after: a lost keyring must be brought back, not replaced."""
    if not postgres.home.keyring.exists() and not postgres.made.exists():
        keyring_file.write_new(postgres.home.keyring)


def ensure_database(postgres: Postgres, name: str = DATABASE) -> None:
    """The database with its roles and rights; those of one that is there are set anew."""
    if not database_exists(postgres, name):
        with postgres.connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    with _alone(postgres), postgres.connect(name) as connection:
        connection.execute(ROLES.encode())
        connection.execute(DATABASE_RIGHTS.encode())
        for role in (OWNER, APP, BACKUP, DRILL):
            _set_password(connection, role, postgres.home.secret(f"{role}_password"))


@contextmanager
def _alone(postgres: Postgres) -> Iterator[None]:
    """Roles belong to the whole cluster, and PostgreSQL lets no two change the same one at once."""
    with postgres.connect() as keeper:
        keeper.execute("SELECT pg_advisory_lock(%s)", [_ROLES_ARE_CHANGED])
        yield


def ensure_drill_database(postgres: Postgres, name: str = DRILL) -> None:
    """Where backups are restored to see that they can be: its role owns it, and may enter no other."""
    with postgres.connect() as connection:
        if not database_exists(postgres, name):
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 OWNER {}").format(
                    sql.Identifier(name), sql.Identifier(DRILL)
                )
            )
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))


def database_exists(postgres: Postgres, name: str = DATABASE) -> bool:
    with postgres.connect() as connection:
        return connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def drop_database(postgres: Postgres, name: str = DATABASE) -> None:
    with postgres.connect() as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _set_password(connection: psycopg.Connection[Any], role: str, password: str) -> None:
    """Hashed here, so that the password itself is in no statement that the server sees."""
    hashed = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(hashed)))
