"""What the pages on accounts show. Whatever opens a value has to be called inside of processing()."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import models

import profiles
from access.roles import Role
from accounts import border
from accounts import models as account_models
from accounts.models import MailAddress, Session, User
from accounts.wording import article, reader_language
from law import clock
from personal_data.fields import SealedCharField, SealedDateField, SealedEmailField, SealedMixin
from personal_data.gathering import Gathered, gather
from personal_data.models import Subject
from profiles.schema import Category, Profile, Purpose, Recipient, RetentionRule
from retention import lifetimes
from retention import selectors as retention
from retention.lifetimes import Lifetime
from retention.models import Clock
from retention.rules import rule_for, rules_of
from retention.selectors import Due, Stay

SHORT = (SealedCharField, SealedEmailField, SealedDateField)


# --- finding people -----------------------------------------------------------------------------------------------


def find_subject_by_email(address: str) -> UUID | None:
    """The person with exactly this address: whoever signs in with it, else whose closed account had it. By the blind
    index: nothing is opened."""
    signs_in = border.subject_of(border.token(address))
    if signs_in:
        return signs_in
    held = MailAddress.objects.filter(address=address, subject__user__is_active=False)
    return held.order_by("-subject__created_at").values_list("subject_id", flat=True).first()


# --- my data at a glance ------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Value:
    label: str
    value: str | date
    field: str


@dataclass(frozen=True, kw_only=True)
class Why:
    """A purpose that is open for this person, in their language."""

    title: str
    description: str
    basis: str
    article: str
    basis_note: str
    by_consent: bool


@dataclass(frozen=True, kw_only=True)
class Until:
    """When a category goes: on a day, where a term runs; else the rule."""

    title: str
    norm: str
    on: date | None


@dataclass(frozen=True, kw_only=True)
class Held:
    """One category of what is held about one person. Short values are told; of texts only the number is. `needed` are
    the purposes that go on: why there is no day yet."""

    code: str
    title: str
    source: str
    seen_by: str
    values: Sequence[Value]
    texts: int
    why: Sequence[Why]
    until: Sequence[Until]
    needed: Sequence[str] = ()

    @property
    def is_empty(self) -> bool:
        return not self.values and not self.texts


@dataclass(frozen=True, kw_only=True)
class Receiver:
    title: str
    what: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Overview:
    reference: UUID
    since: datetime
    is_blocked: bool
    next_destruction: Due | None
    stays: Sequence[Stay]
    held: Sequence[Held]
    receivers: Sequence[Receiver]

    @property
    def present(self) -> Sequence[Held]:
        return [held for held in self.held if not held.is_empty]

    @property
    def absent(self) -> Sequence[Held]:
        return [held for held in self.held if held.is_empty]


def overview(subject_id: UUID) -> Overview:
    """Everything that is held about a person, read off the data map and the profile."""
    return overview_of(gather(subject_id, events=False))


def overview_of(gathered: Gathered) -> Overview:
    profile, words = profiles.current(), reader_language()
    subject = gathered.subject
    values, texts = _values_by_category(gathered)
    clocks = gathered.of(Clock)
    ends = retention.next_of(retention.due_of(clocks))
    lives = lifetimes.of_person(subject, clocks)
    held = [
        Held(
            code=category.code,
            title=category.title.in_language(words),
            source=category.source.in_language(words),
            seen_by=category.seen_by.in_language(words),
            values=values.get(category.code, ()),
            texts=texts.get(category.code, 0),
            why=[_why(purpose, words) for purpose in open_purposes(profile, category, subject)],
            until=_until(lives[category.code], profile, category, subject.kind, words),
            needed=[profile.purposes[code].title.in_language(words) for code in lives[category.code].goes_on],
        )
        for category in profile.categories.values()
    ]
    return Overview(
        reference=subject.pk,
        since=subject.created_at,
        is_blocked=subject.blocked_at is not None,
        next_destruction=ends,
        stays=retention.stays(subject.pk, clock.now()),
        held=held,
        receivers=[_receiver(recipient, words) for recipient in profile.recipients.values()],
    )


def open_purposes(profile: Profile, category: Category, subject: Subject) -> list[Purpose]:
    """For what the category may be used now."""
    return [purpose for purpose in purposes_open_for(profile, subject) if purpose.covers(category.code)]


def purposes_open_for(profile: Profile, subject: Subject) -> list[Purpose]:
    """A consent that was not given opens nothing."""
    return [
        purpose
        for purpose in profile.purposes.values()
        if subject.kind in purpose.subject_kinds
        and (not purpose.needs_consent or purpose.code in subject.open_purposes)
    ]


def _values_by_category(gathered: Gathered) -> tuple[dict[str, list[Value]], dict[str, int]]:
    values: dict[str, list[Value]] = {}
    texts: dict[str, int] = {}
    for holding, rows in gathered.rows:
        for row in rows:
            if getattr(row, "is_held_back", False):
                continue
            for field in holding.fields:
                if not field.is_held(row):
                    continue
                if isinstance(field, SHORT):
                    value = Value(label=label(field), value=getattr(row, field.attname), field=field.name)
                    values.setdefault(field.category, []).append(value)
                else:
                    texts[field.category] = texts.get(field.category, 0) + 1
    return values, texts


def label(field: SealedMixin) -> str:
    """As the profile calls it, where it does."""
    known = {each.code: each.label for each in profiles.current().fields}
    if field.name in known:
        return known[field.name].in_language(reader_language())
    name = str(field.verbose_name)
    return name[:1].upper() + name[1:]


def _why(purpose: Purpose, words: str) -> Why:
    return Why(
        title=purpose.title.in_language(words),
        description=purpose.description.in_language(words),
        basis=str(purpose.basis.value),
        article=article(purpose.basis.value),
        basis_note=purpose.basis_note.in_language(words),
        by_consent=purpose.needs_consent,
    )


def _until(life: Lifetime, profile: Profile, category: Category, kind: str, words: str) -> list[Until]:
    """What two purposes need lives until the later one ends."""
    ends = retention.due_of([life.last]) if life.last else ()
    return terms_of(profile, category, kind, ends[0] if ends else None, words)


def terms_of(profile: Profile, category: Category, kind: str, ends: Due | None, words: str) -> list[Until]:
    """The day, where a term runs that ends all; else the rules by which the day will come."""
    if ends:
        return [Until(title=ends.title, norm=ends.norm, on=ends.destroy_on)]
    return [_rule(rule, words) for rule in rules_of(category.code, kind)]


def _rule(rule: RetentionRule, words: str) -> Until:
    return Until(title=rule.title.in_language(words), norm=rule.norm.in_language(words), on=None)


def _receiver(recipient: Recipient, words: str) -> Receiver:
    return Receiver(
        title=recipient.title.in_language(words),
        what=recipient.what.in_language(words),
        why=recipient.why.in_language(words),
    )


# --- profile ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ProfileValue:
    code: str
    label: str
    value: str
    consequence: str


def profile_values(subject_id: UUID) -> list[ProfileValue]:
    """The optional values that the profile asks for, held or not."""
    row = account_models.Profile.objects.filter(subject_id=subject_id).first()
    return [
        ProfileValue(
            code=field.code,
            label=field.label.in_language(reader_language()),
            value=(getattr(row, field.code) if row else None) or "",
            consequence=field.consequence.in_language(reader_language()),
        )
        for field in profiles.current().fields
        if field.code in account_models.NAMES
    ]


def consequence_of_no_address() -> str:
    return next(f.consequence for f in profiles.current().fields if f.code == "email").in_language(reader_language())


@dataclass(frozen=True, kw_only=True)
class Addresses:
    current: str | None
    pending: str | None


def addresses_of(user: User) -> Addresses:
    rows = list(MailAddress.objects.filter(subject_id=user.subject_id))
    in_force = border.digest_of(user.email)
    current = next((row.address for row in rows if bytes(row.address_index) == in_force), None)
    pending = next((row.address for row in rows if bytes(row.address_index) != in_force), None)
    return Addresses(current=current, pending=pending)


# --- what ends with the account -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What deleting the account does: with each category after the term, and what stays by which norm."""

    goes: Sequence[tuple[str, str]]
    rule: Until
    days: int
    stays: Sequence[Until]


