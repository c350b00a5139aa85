"""All that the broker and the cache hold: every database, keys and values of every type, the log of slow commands."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

import redis

from operator_portal.scanning.batch import Batch
from operator_portal.scanning.needles import Needles
from operator_portal.scanning.places.place import BROKER, Progress
from operator_portal.scanning.report import Report
from operator_portal.scanning.search import Hit, search
from operator_portal.scanning.windows import OVERLAP, WINDOW

KOMBU_SOCKET: Final = "redis+socket"
PAGE: Final = 500
Client = Any  # redis-py types each answer as maybe awaitable


def connect(url: str, *, database: int | None = None) -> Client:
    """Celery and Django write the address of a socket each in its own way."""
    parts = urlsplit(url)
    if parts.scheme == KOMBU_SOCKET:
        url = f"unix://{parts.netloc}{parts.path}"
    client = redis.Redis.from_url(url)
    if database is not None:
        client.connection_pool.connection_kwargs["db"] = database
    return client


def servers(urls: Iterable[str]) -> list[str]:
    """One address for each server among them, whatever database they name."""
    found: dict[tuple[Any, ...], str] = {}
    for url in urls:
        known = connect(url).connection_pool.connection_kwargs
        found.setdefault(tuple(known.get(name) for name in ("path", "host", "port")), url)
    return list(found.values())


@dataclass(kw_only=True)
class BrokerPlace:
    urls: list[str]
    name: str = BROKER
    _reachable: dict[str, int] = field(default_factory=dict)
    _unread: dict[str, str] = field(default_factory=dict)

    def size(self) -> int:
        self._reachable, self._unread = {}, {}
        for number, url in enumerate(servers(self.urls), 1):
            try:
                self._reachable[url] = int(connect(url).info("memory")["used_memory"])
            except redis.RedisError as error:
                self._unread[f"server {number}"] = type(error).__name__
        return sum(self._reachable.values())

    def scan(self, needles: Needles, report: Report, progress: Progress) -> None:
        for where, why in self._unread.items():
            report.add_unread(self.name, where, why)
        for url, size in self._reachable.items():
            server = _Server(url=url, needles=needles, report=report)
            server.scan()
            progress(size)


@dataclass(kw_only=True)
class _Server:
    url: str
    needles: Needles
    report: Report

    def scan(self) -> None:
        client = connect(self.url)
        for database in sorted(int(name.removeprefix("db")) for name in client.info("keyspace")):
            self._scan_database(database)
        self._scan_slow_log(client)

    def _scan_database(self, database: int) -> None:
        client = connect(self.url, database=database)
        batch = self._batch(lambda key: f"database {database}, {self._word(key)}")
        for key in client.scan_iter(count=PAGE):
            batch.add(key, key)
            kind = client.type(key).decode()
            if kind in READERS:
                self._read(batch, client, key, READERS[kind])
            elif kind != "none":
                self.report.add_unread(BROKER, f"database {database}, {self._word(key)}", f"a value of type {kind}")
            self.report.add_looked(BROKER, items=1)
        batch.flush()

    def _read(self, batch: Batch[bytes], client: Client, key: bytes, reader: "Reader") -> None:
        try:
            for value in reader(client, key):
                batch.add(key, value)
                self.report.add_looked(BROKER, size=len(value))
        except redis.ResponseError as error:
            self.report.add_unread(BROKER, self._word(key), type(error).__name__)

    def _scan_slow_log(self, client: Client) -> None:
        batch = self._batch(lambda _: "the log of slow commands")
        try:
            for entry in client.slowlog_get(-1):
                command = entry["command"]
                batch.add(b"", command if isinstance(command, bytes) else b" ".join(command))
        except redis.ResponseError as error:
            self.report.add_unread(BROKER, "the log of slow commands", type(error).__name__)
        batch.flush()

    def _batch(self, where: Callable[[bytes], str]) -> Batch[bytes]:
        def found(key: bytes, hit: Hit, _: bytes) -> None:
            self.report.add_hits(BROKER, where(key), [hit])

        def cut(key: bytes) -> None:
            self.report.add_unread(BROKER, where(key), "more is packed inside than the scan unpacks")

        return Batch(self.needles, found, cut)

    def _word(self, key: bytes) -> str:
        """A key that is itself a finding is not written out."""
        if search(key, self.needles).hits:
            return f"a key with SHA-256 {sha256(key).hexdigest()[:16]}"
        return f"key {key.decode(errors='backslashreplace')}"


Reader = Callable[[Client, bytes], Iterator[bytes]]


def _string(client: Client, key: bytes) -> Iterator[bytes]:
    start = 0
    while value := client.getrange(key, start, start + WINDOW - 1):
        yield value
        if len(value) < WINDOW:
            return
        start += WINDOW - OVERLAP


def _list(client: Client, key: bytes) -> Iterator[bytes]:
    start = 0
    while values := client.lrange(key, start, start + PAGE - 1):
        yield from values
        start += PAGE


def _hash(client: Client, key: bytes) -> Iterator[bytes]:
    for name, value in client.hscan_iter(key, count=PAGE):
        yield name
        yield value


def _set(client: Client, key: bytes) -> Iterator[bytes]:
    yield from client.sscan_iter(key, count=PAGE)


def _sorted_set(client: Client, key: bytes) -> Iterator[bytes]:
    yield from (member for member, _ in client.zscan_iter(key, count=PAGE))


def _stream(client: Client, key: bytes) -> Iterator[bytes]:
    first = b"-"
    while entries := client.xrange(key, min=first, count=PAGE):
        for _, fields in entries:
            for name, value in fields.items():
                yield name
                yield value
        last, _ = entries[-1]
        first = b"(" + last


READERS: Final[dict[str, Reader]] = {
    "string": _string,
    "list": _list,
    "hash": _hash,
    "set": _set,
    "zset": _sorted_set,
    "stream": _stream,
}
