"""Clocks in each state, and people who have something in every corner."""

import secrets
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.files.base import ContentFile

from accounts.models import MailAddress, Profile, Session, User
from billing.models import Subscription
from consent.models import DisseminationChoice, LedgerEntry, PolicyVersion
from consent.papers import Authority
from law import clock as law_clock
from notifications.services import send
from personal_data import data_map
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor, ActorKind
from retention import changing, in_force
from retention.holds import place_hold
from retention.models import AnonymousCount, Clock, Ground, Hold, MassRun, Norm, PartOrder, PartWarning, RuleVersion
from retention.services import cancel_clock, start_clock
from subject_requests.answers.giving import issue_link
from subject_requests.intake.automatic import Verdict
from subject_requests.kinds import Contest, DropReason, RequestKind
from subject_requests.models import (
    AnswerFile,
    AnswerSet,
    ContestedPart,
    Correspondent,
    ForCustomer,
    FromSystem,
    IncomingMail,
    MailSeen,
    RecipientNotice,
    Representation,
    Request,
)
from subject_requests.models.drops import DroppedKind
from subject_requests.services import Wanted
from tests.factories import consent
from tests.factories.intake import link_into, make_attachment
from tests.factories.papers import make_paper_consent
from tests.factories.personal_data import make_subject, person
from tests.factories.subject_requests import make_request
from tests.specimens.models import Specimen

#: Noon in Moscow. The thirtieth day after it is 20 December, which starts at 21:00 UTC of the 19th.
ENDED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DUE = datetime(2026, 12, 19, 21, 0, tzinfo=UTC)
LATE = datetime(2026, 12, 20, 21, 0, tzinfo=UTC)
JOB = Actor.system("tests")


def make_clock(
    *,
    subject_id: UUID | None = None,
    trigger: str = "subscription_ended",
    started_at: datetime = ENDED,
    cancelled_at: datetime | None = None,
) -> Clock:
    subject_id = subject_id or make_subject().id
    clock = start_clock(subject_id=subject_id, trigger=trigger, at=started_at, actor=JOB)
    assert clock is not None
    if cancelled_at:
        cancel_clock(subject_id=subject_id, trigger=trigger, actor=JOB, at=cancelled_at)
        clock.refresh_from_db()
    return clock


def user_row(*, subject: Subject) -> User:
    token = f"{secrets.token_hex(8)}@s.invalid"
    return User.objects.create(subject=subject, email=token, password="!", date_joined=ENDED)


def make_modest_person(*, name: str = "Мария") -> UUID:
    """An account with an address and a name: what most people have. Made quickly, for tests with many."""
    subject = make_subject()
    user = user_row(subject=subject)
    with processing("account", actor=person(subject.id)):
        Profile.objects.create(subject=subject, first_name=name)
        MailAddress.objects.create(subject=subject, address=f"{secrets.token_hex(4)}@example.org")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return subject.id


def make_hold() -> Hold:
    """Of somebody who is due soon; confirmed by nobody yet."""
    now = law_clock.now()
    subject_id = make_clock(started_at=now - timedelta(days=20)).subject_id
    officer = Actor(kind=ActorKind.OFFICER, id=str(uuid4()))
    return place_hold(subject_id=subject_id, ground=Ground.COURT, until=now + timedelta(days=90), actor=officer, at=now)


def make_mass_run() -> MassRun:
    return MassRun.objects.create(asked_at=law_clock.now(), found=900, living=1000)


def make_part_order() -> PartOrder:
    """A large one, which waits for a second person."""
    return PartOrder.objects.create(
        subject_id=make_clock(started_at=law_clock.now() - timedelta(days=20)).subject_id, norm=Norm.UNNEEDED,
        categories=["request"], found=40, needs_second=True, ordered_at=law_clock.now(), ordered_by=uuid4(),
        **_from(law_clock.now()),
    )  # fmt: skip


def _from(at: datetime) -> dict[str, datetime]:
    return {"started_at": at, "due_at": at, "late_at": at + timedelta(days=11)}


def make_rule_version() -> RuleVersion:
    changing.adopt(law_clock.now())
    in_force.assume_profile()
    return RuleVersion.objects.latest("number")


def make_anonymous_count() -> AnonymousCount:
    day = law_clock.now().date().replace(day=1, month=1)
    return AnonymousCount.objects.create(
        method="aggregation", rule="subscription_ended", subject_kind="user", left_in=day, people=12
    )


