"""Inviting auditors: two people, a period, a mail, and an end."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import F

from access.roles import Role
from accounts import auditors, checkpoint_mail
from accounts.models import MailAddress, Session, User
from accounts.services import AddressTaken, close_staff_account
from law import clock
from notifications.models import OutgoingMail
from processing_log import mandates
from processing_log.models import Checkpoint, Event, Mandate
from tests.factories.accounts import make_user, sign_in
from tests.factories.log_tree import make_checkpoint
from tests.factories.processing_log import make_event

pytestmark = pytest.mark.django_db

ADDRESS = "checker@example.org"
INVITE = "/admin/processing_log/mandate/invite/"


@pytest.fixture
def clerk():
    return make_user(address="staff@example.org", role=Role.STAFF, language="en")


@pytest.fixture
def officer():
    return make_user(address="officer@example.org", role=Role.OFFICER, language="en")


def wanted(**more: Any) -> Mandate:
    now = clock.now()
    values = {"events_since": now - timedelta(days=90), "begins_at": now, "ends_at": now + timedelta(days=30), **more}
    return Mandate(**values)


def proposed(by: User, *, address: str = ADDRESS, at: datetime | None = None, **more: Any) -> Mandate:
    at = at or clock.now()
    return auditors.propose(address=address, language="ru", mandate=wanted(**more), by=by.actor, at=at)


def facts() -> list[str]:
    return list(Event.objects.filter(fact__startswith="audit_").order_by("id").values_list("fact", flat=True))


# --- the act --------------------------------------------------------------------------------------------------------


def test_propose_writes_to_nobody_and_lets_nobody_in(clerk):
    mandate = proposed(clerk)

    user = User.objects.get(pk=mandate.auditor)
    assert (user.role, user.is_active, user.has_usable_password()) == ("auditor", False, False)
    assert MailAddress.objects.filter(subject=user.subject).count() == 1
    assert list(OutgoingMail.objects.all()) == []
    assert mandates.of_auditor(user.pk, clock.now()) is None
    assert facts() == ["audit_proposed"]


def test_agree_opens_the_seat_and_writes_to_the_auditor(clerk, officer):
    mandate = proposed(clerk, operations=["destroy"])

    auditors.agree(mandate_id=mandate.pk, by=officer.actor, at=clock.now())

    user = User.objects.get(pk=mandate.auditor)
    [mail] = OutgoingMail.objects.all()
    assert (mail.template, mail.subject_id, user.is_active) == ("auditor_invitation", user.subject_id, True)
    assert "http" not in str(mail.context)  # the link lies sealed
    assert mandates.of_auditor(user.pk, clock.now()) == mandate
    event = Event.objects.get(fact="audit_agreed")
    assert str(mandate.pk) in event.reason
    assert "operations=destroy" in event.reason


def test_agree_is_not_for_the_one_who_proposed_nor_for_staff(clerk, officer):
    mandate = proposed(officer)

    for somebody in (officer, clerk):
        with pytest.raises(auditors.SecondPersonNeeded):
            auditors.agree(mandate_id=mandate.pk, by=somebody.actor, at=clock.now())
    assert facts() == ["audit_proposed"]


def test_agree_is_too_late_after_a_day(clerk, officer):
    long_ago = clock.now() - timedelta(hours=24, seconds=1)
    mandate = proposed(clerk, at=long_ago)

    with pytest.raises(auditors.NothingWaits):
        auditors.agree(mandate_id=mandate.pk, by=officer.actor, at=clock.now())
    assert auditors.close_ended(clock.now()) == 1
    mandate.refresh_from_db()
    assert mandate.how == "lapsed"
    assert not User.objects.get(pk=mandate.auditor).is_active


def test_seat_closes_by_itself_and_signs_the_auditor_out(client, clerk, officer):
    mandate = proposed(clerk)
    auditors.agree(mandate_id=mandate.pk, by=officer.actor, at=clock.now())
    user = User.objects.get(pk=mandate.auditor)
    sign_in(client, user)
    assert client.get("/audit/").status_code == 200

    assert auditors.close_ended(mandate.ends_at - timedelta(seconds=1)) == 0
    assert auditors.close_ended(mandate.ends_at) == 1
    assert auditors.close_ended(mandate.ends_at) == 0

    mandate.refresh_from_db()
    user.refresh_from_db()
    assert (mandate.how, user.is_active, Session.objects.filter(user=user).count()) == ("over", False, 0)
    assert client.get("/audit/").status_code == 302
    assert facts() == ["audit_proposed", "audit_agreed", "audit_ended"]


def test_end_before_its_time_and_no_of_the_second_person(clerk, officer):
    first = proposed(clerk)
    auditors.agree(mandate_id=first.pk, by=officer.actor, at=clock.now())
    second = proposed(clerk, address="another@example.org")

    assert auditors.end(mandate_id=first.pk, by=officer.actor, at=clock.now()).how == "early"
    assert auditors.end(mandate_id=second.pk, by=officer.actor, at=clock.now()).how == "refused"
    with pytest.raises(auditors.NothingWaits):
        auditors.end(mandate_id=first.pk, by=officer.actor, at=clock.now())
    assert proposed(clerk).auditor != first.auditor  # invited anew: a new account


def test_account_that_was_closed_by_hand_gets_no_mail_and_its_mandate_ends(clerk, officer):
    mandate = proposed(clerk)
    auditors.agree(mandate_id=mandate.pk, by=officer.actor, at=clock.now())
    close_staff_account(user=User.objects.get(pk=mandate.auditor), at=clock.now(), by=officer.actor)

    assert not checkpoint_mail._mail(mandate, Checkpoint(size=5, root=b"", note="", signed_at=clock.now()), clock.now())
    assert auditors.close_ended(mandate.ends_at) == 1


def test_propose_refuses_an_address_of_somebody_else_and_a_second_invitation(clerk):
    proposed(clerk)

    with pytest.raises(auditors.InvitedAlready):
        proposed(clerk)
    with pytest.raises(AddressTaken):
        proposed(clerk, address="staff@example.org")
    assert Mandate.objects.count() == 1
    assert facts() == ["audit_proposed"]


# --- the desk -------------------------------------------------------------------------------------------------------


def form(**more: Any) -> dict[str, Any]:
    today = clock.now().date()
    values = {
        "address": ADDRESS, "language": "ru", "begins_on": today, "ends_on": today + timedelta(days=10),
        "events_since": today - timedelta(days=10), **more,
    }  # fmt: skip
    return {name: str(value) if not isinstance(value, list) else value for name, value in values.items()}


def test_desk_proposes_and_another_one_agrees(client, clerk, officer):
    sign_in(client, clerk)
    page = client.post(INVITE, form(operations=["destroy", "extract"]), follow=True).content.decode()
    [mandate] = Mandate.objects.all()
    assert ADDRESS not in page
    agree, end = (f"/admin/processing_log/mandate/{mandate.pk}/{act}/" for act in ("agree", "end"))
    assert (client.post(agree).status_code, client.post(end).status_code) == (403, 403)

    client.logout()
    sign_in(client, officer)
    seen = client.get(f"/admin/processing_log/mandate/{mandate.pk}/change/").content.decode()
    assert ADDRESS in seen  # who agrees has to know to whom
    assert Event.objects.filter(operation="extract", actor_id=str(officer.pk), purpose="staff").exists()
    assert client.get(agree).status_code == 403
    client.post(agree)

    mandate.refresh_from_db()
    assert (mandate.is_in_force(clock.now()), mandate.operations) == (True, ["destroy", "extract"])
    assert ADDRESS not in client.get(f"/admin/processing_log/mandate/{mandate.pk}/change/").content.decode()
    assert ADDRESS not in client.get("/admin/processing_log/mandate/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": "nobody"},
        {"address": "x@s.invalid"},
        {"ends_on": "2000-01-01"},
        {"ends_on": "2199-01-01"},
        {"events_until": "2001-01-01"},
        {"operations": ["look"]},
        {"purposes": ["nothing"]},
        {"begins_on": ""},
        {"events_since": "soon"},
    ],
)
def test_desk_says_what_is_wrong(client, clerk, wrong):
    sign_in(client, clerk)

    page = client.post(INVITE, form(**wrong))

    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert not Mandate.objects.exists()


# --- checkpoints by mail --------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_checkpoint_is_mailed_to_auditors_in_force_once_a_day(clerk, officer):
    mandate = proposed(clerk)
    waiting = proposed(clerk, address="another@example.org")
    auditors.agree(mandate_id=mandate.pk, by=officer.actor, at=clock.now())
    assert checkpoint_mail.mail_checkpoints(clock.now()) == 0  # nothing is signed
    first = make_checkpoint()
    now = clock.now()

    sent = [checkpoint_mail.mail_checkpoints(now) for _ in range(2)]
    make_event()
    make_checkpoint()
    early = checkpoint_mail.mail_checkpoints(now + timedelta(hours=23))
    later = checkpoint_mail.mail_checkpoints(now + timedelta(hours=24))

    assert (sent, early, later) == ([1, 0], 0, 1)
    mail = OutgoingMail.objects.filter(template="log_checkpoint").earliest("created_at")
    assert mail.subject_id == User.objects.get(pk=mandate.auditor).subject_id
    assert first.note.splitlines()[0] in mail.context["note"]
    assert not OutgoingMail.objects.filter(subject_id=User.objects.get(pk=waiting.auditor).subject_id).exists()
    assert Event.objects.filter(fact="checkpoint_mailed").count() == 2


@pytest.mark.django_db(transaction=True)
def test_checkpoint_is_not_mailed_after_the_end(clerk, officer):
    mandate = proposed(clerk)
    auditors.agree(mandate_id=mandate.pk, by=officer.actor, at=clock.now())
    make_checkpoint()

    assert checkpoint_mail.mail_checkpoints(mandate.ends_at) == 0
    assert Mandate.objects.filter(mailed_at=None, proposed_by=F("proposed_by")).count() == 1
