"""Callers over HTTP: connections that are kept, each in a thread. Imports nothing of the portal.

`python -m benchmarks.question.callers`, told in JSON on its input (see `Calls`), answering in JSON.
"""

import json
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import cycle
from time import perf_counter, sleep
from typing import Any, Final

CONNECTIONS: Final = 8


@dataclass(frozen=True, kw_only=True)
class Calls:
    """`pace` is requests a second of all connections together; 0 is as fast as they are answered. With a pace the
    waiting for a connection that is busy counts as waiting for the answer."""

    port: int
    path: str
    key: str
    bodies: list[str]
    seconds: float
    pace: float = 0
    headers: dict[str, str] = field(default_factory=dict)

    def requests(self, first: int) -> Iterator[bytes]:
        head = {
            "Host": "localhost", "Authorization": f"Bearer {self.key}", "Content-Type": "application/json",
            "Accept-Language": "en", **self.headers,
        }  # fmt: skip
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        return cycle(
            f"POST {self.path} HTTP/1.1\r\n{lines}Content-Length: {len(body)}\r\n\r\n{body}".encode()
            for body in self.bodies[first::CONNECTIONS]
        )

    def as_order(self) -> str:
        return json.dumps(asdict(self))


def call(calls: Calls, number: int) -> list[float]:
    """Seconds of each answer."""
    waited: list[float] = []
    requests, between = calls.requests(number), CONNECTIONS / calls.pace if calls.pace else 0
    line = Line(calls.port)
    began = perf_counter()
    due = began + between * number / CONNECTIONS
    while (now := perf_counter()) - began < calls.seconds:
        if between:
            sleep(max(0.0, due - now))
        started = due if between else now
        answer = line.ask(next(requests))
        assert answer.startswith(b"HTTP/1.1 200"), answer[:500]
        waited.append(perf_counter() - started)
        due += between
    return waited


class Line:
    """A connection that is kept. A server whose worker starts anew closes it; then it is made again, as any client
    does."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connect()

    def _connect(self) -> None:
        self._line = socket.create_connection(("127.0.0.1", self._port), timeout=30)
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> bytes:
        while True:
            try:
                return self._ask(request)
            except ConnectionError:
                self._line.close()
                self._connect()

    def _ask(self, request: bytes) -> bytes:
        self._line.sendall(request)
        answer = b""
        while not _is_whole(answer):
            more = self._line.recv(65536)
            if not more:
                raise ConnectionError
            answer += more
        return answer


def _is_whole(answer: bytes) -> bool:
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found:
        return False
    _, _, rest = head.lower().partition(b"content-length:")
    return len(body) >= int(rest.split(b"\r\n", 1)[0])


def main() -> None:
    calls = Calls(**json.load(sys.stdin))
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        waited: list[Any] = list(pool.map(lambda number: call(calls, number), range(CONNECTIONS)))
    every = sorted(seconds for one in waited for seconds in one)
    print(
        json.dumps(
            {
                "rate": len(every) / calls.seconds,
                "p50": every[len(every) // 2],
                "p99": every[int(len(every) * 0.99)],
            }
        )
    )


if __name__ == "__main__":
    main()
