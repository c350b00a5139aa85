"""How gunicorn serves the portal: `gunicorn -c python:operator_portal.gunicorn operator_portal.wsgi`.

No access log and no control socket. The server's own log names no client: gunicorn would write the address of whoever
sends a request that it cannot parse, and the address bar of one that failed, which may hold a one-time link.
"""

import os
import secrets
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger

from operator_portal import confinement
from operator_portal.client_address import KEY_VARIABLE
from operator_portal.embedded.home import CONTENT


class NamelessLogger(Logger):  # type: ignore[misc]
    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        if msg.startswith("Invalid request"):
            msg, args = "A request could not be parsed", ()
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        if msg.startswith("Error handling request"):
            msg, args = "A request failed outside of the application", ()
        super().exception(msg, *args, **kwargs)


def confine(home: Path) -> None:
    """Before the application is loaded: whatever it is made to do, it cannot sign the log nor touch what was signed.
    What stands beside the forbidden folder must be there by then, and no temporary file may stand beside the home."""
    with suppress(OSError):
        for name in (*CONTENT, "run", "static"):
            (home / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        tempfile.tempdir = str(home / "tmp")
    if not confinement.forbid([home / "signer"]):
        print("This kernel has no Landlock: the web process is not kept from the key of the log.", file=sys.stderr)


confine(Path(os.environ.get("PORTAL_HOME") or Path(__file__).parent.parent / ".portal").resolve())

# All worker processes give one client one pseudonym; the key is made here, in the parent, and is written nowhere.
os.environ.setdefault(KEY_VARIABLE, secrets.token_hex(32))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "operator_portal.settings")
os.environ.setdefault("DATABASE_POOL", "1")

bind = os.environ.get("BIND") or f"127.0.0.1:{os.environ.get('PORT') or 8000}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = int(os.environ.get("WEB_THREADS") or 4)
timeout = 30
graceful_timeout = 10
# Against leaks, should there be any. So many that other systems' questions, thousands a second, are not always waiting
# for a worker that starts.
max_requests = 500_000
max_requests_jitter = 50_000
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True
logger_class = NamelessLogger
accesslog = None
errorlog = "-"
loglevel = "warning"
