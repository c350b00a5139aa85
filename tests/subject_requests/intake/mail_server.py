"""A mailbox behind IMAP over a real socket: as much of RFC 3501, 6851 and 4315 as the portal speaks, and no more."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(kw_only=True)
class Letter:
    raw: bytes
    internal_date: str = "20-Nov-2026 11:59:00 +0300"
    flags: set[str] = field(default_factory=set)


@dataclass(kw_only=True)
class Folders:
    """`uids` go up for ever; a new `uidvalidity` says that they begin anew."""

    uidvalidity: int = 7
    can_move: bool = True
    password: str = 's3cret "quoted"'
    inbox: dict[int, Letter] = field(default_factory=dict)
    done: list[Letter] = field(default_factory=list)
    break_at: str = ""
    seen_commands: list[str] = field(default_factory=list)
    port: int = 0
    _last: int = 0

    def deliver(self, raw: bytes, **more: Any) -> int:
        self._last += 1
        self.inbox[self._last] = Letter(raw=raw, **more)
        return self._last

    def renumber(self) -> None:
        self.uidvalidity += 1
        self.inbox = dict(enumerate(self.inbox.values(), start=1))


class _Session(socketserver.StreamRequestHandler):
    folders: Folders

    def handle(self) -> None:
        self._say("* OK ready")
        while line := self.rfile.readline():
            tag, _, command = line.decode().strip().partition(" ")
            self.folders.seen_commands.append(command.partition(" ")[0].upper())
            if self.folders.break_at and self.folders.break_at in command.upper():
                self.folders.break_at = ""
                return
            if self._answer(tag, command):
                return

    def _answer(self, tag: str, command: str) -> bool:
        """True when the session is over."""
        words = command.split()
        verb = "_".join(words[:2] if words[0].upper() == "UID" else words[:1]).lower()
        said = getattr(self, f"do_{verb}", lambda _command: None)(command)
        self._say(f"{tag} {said or 'OK done'}")
        return verb == "logout"

    def do_capability(self, _command: str) -> None:
        self._say(f"* CAPABILITY IMAP4rev1 UIDPLUS{' MOVE' if self.folders.can_move else ''}")

    def do_login(self, command: str) -> str | None:
        given = re.sub(r"\\(.)", r"\1", command.split(" ", 2)[2][1:-1])
        return None if given == self.folders.password else "NO [AUTHENTICATIONFAILED] no"

    def do_select(self, _command: str) -> None:
        self._say(f"* {len(self.folders.inbox)} EXISTS")
        self._say(f"* OK [UIDVALIDITY {self.folders.uidvalidity}] UIDs valid")

    def do_uid_search(self, _command: str) -> None:
        self._say("* SEARCH " + " ".join(map(str, self.folders.inbox)))

    def do_uid_store(self, command: str) -> None:
        flag = re.search(r"\\(\w+)", command)
        self.folders.inbox[int(command.split()[2])].flags.add(flag.group(1) if flag else "")

    def do_uid_copy(self, command: str) -> None:
        self.folders.done.append(self.folders.inbox[int(command.split()[2])])

    def do_uid_expunge(self, command: str) -> None:
        del self.folders.inbox[int(command.split()[2])]

    def do_uid_move(self, command: str) -> None:
        self.do_uid_copy(command)
        self.do_uid_expunge(command)

    def do_logout(self, _command: str) -> None:
        self._say("* BYE")

    def do_uid_fetch(self, command: str) -> None:
        uid, most = int(command.split()[2]), int(re.search(r"<0\.(\d+)>", command).group(1))  # type: ignore[union-attr]
        letter = self.folders.inbox.get(uid)
        if letter is None:
            return
        body = letter.raw[:most]
        head = f'* 1 FETCH (UID {uid} RFC822.SIZE {len(letter.raw)} INTERNALDATE "{letter.internal_date}" BODY[]<0> '
        self.wfile.write(f"{head}{{{len(body)}}}\r\n".encode() + body + b")\r\n")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def running() -> Iterator[Folders]:
    folders = Folders()
    handler = type("Session", (_Session,), {"folders": folders})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        folders.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield folders
        finally:
            server.shutdown()
            thread.join()
