"""What a scan says: where each needle was found and through which wrappings, and what could not be read; never what
stands there."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from enum import IntEnum
from typing import Any, Final

from operator_portal.scanning.search import Hit

EXAMPLES: Final = 200  # findings of one place written out for people; --json has all


class Verdict(IntEnum):
    """The exit status."""

    CLEAN = 0
    FOUND = 1
    NOT_ALL_READ = 2


@dataclass(frozen=True, kw_only=True)
class Finding:
    place: str
    where: str  # a file, a table with its column and row, a key
    needle: int
    offset: int  # of the first occurrence
    chain: tuple[str, ...]
    count: int


@dataclass(frozen=True, kw_only=True)
class Unread:
    place: str
    where: str
    why: str


@dataclass(kw_only=True)
class Looked:
    """How much of one place was read."""

    items: int = 0
    size: int = 0


@dataclass
class Report:
    allowed: frozenset[str] = frozenset()
    looked: dict[str, Looked] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    _found: dict[tuple[str, str, int, tuple[str, ...]], list[int]] = field(default_factory=dict)

    def begin(self, place: str) -> None:
        self.looked.setdefault(place, Looked())

    def add_looked(self, place: str, *, items: int = 0, size: int = 0) -> None:
        self.looked[place].items += items
        self.looked[place].size += size

    def add_hits(self, place: str, where: str, hits: Iterable[Hit]) -> None:
        for hit in hits:
            self._found.setdefault((place, where, hit.needle, hit.chain), []).append(hit.offset)

    def add_unread(self, place: str, where: str, why: str) -> None:
        self.unread.append(Unread(place=place, where=where, why=why))

    @property
    def findings(self) -> list[Finding]:
        return [
            Finding(place=place, where=where, needle=needle, offset=min(offsets), chain=chain, count=len(offsets))
            for (place, where, needle, chain), offsets in self._found.items()
        ]

    @property
    def verdict(self) -> Verdict:
        if any(place not in self.allowed for place, *_ in self._found):
            return Verdict.FOUND
        return Verdict.NOT_ALL_READ if self.unread else Verdict.CLEAN

    def as_json(self) -> dict[str, Any]:
        return {
            "verdict": self.verdict.name.lower(),
            "findings": [{**asdict(each), "allowed": each.place in self.allowed} for each in self.findings],
            "unread": [asdict(each) for each in self.unread],
            "looked_at": {place: asdict(looked) for place, looked in self.looked.items()},
        }

    def lines(self) -> Iterator[str]:
        """For people."""
        for place, looked in self.looked.items():
            findings = [each for each in self.findings if each.place == place]
            unread = [each for each in self.unread if each.place == place]
            size = f"{looked.size / 1024 / 1024:.1f} MB"
            yield f"{place:<15} {looked.items:>8} looked at {size:>10}   {self._word(place, findings, unread)}"
            yield from map(_line, findings[:EXAMPLES])
            if len(findings) > EXAMPLES:
                yield f"    … and {len(findings) - EXAMPLES} more; --json has them all"
            yield from (f"    not read: {each.where}: {each.why}" for each in unread)
        outside = " outside the allowed places" if self._found and self.verdict is Verdict.CLEAN else ""
        yield SUMMARY[self.verdict].format(outside=outside)

    def _word(self, place: str, findings: list[Finding], unread: list[Unread]) -> str:
        if findings:
            return "found, as allowed" if place in self.allowed else "FOUND"
        return "not all read" if unread else "clean"


SUMMARY: Final = {
    Verdict.CLEAN: "Nothing was found{outside}.",
    Verdict.FOUND: "Plaintext was found.",
    Verdict.NOT_ALL_READ: "Nothing was found in what could be read, but not everything could be.",
}


def _line(finding: Finding) -> str:
    wrapped = f" inside {' > '.join(finding.chain)}" if finding.chain else ""
    times = f", {finding.count} times" if finding.count > 1 else ""
    return f"    needle {finding.needle}: {finding.where} at byte {finding.offset}{wrapped}{times}"