def make_full_person(*, name: str = "Мария") -> UUID:
    """A person with a row in every table that can hold something of them. A new table is entered here; a test in
    tests/retention/test_completeness.py fails until it is."""
    subject = make_subject()
    user = user_row(subject=subject)
    with processing("rights", actor=person(subject.id)):
        Profile.objects.create(subject=subject, first_name=name)
        MailAddress.objects.create(subject=subject, address=f"{secrets.token_hex(4)}@example.org")
        scan = ContentFile(f"скан для {name}".encode(), name="scan.txt")
        Specimen.objects.create(subject=subject, name=name, scan=scan)
    _third_party_rows(user)
    Session.objects.create(
        user=user, key_digest=secrets.token_bytes(32), data=b"", created_at=ENDED, seen_at=ENDED, expires_at=LATE
    )
    Subscription.objects.create(subject=subject, starts_on=ENDED.date(), ends_on=ENDED.date() + timedelta(days=365))
    send(subject_id=subject.id, template="request_received", language="ru", at=ENDED, details={"url": "https://…/"})
    _request(subject.id)
    _given_answer(make_request(subject_id=subject.id))
    _what_came_in(make_request(subject_id=subject.id))
    if not PolicyVersion.objects.exists():
        consent.publish()
    consent.make_acknowledgement(subject_id=subject.id)
    consent.make_consent(subject_id=subject.id)
    consent.make_withdrawal(subject_id=subject.id)
    _dissemination(make_paper_consent(subject_id=subject.id))
    Hold.objects.create(
        subject=subject, ground=Ground.COURT, until=LATE, placed_at=ENDED, placed_by=uuid4(), released_at=ENDED
    )
    PartOrder.objects.create(
        subject=subject,
        norm=Norm.UNNEEDED,
        categories=["request"],
        found=1,
        needs_second=True,
        ordered_at=ENDED,
        ordered_by=uuid4(),
        cancelled_at=ENDED,
        **_from(ENDED),
    )
    PartWarning.objects.create(subject=subject, category="name", destroy_on=LATE.date(), days=14, warned_at=ENDED)
    return subject.id


def _request(subject_id: UUID) -> None:
    wanted = Wanted(field="last_name", value="Смирнова")
    filed = make_request(subject_id=subject_id, kind=RequestKind.CLARIFICATION, corrections=[wanted])
    RecipientNotice.objects.create(
        request=filed, subject_id=subject_id, recipient="yookassa", owed_at=filed.received_at
    )
    DroppedKind.objects.create(
        request=filed, subject_id=subject_id, kind=RequestKind.ACCESS, reason=DropReason.values[0], dropped_by=uuid4(),
        dropped_at=filed.received_at,
    )  # fmt: skip
    ContestedPart.objects.create(
        request=filed, subject_id=subject_id, ground=Contest.UNNEEDED, category="name", chosen_at=filed.received_at,
        chosen_by=uuid4(),
    )  # fmt: skip


def _given_answer(filed: Request) -> None:
    """As if it were made: what is in it does not matter here."""
    made = AnswerSet.objects.create(
        request=filed, subject_id=filed.subject_id, language="ru", asked_by=uuid4(), asked_at=filed.received_at
    )
    with processing("rights", actor=JOB):
        AnswerFile.objects.create(
            answer=made, subject_id=filed.subject_id, archive=ContentFile(b"PK", name="answer.zip"), expires_at=LATE
        )
    issue_link(made, to=filed.subject_id, at=ENDED)


def _what_came_in(filed: Request) -> None:
    """As if it came by every way at once."""
    of_it: dict[str, Any] = {"request": filed, "subject_id": filed.subject_id}
    seen = MailSeen.objects.create(
        digest=secrets.token_bytes(32), verdict=Verdict.PERSON.value, received_at=ENDED, taken_at=ENDED
    )
    with processing("rights", actor=JOB):
        make_attachment(filed)
        Correspondent.objects.create(subject_id=filed.subject_id, name="Мария", postal_address="Рязань")
        Representation.objects.create(**of_it, authority=Authority.POWER_OF_ATTORNEY, represented="Пётр")
        ForCustomer.objects.create(**of_it, company="Магазин")
        IncomingMail.objects.create(
            **of_it, seen=seen, received_at=ENDED, original=ContentFile(b"Subject: hello", name="mail.eml")
        )
    FromSystem.objects.create(**of_it, key=uuid4())
    link_into(filed)


def _dissemination(entry: LedgerEntry) -> None:
    DisseminationChoice.objects.create(entry=entry, subject_id=entry.subject_id, category="email", decision="banned")


def _third_party_rows(user: User) -> None:
    address = EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    EmailConfirmation.objects.create(email_address=address, key=uuid4().hex, sent=ENDED)
    Authenticator.objects.create(user=user, type="totp", data={})
    LogEntry.objects.create(user=user, action_flag=CHANGE, object_repr="—")
    user.groups.add(Group.objects.get_or_create(name="readers")[0])
    user.user_permissions.add(Permission.objects.order_by("pk")[0])


def rows_of(subject_id: UUID) -> Counter[str]:
    """How many rows of the person each table holds, of those that hold any."""
    found = {holding.model._meta.label: holding.rows_of(subject_id).count() for holding in data_map.holdings()}
    return +Counter(found)
