"""Values that cannot be mistaken for anything else: where one of them stands, it was entered by the journey."""

import secrets
from dataclasses import dataclass, field
from typing import Final

CYRILLIC: Final = str.maketrans("0123456789abcdef", "абвгдежзиклмнопр")
FROM_WHERE: Final = "203.0.113.77"


@dataclass(kw_only=True)
class Canaries:
    """Each asked for gets a song of its own. `released` are all of them."""

    released: list[str] = field(default_factory=list)

    def latin(self, what: str) -> str:
        return self._release(f"Kanareika{what}{secrets.token_hex(4)}")

    def cyrillic(self, what: str) -> str:
        return self._release(f"Канарейка{what}{secrets.token_hex(4).translate(CYRILLIC)}")

    def both(self, what: str) -> str:
        return f"{self.latin(what)} и {self.cyrillic(what)}"

    def address(self, what: str) -> str:
        return self._release(f"kanareika.{what}.{secrets.token_hex(4)}@example.org")

    def headers(self) -> dict[str, str]:
        """What a browser and the proxies in front of us tell about where somebody is and came from."""
        self._release(FROM_WHERE)
        return {
            "User-Agent": self.latin("UA-4711-"),
            "Referer": f"https://{self.latin('referrer').lower()}.example/{self.latin('page')}",
            "X-Forwarded-For": FROM_WHERE,
            "X-Real-IP": FROM_WHERE,
            "Forwarded": f"for={FROM_WHERE}",
            "Sec-CH-UA-Model": self.latin("model"),
        }

    def _release(self, song: str) -> str:
        self.released.append(song)
        return song
