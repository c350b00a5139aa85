"""How far processing reaches: for each purpose the data, the recipients and the operations. Read off the profile, kept
with each published version, compared with what was kept before. Nobody is asked whether a version widens anything."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from profiles.bases import Basis
from profiles.documents import sha256
from profiles.schema import Profile, Purpose

Snapshot = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What one purpose may do with whose data."""

    basis: str
    subjects: frozenset[str]
    categories: frozenset[str]
    recipients: frozenset[str]
    operations: frozenset[str]

    @classmethod
    def of(cls, purpose: Purpose) -> Self:
        return cls(
            basis=purpose.basis.value,
            subjects=frozenset(purpose.subject_kinds),
            categories=frozenset(purpose.categories),
            recipients=frozenset(purpose.recipients),
            operations=frozenset(operation.value for operation in purpose.operations),
        )

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            basis=str(data["basis"]),
            subjects=frozenset(data["subjects"]),
            categories=frozenset(data["categories"]),
            recipients=frozenset(data["recipients"]),
            operations=frozenset(data["operations"]),
        )

    def as_data(self) -> dict[str, Any]:
        return {
            "basis": self.basis,
            "subjects": sorted(self.subjects),
            "categories": sorted(self.categories),
            "recipients": sorted(self.recipients),
            "operations": sorted(self.operations),
        }

    @property
    def needs_consent(self) -> bool:
        return self.basis == Basis.CONSENT

    def covers(self, other: "Reach") -> bool:
        """Whether whoever agreed to this has agreed to that too."""
        return (
            other.categories <= self.categories
            and other.recipients <= self.recipients
            and other.operations <= self.operations
        )


def snapshot(profile: Profile) -> dict[str, Any]:
    """The data map as it is kept with a version: codes, and the words for them, which may be gone tomorrow."""
    return {
        "purposes": {
            code: {"title": purpose.title.model_dump(), **Reach.of(purpose).as_data()}
            for code, purpose in profile.purposes.items()
        },
        "categories": {code: category.title.model_dump() for code, category in profile.categories.items()},
        "recipients": {code: recipient.title.model_dump() for code, recipient in profile.recipients.items()},
    }


def hash_of(kept: Snapshot) -> str:
    return sha256(json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


Direction = Literal["new", "gone", "wider", "narrower", "other"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """What became of one purpose from one snapshot to another. `before` or `after` is None where it was not there."""

    purpose: str
    before: Reach | None
    after: Reach | None

    @property
    def direction(self) -> Direction:
        if self.before is None:
            return "new"
        if self.after is None:
            return "gone"
        if not self.before.covers(self.after) or not self.after.subjects <= self.before.subjects:
            return "wider"
        return "other" if self.after.basis != self.before.basis else "narrower"

    @property
    def widens(self) -> bool:
        return self.direction in ("new", "wider")

    @property
    def reach(self) -> Reach:
        """As it is now, or was last."""
        found = self.after or self.before
        assert found, "a change has a side"
        return found

    def added(self, what: Literal["categories", "recipients", "operations"]) -> frozenset[str]:
        return _codes(self.after, what) - _codes(self.before, what)

    def removed(self, what: Literal["categories", "recipients", "operations"]) -> frozenset[str]:
        return _codes(self.before, what) - _codes(self.after, what)


def _codes(reach: Reach | None, what: str) -> frozenset[str]:
    return getattr(reach, what) if reach else frozenset()


def reaches_of(kept: Snapshot) -> dict[str, Reach]:
    return {code: Reach.from_data(data) for code, data in kept.get("purposes", {}).items()}


def changes(before: Snapshot, after: Snapshot) -> tuple[Change, ...]:
    """In the order of the newer one; what is gone stands at the end."""
    old, new = reaches_of(before), reaches_of(after)
    return tuple(
        Change(purpose=code, before=old.get(code), after=new.get(code))
        for code in _in_order(new, old)
        if old.get(code) != new.get(code)
    )


def _in_order(first: Iterable[str], then: Iterable[str]) -> list[str]:
    return list(dict.fromkeys([*first, *then]))


def words_of(kept: Snapshot, what: Literal["purposes", "categories", "recipients"], code: str, language: str) -> str:
    row = kept.get(what, {}).get(code, {})
    title = row.get("title", row)
    return str(title.get("en" if language.startswith("en") else "ru", code))
