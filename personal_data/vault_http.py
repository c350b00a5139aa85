"""A Vault's HTTP API, as much of it as a keyring needs. OpenBao speaks the same.

VAULT_ADDR, VAULT_TOKEN (or VAULT_TOKEN_FILE, which an agent may renew), VAULT_CACERT, VAULT_NAMESPACE: the names that
Vault's own programs have. One connection a thread; a token is read anew when it is refused.
"""

import http.client
import json
import ssl
import threading
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlsplit

from environ.fileaware_mapping import FileAwareMapping

from personal_data.errors import KeyringMissing

SECONDS: Final = 10
_REFUSED: Final = 403


class VaultRefused(Exception):
    """The Vault answered, and said no. Carries the status alone: its words may repeat what was sent."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


@dataclass(frozen=True, eq=False)
class VaultClient:
    """Raises KeyringMissing where the Vault is not reached or not named."""

    _local: threading.local = field(default_factory=threading.local)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The `data` of the answer. Raises VaultRefused, KeyringMissing."""
        status, answer = self._ask(method, path, body)
        if status == _REFUSED:
            self.close()
            status, answer = self._ask(method, path, body)
        if status >= http.HTTPStatus.BAD_REQUEST and not (answer.get("data") or {}).get("batch_results"):
            raise VaultRefused(status)
        return answer.get("data") or {}

    def _ask(self, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, dict[str, Any]]:
        payload = json.dumps(body) if body is not None else None
        for is_last in (False, True):
            connection, headers = self._connection()
            try:
                connection.request(method, f"/v1/{quote(path)}", payload, headers)
                response = connection.getresponse()
                text = response.read()
                return response.status, json.loads(text) if text else {}
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.close()  # one that was kept may have been closed meanwhile
                if is_last:
                    raise KeyringMissing(f"the Vault of VAULT_ADDR does not answer: {type(error).__name__}") from None
        raise AssertionError("unreachable")

    def _connection(self) -> tuple[http.client.HTTPConnection, dict[str, str]]:
        kept: tuple[http.client.HTTPConnection, dict[str, str]] | None = getattr(self._local, "kept", None)
        if kept is None:
            kept = self._local.kept = _connect()
        return kept

    def close(self) -> None:
        """The connection of this thread; the next question makes another."""
        kept = getattr(self._local, "kept", None)
        if kept:
            kept[0].close()
            self._local.kept = None


#: one for all keyrings of the process
CLIENT: Final = VaultClient()


def _connect() -> tuple[http.client.HTTPConnection, dict[str, str]]:
    given = FileAwareMapping(cache=False)
    try:
        address = urlsplit(str(given["VAULT_ADDR"]).strip())
        headers = {"X-Vault-Token": str(given["VAULT_TOKEN"]).strip(), "X-Vault-Request": "true"}
    except (KeyError, OSError):
        raise KeyringMissing("KEYRING=vault:… needs VAULT_ADDR and VAULT_TOKEN (or VAULT_TOKEN_FILE)") from None
    if namespace := str(given.get("VAULT_NAMESPACE", "")).strip():
        headers["X-Vault-Namespace"] = namespace
    if not address.hostname:
        raise KeyringMissing("VAULT_ADDR is not an address like https://vault.example.org:8200")
    if address.scheme == "https":
        trusted = ssl.create_default_context(cafile=str(given.get("VAULT_CACERT", "")).strip() or None)
        return http.client.HTTPSConnection(address.hostname, address.port, timeout=SECONDS, context=trusted), headers
    return http.client.HTTPConnection(address.hostname, address.port, timeout=SECONDS), headers
