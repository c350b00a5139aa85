"""A machine that answers as mc.yandex.ru does: its script, which leaves its cookies, and its counter.
The browser is told that the name leads here, and that the certificate is all right."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

NAME: Final = "mc.yandex.ru"
#: What the real one does as far as a page can see: works off the queue, from then on answers calls at once.
TAG: Final = """
(() => {
  const lasting = '; path=/; max-age=31536000; SameSite=Lax';
  const acts = {
    init: () => {
      document.cookie = '_ym_uid=17000000001' + lasting;
      document.cookie = '_ym_d=1700000000' + lasting;
      localStorage.setItem('_ym_uid', '"17000000001"');
    },
    hit: (counter, url) =>
      fetch(`https://mc.yandex.ru/watch/${counter}?page-url=${encodeURIComponent(url)}`, { mode: 'no-cors' }),
  };
  const ym = (counter, act, ...rest) => acts[act](counter, ...rest);
  window.ym.a.forEach((call) => ym(...call));
  window.ym = ym;
})();
"""


class Metrica:
    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.port = server.server_address[1]
        self.asked: list[str] = []

    @property
    def hits(self) -> list[str]:
        """The addresses of the pages that were counted."""
        watched = [urlsplit(path) for path in self.asked if path.startswith("/watch/")]
        return [parse_qs(parts.query)["page-url"][0] for parts in watched]

    @property
    def launch_arguments(self) -> list[str]:
        return [f"--host-resolver-rules=MAP {NAME}:443 127.0.0.1:{self.port}", "--ignore-certificate-errors"]


@contextmanager
def running(folder: Path) -> Iterator[Metrica]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(folder))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.metrica = Metrica(server)  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.metrica  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()
    thread.join()


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.metrica.asked.append(self.path)  # type: ignore[attr-defined]
        body = TAG.encode() if self.path == "/metrika/tag.js" else b""
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nobody reads it."""


def _certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, encoding = folder / "metrica.pem", serialization.Encoding.PEM
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem.write_bytes(secret + certificate.public_bytes(encoding))
    return pem
