"""What changed for one person: of all that changed, the purposes that use data of people like them and, where a purpose
rests on consent, only those they agreed to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from consent import reach
from consent.models import Acknowledgement, LedgerEntry, PolicyVersion
from consent.selectors import ShownPolicy, purposes_in_force, show_policy
from law import clock
from personal_data.models import Subject
from processing_log.operations import Operation
from profiles import current
from profiles.reach import Change, Direction, Snapshot, changes, snapshot, words_of


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Words for what came and what went."""

    added: Sequence[str]
    removed: Sequence[str]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


@dataclass(frozen=True, kw_only=True)
class ChangeForPerson:
    title: str
    direction: Direction
    by_consent: bool
    has_other_basis: bool
    categories: Listed
    recipients: Listed
    operations: Listed


@dataclass(frozen=True, kw_only=True)
class Notice:
    """A version that the person has not confirmed reading, and what it changes for them since the one they did."""

    policy: ShownPolicy
    read: PolicyVersion | None
    changes: Sequence[ChangeForPerson]


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A consent that was given to less than is done today. `may_renew`: there is a text that says what is done."""

    entry: LedgerEntry
    change: ChangeForPerson
    may_renew: bool


def newest_version() -> PolicyVersion | None:
    """In force or still to come."""
    return PolicyVersion.objects.order_by("number").last()


def last_read(subject_id: UUID) -> PolicyVersion | None:
    read = Acknowledgement.objects.filter(subject_id=subject_id).select_related("policy").order_by("policy_id").last()
    return read.policy if read else None


def notice_for(subject_id: UUID, language: str) -> Notice | None:
    """None when the person has read the newest version."""
    newest, read = newest_version(), last_read(subject_id)
    if newest is None or (read and read.number >= newest.number):
        return None
    return Notice(
        policy=show_policy(newest, language, is_newest=True),
        read=read,
        changes=changes_for(subject_id, read, newest, language) if read else (),
    )


def changes_for(
    subject_id: UUID, before: PolicyVersion, after: PolicyVersion, language: str
) -> Sequence[ChangeForPerson]:
    kind = Subject.objects.values_list("kind", flat=True).get(pk=subject_id)
    agreed = set(purposes_in_force(subject_id))
    return [
        _in_words(change, before.data_map, after.data_map, language)
        for change in changes(before.data_map, after.data_map)
        if kind in _subjects(change) and (not change.reach.needs_consent or change.purpose in agreed)
    ]


def all_changes(before: Snapshot, after: Snapshot, language: str) -> Sequence[ChangeForPerson]:
    """Whomever they concern."""
    return [_in_words(change, before, after, language) for change in changes(before, after)]


def changes_since(before: PolicyVersion, language: str) -> Sequence[ChangeForPerson]:
    """From that version to what the profile says today: what a version that is published now would announce."""
    return all_changes(before.data_map, snapshot(current()), language)


def holds_of(subject_id: UUID, language: str) -> Sequence[Hold]:
    """One for each consent on hold, each to be renewed by an act of its own."""
    entries = list(reach.on_hold().filter(subject_id=subject_id).select_related("text"))
    uncovered = reach.uncovered_purposes(clock.now()) if entries else []
    return [hold for entry in entries if (hold := _hold(entry, language, uncovered))]


def hold_of(subject_id: UUID, purpose: str, language: str) -> Hold | None:
    return next((hold for hold in holds_of(subject_id, language) if hold.entry.purpose == purpose), None)


def _hold(entry: LedgerEntry, language: str, uncovered: Collection[str]) -> Hold | None:
    today = reach.today(entry.purpose)
    if today is None:
        return None
    words = snapshot(current())
    change = Change(purpose=entry.purpose, before=entry.text.reaches, after=today)
    return Hold(
        entry=entry,
        change=_in_words(change, words, words, language),
        may_renew=entry.purpose not in uncovered,
    )


def _subjects(change: Change) -> frozenset[str]:
    return (change.before.subjects if change.before else frozenset()) | (
        change.after.subjects if change.after else frozenset()
    )


def _in_words(change: Change, before: Snapshot, after: Snapshot, language: str) -> ChangeForPerson:
    return ChangeForPerson(
        title=words_of(after if change.after else before, "purposes", change.purpose, language),
        direction=change.direction,
        by_consent=change.reach.needs_consent,
        has_other_basis=bool(change.before and change.after and change.before.basis != change.after.basis),
        categories=Listed(
            added=[words_of(after, "categories", code, language) for code in sorted(change.added("categories"))],
            removed=[words_of(before, "categories", code, language) for code in sorted(change.removed("categories"))],
        ),
        recipients=Listed(
            added=[words_of(after, "recipients", code, language) for code in sorted(change.added("recipients"))],
            removed=[words_of(before, "recipients", code, language) for code in sorted(change.removed("recipients"))],
        ),
        operations=Listed(
            added=_operations(change.added("operations")), removed=_operations(change.removed("operations"))
        ),
    )


def _operations(codes: frozenset[str]) -> list[str]:
    """In the order of the law."""
    return [str(operation.label) for operation in Operation if operation.value in codes]
