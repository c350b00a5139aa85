"""A withdrawal opens the clocks of the law, says until when, and stops what runs."""

from datetime import UTC, date, datetime

import psycopg
import pytest
from django.db import ProgrammingError

from accounts.models import MailAddress, User
from consent import terms
from consent.models import Term
from personal_data.errors import NoConsent
from personal_data.models import Subject
from personal_data.scope import processing
from processing_log.actors import Actor
from profiles import current
from tests.factories.consent import make_consent, make_withdrawal, publish
from tests.factories.papers import ONE
from tests.factories.personal_data import make_subject, person

pytestmark = pytest.mark.usefixtures("published")
#: A Friday. Ten working days later is 4 December, thirty calendar days end on a Sunday: Monday, 21 December.
GIVEN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def subject() -> Subject:
    subject = make_subject()
    make_consent(subject_id=subject.pk, purpose="surveys", at=GIVEN)
    return subject


def terms_of(subject: Subject) -> list[tuple[str, date, str]]:
    return list(Term.objects.filter(subject=subject).order_by("rule").values_list("rule", "due_on", "how"))


def withdraw(subject: Subject, at: datetime = FRIDAY):
    return make_withdrawal(subject_id=subject.pk, purpose="surveys", at=at)


def test_withdrawal_opens_both_clocks_counted_from_its_receipt(subject):
    entry = withdraw(subject)

    assert terms_of(subject) == [("D13", date(2026, 12, 21), "kept"), ("D14", date(2026, 12, 4), "stopped")]
    stop = Term.objects.get(rule="D14")
    assert (stop.entry, stop.met_at, stop.started_at) == (entry, FRIDAY, FRIDAY)
    assert len(stop.counted_days) == 10


def test_withdrawal_of_a_consent_that_others_process_waits_until_they_stopped(subject, monkeypatch):
    purposes = dict(current().purposes)
    purposes["surveys"] = purposes["surveys"].model_copy(update={"recipients": frozenset({"yookassa"})})
    monkeypatch.setattr("consent.terms.current", lambda: current().model_copy(update={"purposes": purposes}))

    withdraw(subject)

    stop = Term.objects.get(rule="D14")
    assert stop.is_running
    terms.meet(term_id=stop.pk, actor=ONE, at=FRIDAY)
    stop.refresh_from_db()
    assert (stop.how, str(stop.met_by)) == ("told", ONE.id)
    with pytest.raises(terms.NotRunning):
        terms.meet(term_id=stop.pk, actor=ONE, at=FRIDAY)


def test_withdrawal_of_somebody_destroyed_has_nothing_left_to_destroy(subject):
    Subject.objects.filter(pk=subject.pk).update(wrapped_key=None, destroyed_at=FRIDAY, open_purposes=[])

    withdraw(subject)

    assert [how for _rule, _due, how in terms_of(subject)] == ["nothing_held", "stopped"]


def test_destruction_that_runs_keeps_its_term_open_until_the_consent_is_given_again(subject, monkeypatch):
    monkeypatch.setattr("retention.grounds.categories_without_ground", lambda *_, **__: frozenset({"email"}))
    withdraw(subject)
    assert Term.objects.get(rule="D13").is_running

    later = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    make_consent(subject_id=subject.pk, purpose="surveys", at=later)

    assert [(term.how, term.met_at) for term in Term.objects.filter(rule="D13")] == [("given_again", later)]


def test_terms_are_on_the_persons_page_in_words(subject, client):
    withdraw(subject)
    client.force_login(User.objects.create(subject=subject, email="token@s.invalid", date_joined=GIVEN))
    client.cookies["django_language"] = "en"

    tile = client.get("/me/consents/").content.decode().split('id="consent-surveys"')[1].split("</section>")[0]

    assert "4 December 2026" in tile
    assert "21 December 2026" in tile
    assert "The processing stopped at once" in tile
    assert "Registration and use of the service" in tile


# --- what runs stops --------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_work_in_batches_meets_the_withdrawal_at_its_next_batch():
    """Long work opens a scope for each batch and so asks anew, who of its people still agrees: one that is withdrawn
    between two batches is not opened in the second. No batch may take longer than the 60 seconds of the promise."""
    publish()
    subject = make_subject()
    with processing("account", actor=person(subject.pk)):
        MailAddress.objects.create(subject=subject, address="somebody@example.org")
    make_consent(subject_id=subject.pk, purpose="surveys", at=GIVEN)

    def batch() -> str:
        with processing("surveys", actor=Actor.system("survey")):
            return str(MailAddress.objects.get(subject=subject).address)

    assert batch() == "somebody@example.org"
    withdraw(subject)
    with pytest.raises(NoConsent):
        batch()


# --- the database -----------------------------------------------------------------------------------------------------


def test_database_refuses_to_move_a_term(subject):
    withdraw(subject)

    with pytest.raises(ProgrammingError, match="met once"):
        Term.objects.filter(rule="D14").update(due_on=date(2027, 1, 1))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    ["UPDATE consent_term SET met_at = now(), how = 'told'", "DELETE FROM consent_term", "TRUNCATE consent_term"],
)
def test_superuser_cannot_change_a_term_that_was_met(statement, as_superuser):
    publish()
    subject = make_subject()
    make_consent(subject_id=subject.pk, purpose="surveys", at=GIVEN)
    withdraw(subject)

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_superuser.execute(statement)