def ending(subject: Subject) -> Ending:
    profile, words = profiles.current(), reader_language()
    rule = rule_for("account_deleted")
    categories = [category for code, category in profile.categories.items() if code in rule.categories]
    kept = [rule for rule in profile.retention if rule.trigger == "destroyed"]
    return Ending(
        goes=[(category.code, category.title.in_language(words)) for category in categories],
        rule=_rule(rule, words),
        days=rule.amount,
        stays=[_rule(each, words) for each in kept],
    )


# --- sessions -----------------------------------------------------------------------------------------------------


def sessions_of(user: User, *, at: datetime) -> "models.QuerySet[Session]":
    return Session.objects.filter(user=user, expires_at__gt=at).order_by("-seen_at", "-created_at")


# --- the desk: masks ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Mask:
    """That there is a value, and of which category; never which."""

    label: str
    category: str
    is_held: bool


def masks(subject_id: UUID) -> list[Mask]:
    held = {f"has_{name}": models.Q(**{f"{name}__isnull": False}) for name in account_models.NAMES}
    row: Any = account_models.Profile.objects.filter(subject_id=subject_id).values(**held).first()
    has_address = MailAddress.objects.filter(subject_id=subject_id).exists()
    return [
        Mask(
            label=field.label.in_language(reader_language()),
            category=field.category,
            is_held=has_address if field.code == "email" else bool(row and row[f"has_{field.code}"]),
        )
        for field in profiles.current().fields
    ]


def reveal(user: User, purpose: str) -> list[Value]:
    """The values that the purpose covers. Inside of processing(), which writes down that they were opened."""
    covered = profiles.current().purpose(purpose).categories
    found: list[Value] = []
    if "email" in covered and (address := border.address_of(user.subject_id)):
        found.append(Value(label=_label_of("email"), value=address, field="email"))
    if "name" in covered:
        names = profile_values(user.subject_id)
        found += [Value(label=each.label, value=each.value, field=each.code) for each in names if each.value]
    return found


def _label_of(code: str) -> str:
    return next(field.label for field in profiles.current().fields if field.code == code).in_language(reader_language())


def role_label(user: User) -> str:
    return str(Role(user.role).label)


def colleagues() -> set[UUID]:
    """The references of those who work here: the log's desk asks who read about whom."""
    return set(User.objects.exclude(role__in=(Role.USER, Role.REPRESENTATIVE)).values_list("subject_id", flat=True))
