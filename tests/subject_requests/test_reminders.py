from datetime import UTC, datetime, timedelta

import pytest

from access.roles import Role
from notifications.models import OutgoingMail
from processing_log.models import Event
from subject_requests import reminders, staff
from subject_requests.kinds import State
from subject_requests.models import Absence
from tests.factories.accounts import make_user
from tests.factories.subject_requests import CLERK, RECEIVED, make_request

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # nine in Moscow


@pytest.fixture
def clerk():
    return make_user(address="clerk@example.org", role=Role.STAFF)


@pytest.fixture
def officer():
    return make_user(address="officer@example.org", role=Role.OFFICER)


def mails(template: str) -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(template=template).order_by("created_at", "subject"))


def test_digest_goes_once_a_day_to_each_who_answers(clerk, officer):
    make_request(received_at=RECEIVED - timedelta(days=20))
    make_request(state=State.TAKEN, by=clerk.actor)

    assert reminders.send_digests(at=MONDAY) == 2
    assert reminders.send_digests(at=MONDAY + timedelta(hours=1)) == 0

    contexts = {mail.subject_id: mail.context for mail in mails("desk_digest")}
    assert set(contexts) == {clerk.subject_id, officer.subject_id}
    assert contexts[clerk.subject_id]["overdue"] == 1
    assert contexts[clerk.subject_id]["untaken"] == 1


@pytest.mark.parametrize("at", [MONDAY - timedelta(hours=1), MONDAY - timedelta(days=1)])
def test_digest_waits_for_the_morning_of_a_working_day(clerk, at):
    assert reminders.send_digests(at=at) == 0


def test_term_that_ends_in_two_working_days_is_told_to_whoever_has_it_and_the_officers_once(clerk, officer):
    make_user(address="other@example.org", role=Role.STAFF)
    filed = make_request(state=State.TAKEN, by=clerk.actor)
    soon = datetime(2026, 12, 2, 8, tzinfo=UTC)

    assert reminders.escalate(at=soon - timedelta(days=1)) == 0
    assert reminders.escalate(at=soon) == 1
    assert reminders.escalate(at=soon) == 0

    assert {mail.subject_id for mail in mails("desk_escalation")} == {clerk.subject_id, officer.subject_id}
    assert Event.objects.filter(fact="request_escalated", reason=filed.number).count() == 1


def test_deputy_of_whoever_is_away_is_told_too(clerk):
    deputy = make_user(address="deputy@example.org", role=Role.STAFF)
    make_request(state=State.TAKEN, by=clerk.actor)
    soon = datetime(2026, 12, 3, 8, tzinfo=UTC)
    staff.enter_absence(
        absentee=clerk.pk, deputy=deputy.pk, from_on=soon.date(), until_on=soon.date(), actor=CLERK, at=soon
    )

    reminders.escalate(at=soon)

    assert {mail.subject_id for mail in mails("desk_escalation")} == {clerk.subject_id, deputy.subject_id}


def test_mails_to_the_desk_hold_nothing_of_the_person(clerk):
    filed = make_request(text="Иван Секретный")
    reminders.send_digests(at=MONDAY)
    reminders.escalate(at=datetime(2026, 12, 3, 8, tzinfo=UTC))

    texts = [str(mail.context) for mail in OutgoingMail.objects.filter(subject_id=clerk.subject_id)]
    assert [text for text in texts if str(filed.subject_id) in text or "Секретный" in text] == []


def test_absence_ends_after_it_starts_and_names_another(clerk):
    with pytest.raises(staff.BadDays):
        staff.enter_absence(
            absentee=clerk.pk,
            deputy=clerk.pk,
            from_on=MONDAY.date(),
            until_on=MONDAY.date(),
            actor=clerk.actor,
            at=MONDAY,
        )
    assert Absence.objects.count() == 0
