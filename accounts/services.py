"""The acts on accounts. Each is one transaction that says who acts and why."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Final
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import IntegrityError

from access.roles import Role
from accounts import border, links
from accounts.facts import Fact
from accounts.models import NAMES, MailAddress, Profile, ResetRequest, User
from accounts.sessions import end_sessions
from consent.selectors import purposes_in_force
from consent.services import acknowledge_policy, withdraw_consent
from notifications import services as notifications
from notifications.queue import hurry
from personal_data.models import Subject, SubjectKind
from personal_data.scope import Scope, processing
from processing_log.actors import Actor
from processing_log.operations import Operation
from retention import receipts
from retention.models import Clock, Norm
from retention.ordering import order_part
from retention.services import cancel_clock, start_clock
from retention.values import Portion

SERVICE_ROLES: Final = (Role.USER, Role.REPRESENTATIVE)
#: Triggers of the profile's retention rules.
NEVER_CONFIRMED: Final = "never_confirmed"
ACCOUNT_DELETED: Final = "account_deleted"
STAFF_LEFT: Final = "staff_left"


class AddressTaken(Exception):
    """There is an account with this address already."""


class NotYours(Exception):
    """Staff accounts are closed by an administrator: they belong to the work, not to the person."""


class NotStaff(Exception):
    """People delete their accounts themselves."""


class _TakenBack(Exception):
    """A rehearsal is over."""


# --- opening an account -------------------------------------------------------------------------------------------


def open_account(*, user: User, address: str, names: Mapping[str, str], at: datetime, policy_shown: str) -> User:
    """Makes the person, their key, the account and what they told. `user` is a new one with role, language and password
    set; `policy_shown` is the hash of the policy that the person says they have read. If the address is not confirmed
    in time, all of it goes again. Raises AddressTaken."""
    with _no_two_with(address), processing(_purpose_of(user), actor=user.actor) as act:
        _open(act, user=user, address=address, names=names, at=at)
        _await_confirmation(user, at=at, policy_shown=policy_shown)
    return user


def rehearse_opening(
    *, user: User, names: Mapping[str, str], at: datetime, policy_shown: str, then: Callable[[User], object]
) -> None:
    """All the work of opening an account, and what follows it, taken back at the end: who tries an address that is
    known already waits as long as one whose address is new."""
    with suppress(_TakenBack), processing(_purpose_of(user), actor=user.actor) as act:
        _open(act, user=user, address=border.token_of_nobody(), names=names, at=at)
        _await_confirmation(user, at=at, policy_shown=policy_shown)
        act.write_log()
        then(user)
        raise _TakenBack


def create_user(
    *,
    address: str,
    role: Role,
    language: str,
    at: datetime,
    by: Actor,
    names: Mapping[str, str] | None = None,
    password: str | None = None,
) -> User:
    """An account that somebody else opens: staff, and the invented people of demo and tests. The address counts as
    confirmed: whoever gets the invitation can read it. Raises AddressTaken."""
    user = User(role=role, language=language)
    user.set_password(password)
    with _no_two_with(address), processing(_purpose_of(user), actor=by) as act:
        _open(act, user=user, address=address, names=names or {}, at=at)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def note_confirmation(*, user: User) -> None:
    """Its owner has shown that the address is theirs: the account stays."""
    cancel_clock(subject_id=user.subject_id, trigger=NEVER_CONFIRMED, actor=user.actor)


def _open(act: Scope, *, user: User, address: str, names: Mapping[str, str], at: datetime) -> None:
    user.subject = Subject.objects.create_for(kind=_kind_of(user), at=at)
    user.email = border.token(address)
    user.date_joined = at
    user.save(force_insert=True)
    MailAddress.objects.create(subject=user.subject, address=address)
    Profile.objects.create(subject=user.subject, **{name: names.get(name) or None for name in NAMES})
    act.record(Fact.ACCOUNT_OPENED.value, operation=Operation.COLLECT.value, subject=user.subject_id)


def _await_confirmation(user: User, *, at: datetime, policy_shown: str) -> None:
    acknowledge_policy(subject_id=user.subject_id, shown=policy_shown, actor=user.actor, at=at)
    start_clock(subject_id=user.subject_id, trigger=NEVER_CONFIRMED, at=at, actor=user.actor)


@contextmanager
def _no_two_with(address: str) -> Iterator[None]:
    """Of two who open an account with one address in the same moment, the database lets one."""
    try:
        yield
    except IntegrityError:
        if User.objects.filter(email=border.token(address)).exists():
            raise AddressTaken from None
        raise


def invite(*, user: User, at: datetime) -> None:
    """A mail with the link for choosing the first password."""
    notifications.send(
        subject_id=user.subject_id,
        template="invitation",
        context={"role": user.role},
        details={"url": links.to_new_password(user)},
        language=user.language,
        purpose="security",
        at=at,
    )


def _kind_of(user: User) -> SubjectKind:
    return SubjectKind.USER if user.role in SERVICE_ROLES else SubjectKind.STAFF


def _purpose_of(user: User) -> str:
    return "account" if user.role in SERVICE_ROLES else "staff"


# --- what a person tells about themselves -------------------------------------------------------------------------


def change_names(*, user: User, names: Mapping[str, str]) -> list[str]:
    """Sets the values that differ; an empty one is removed. The names of the fields that changed."""
    with processing("rights", actor=user.actor):
        profile, _ = Profile.objects.get_or_create(subject_id=user.subject_id)
        changed = [name for name, value in names.items() if (getattr(profile, name) or "") != value]
        for name in changed:
            setattr(profile, name, names[name] or None)
        if changed:
            profile.save(update_fields=changed)
    return changed


def remove_name(*, user: User, name: str, at: datetime) -> str:
    """Destroys one value of the person's own, with a record: the address of its receipt. Raises
    retention.ordering.NothingHeld, StandsOnHold."""
    row = Profile.objects.get(subject_id=user.subject_id)
    place = f"{Profile._meta.label}.{name}"
    order = order_part(
        subject_id=user.subject_id,
        norm=Norm.OWN_WISH,
        portion=Portion(place=place, row=row.pk),
        actor=user.actor,
        at=at,
    )
    return receipts.url_for_part(user.subject_id, order.pk)


# --- another address ----------------------------------------------------------------------------------------------


def begin_address_change(*, user: User, address: str) -> None:
    """Seals the new address beside the present one; an earlier wish that was not confirmed is forgotten."""
    with processing("rights", actor=user.actor):
        _other_addresses(user, user.email).delete()
        MailAddress.objects.create(subject_id=user.subject_id, address=address)


def give_up_address_change(*, user: User) -> None:
    with processing("rights", actor=user.actor):
        _other_addresses(user, user.email).delete()


def finish_address_change(*, user: User, old_token: str, at: datetime) -> None:
    """The new address is confirmed: tells the old one, and forgets it."""
    with processing("rights", actor=user.actor) as act:
        old_address = border.address_of(user.subject_id, old_token)
        if old_address:
            notifications.send(
                subject_id=user.subject_id,
                template="address_changed",
                context={"happened_at": at},
                language=user.language,
                to_address=old_address,
                purpose="security",
                at=at,
            )
        _other_addresses(user, user.email).delete()
        act.record(Fact.ADDRESS_CHANGED.value, subject=user.subject_id, categories=["email"])


def _other_addresses(user: User, token: str):  # type: ignore[no-untyped-def]
    return MailAddress.objects.filter(subject_id=user.subject_id).exclude(address_index=border.digest_of(token))


# --- a new password -----------------------------------------------------------------------------------------------


def ask_for_reset(*, token: str, language: str, at: datetime) -> None:
    """The same row and the same time whether the address is known or not; the worker finds out."""
    request = ResetRequest.objects.create(token=token, language=language, asked_at=at)
    hurry("accounts.tasks.answer_reset_request", request.id)


def answer_reset_request(*, request_id: UUID, at: datetime) -> bool:
    """Writes the mail if there is somebody to write to; False if there is nobody, or the request is answered already.
    Strangers get no mail."""
    with processing("security", actor=Actor.system("answer_reset_request")):
        request = ResetRequest.objects.select_for_update(skip_locked=True).filter(pk=request_id).first()
        user = User.objects.filter(email=request.token, is_active=True).first() if request else None
        if request and user:
            notifications.send(
                subject_id=user.subject_id,
                template="new_password",
                details={"url": links.to_new_password(user)},
                language=request.language,
                purpose="security",
                at=at,
            )
        if request:
            request.delete()
    return user is not None


def settle_after_reset(*, user: User) -> None:
    """Whoever followed the link can read the mail of this address: it counts as confirmed. Every browser is signed out,
    and a change of address that somebody else may have begun is off."""
    end_sessions(user)
    note_confirmation(user=user)
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    EmailAddress.objects.filter(user=user, email=user.email).update(verified=True, primary=True)
    give_up_address_change(user=user)


# --- the end ------------------------------------------------------------------------------------------------------


def delete_account(*, user: User, at: datetime) -> Clock:
    """Blocks the person's data at once, ends what signs them in, and starts the term after which all is destroyed. The
    address is free: its owner may open a new account at once. Raises NotYours."""
    if user.role not in SERVICE_ROLES:
        raise NotYours
    with processing("rights", actor=user.actor) as act:
        subject = Subject.objects.select_for_update().get(pk=user.subject_id)
        _other_addresses(user, user.email).delete()
        for purpose in purposes_in_force(subject.pk):
            withdraw_consent(subject_id=subject.id, purpose=purpose, actor=user.actor, at=at)
        _close(user)
        subject.block(at=at)
        act.record(Fact.ACCOUNT_DELETED.value, operation=Operation.BLOCK.value, subject=subject.id)
        clock = start_clock(subject_id=subject.id, trigger=ACCOUNT_DELETED, at=at, actor=user.actor)
        assert clock, "a whole person's clock always starts"
        notifications.send(
            subject_id=subject.id,
            template="account_deleted",
            context={"destroy_on": clock.destroy_on},
            details={"url": receipts.url_for(subject.id)},
            language=user.language,
            at=at,
        )
    return clock


def close_staff_account(*, user: User, at: datetime, by: Actor) -> Clock:
    """Somebody's work on the portal is over. Raises NotStaff."""
    if user.role in SERVICE_ROLES:
        raise NotStaff
    with processing("staff", actor=by) as act:
        _close(user)
        act.record(Fact.ACCOUNT_CLOSED.value, subject=user.subject_id)
        clock = start_clock(subject_id=user.subject_id, trigger=STAFF_LEFT, at=at, actor=by)
    assert clock, "a whole person's clock always starts"
    return clock


def _close(user: User) -> None:
    """Nothing of the account opens a door any more: no password, no second factor, no session, nobody's token."""
    end_sessions(user)
    Authenticator.objects.filter(user=user).delete()
    EmailAddress.objects.filter(user=user).delete()
    user.set_unusable_password()
    user.email = border.token_of_nobody()
    user.is_active = False
    user.save(update_fields=["password", "email", "is_active"])
