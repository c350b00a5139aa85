"""What a check of the running site has found in a browser or on a page that the registry does not know."""

from dataclasses import asdict, dataclass, field
from typing import Any, Final

COOKIE: Final = "cookie"
STORAGE: Final = "storage"
HOST: Final = "host"
MOST_PAGES: Final = 500


@dataclass(frozen=True, kw_only=True, order=True)
class Finding:
    """`page` is the path on which it was seen first."""

    what: str
    name: str
    page: str

    def __str__(self) -> str:
        return f"{self.what} {self.name}, seen on {self.page}"


class NotReached(Exception):
    """Nobody answers at the address: nothing was checked."""


@dataclass(kw_only=True)
class Report:
    pages: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, what: str, name: str, page: str) -> None:
        if not any((known.what, known.name) == (what, name) for known in self.findings):
            self.findings.append(Finding(what=what, name=name, page=page))

    def as_data(self) -> dict[str, Any]:
        return {"pages": self.pages, "findings": [asdict(finding) for finding in sorted(self.findings)]}
