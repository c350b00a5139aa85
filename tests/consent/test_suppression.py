"""The list of addresses that get no advertising: what a row says, what it cannot say, and how it ends."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction

from consent import suppression
from consent.suppressed import ALL_ADVERTISING, Suppression
from consent.suppression import NotConfirmed, digest_of, is_suppressed, lift_by_consent
from personal_data.keyring import Keyring
from personal_data.models import Subject
from processing_log.models import Event
from retention.destruction import destroy_due
from tests.factories.accounts import make_user
from tests.factories.consent import GIVEN_AT, make_consent, make_withdrawal
from tests.factories.personal_data import make_subject, person
from tests.factories.suppression import CLERK, SUPPRESSED_AT, make_suppression

pytestmark = pytest.mark.usefixtures("published")

LATER = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)


def suppressed(address: str = "anna@example.org", purpose: str = "ads") -> bool:
    with transaction.atomic():
        return is_suppressed(address, purpose)


# --- what a row says ----------------------------------------------------------------------------------------------


def test_suppress_enters_what_is_asked_for_and_nothing_of_a_person():
    make_suppression()

    row: dict[str, Any] = dict(Suppression.objects.values().get())
    row.pop("id")
    assert bytes(row.pop("address_digest")) == digest_of("anna@example.org")
    assert row == {
        "turn": 1,
        "scope": "*",
        "kind": "suppressed",
        "reason": "objection",
        "channel": "desk",
        "entered_on": SUPPRESSED_AT.date(),
    }


def test_row_has_no_way_to_a_person():
    """Neither a key nor a moment that would join it with the ledger, where the moment stands beside the reference."""
    fields = Suppression._meta.get_fields()

    assert [field.name for field in fields if field.is_relation] == []
    assert [field.name for field in fields if isinstance(field, models.DateTimeField | models.TimeField)] == []


@pytest.mark.parametrize("spelling", ["Anna@Example.org", " anna@example.org ", "ANNA@EXAMPLE.ORG"])
def test_one_address_in_another_spelling_is_the_same(spelling):
    make_suppression()

    assert suppressed(spelling)


def test_domain_in_cyrillic_is_the_same_in_its_ascii_form():
    make_suppression(address="anna@почта.example")

    assert suppressed("anna@xn--80a1acny.example")


def test_digest_outlives_the_epochs_of_the_keys():
    ring = Keyring.new()
    after_ten_years = Keyring(id=ring.id, epochs={120: b"\1" * 32}, root=ring.root)

    assert ring.derive(suppression._LABEL) == after_ten_years.derive(suppression._LABEL)


def test_digest_is_not_that_of_any_other_index():
    from accounts.models import MailAddress

    assert digest_of("anna@example.org") != MailAddress._meta.get_field("address_index").digest("anna@example.org")


# --- scope --------------------------------------------------------------------------------------------------------


def test_suppression_of_one_purpose_leaves_the_others_alone():
    make_suppression(scope="ads")

    assert (suppressed(purpose="ads"), suppressed(purpose="ads_measurement")) == (True, False)


def test_suppression_of_all_advertising_covers_each_purpose():
    make_suppression(scope=ALL_ADVERTISING)

    assert (suppressed(purpose="ads"), suppressed(purpose="ads_measurement")) == (True, True)


def test_second_time_changes_nothing_and_enters_nothing():
    assert make_suppression()
    events = Event.objects.count()

    assert not make_suppression()
    assert not make_suppression(scope="ads")

    assert Suppression.objects.count() == 1
    assert Event.objects.count() == events


def test_all_advertising_is_entered_also_where_one_purpose_was():
    make_suppression(scope="ads")

    assert make_suppression(scope=ALL_ADVERTISING)
    assert suppressed(purpose="ads_measurement")


# --- the way off the list -----------------------------------------------------------------------------------------


@pytest.fixture
def anna() -> Subject:
    return make_user().subject


def test_new_consent_frees_the_address_for_its_purpose_alone(anna):
    make_suppression()

    make_consent(subject_id=anna.pk, purpose="ads")

    assert (suppressed(purpose="ads"), suppressed(purpose="ads_measurement")) == (False, True)
    newest = Suppression.objects.get(turn=2)
    assert (newest.kind, newest.reason, newest.scope) == ("lifted", "consent", "ads")
    assert Event.objects.filter(fact="suppression_lifted", subject=anna.pk, reason="ads").count() == 1


def test_objection_after_the_consent_holds_again(anna):
    make_suppression()
    make_consent(subject_id=anna.pk)

    assert make_suppression()

    assert suppressed()


def test_account_alone_frees_nothing(anna):
    make_suppression()

    assert suppressed()
    with pytest.raises(NotConfirmed):
        lift_by_consent(subject_id=anna.pk, purpose="ads", actor=person(anna.pk), at=LATER)


def test_withdrawn_consent_frees_nothing(anna):
    make_consent(subject_id=anna.pk)
    make_withdrawal(subject_id=anna.pk)
    make_suppression()

    with pytest.raises(NotConfirmed):
        lift_by_consent(subject_id=anna.pk, purpose="ads", actor=person(anna.pk), at=LATER)


def test_consent_to_another_purpose_frees_nothing(anna):
    make_suppression()

    make_consent(subject_id=anna.pk, purpose="surveys")

    assert suppressed()


def test_consent_of_somebody_else_frees_nothing(anna):
    make_suppression(address="boris@example.org")

    make_consent(subject_id=anna.pk)

    assert suppressed("boris@example.org")


def test_consent_where_nothing_was_suppressed_enters_no_row(anna):
    make_consent(subject_id=anna.pk)

    assert not Suppression.objects.exists()


def test_consent_of_somebody_without_an_address_is_given_all_the_same():
    make_consent(subject_id=make_subject().pk)

    assert not Suppression.objects.exists()


# --- it outlives ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_suppression_outlives_the_person_and_holds_for_whoever_signs_up_with_the_address():
    from accounts.services import delete_account

    first = make_user()
    make_suppression()
    delete_account(user=first, at=GIVEN_AT)
    destroy_due(LATER)
    assert Subject.objects.get(pk=first.subject_id).destroyed_at

    again = make_user()

    assert suppressed()
    make_consent(subject_id=again.subject_id, at=LATER)
    assert not suppressed()


# --- what the database holds ----------------------------------------------------------------------------------------


def row(**values: Any) -> Suppression:
    usual = {
        "address_digest": digest_of("anna@example.org"),
        "turn": 1,
        "scope": "*",
        "kind": "suppressed",
        "reason": "objection",
        "channel": "desk",
        "entered_on": SUPPRESSED_AT.date(),
    }
    return Suppression.objects.create(**{**usual, **values})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent_suppression SET reason = 'complaint'",
        "DELETE FROM consent_suppression",
        "TRUNCATE consent_suppression",
    ],
)
def test_database_refuses_to_change_a_suppression(statement, as_superuser):
    make_suppression()

    with pytest.raises(Exception, match="append-only"):
        as_superuser.execute(statement)


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"turn": 2}, "suppression_turns_have_no_gaps"),
        ({"address_digest": b"short"}, "suppression_is_a_digest"),
        ({"reason": "no_idea"}, "suppression_is_lifted_by_consent_alone"),
        ({"channel": "pigeon"}, "suppression_channel_is_known"),
        (
            {"kind": "lifted", "scope": "ads", "reason": "consent", "channel": "portal"},
            "suppression_lifts_what_is_suppressed",
        ),
    ],
)
def test_database_refuses_a_row_that_breaks_a_rule(values, rule):
    with pytest.raises(IntegrityError) as refusal:
        row(**values)
    cause: Any = refusal.value.__cause__
    assert cause.diag.constraint_name == rule


@pytest.mark.parametrize("values", [{"reason": "objection"}, {"scope": "*"}, {"channel": "desk"}])
def test_database_refuses_to_lift_by_anything_but_a_consent_to_one_purpose(values):
    row()

    with pytest.raises(IntegrityError, match="suppression_is_lifted_by_consent_alone"):
        row(turn=2, **{"kind": "lifted", "scope": "ads", "reason": "consent", "channel": "portal", **values})


# --- staff and auditors ---------------------------------------------------------------------------------------------


def test_standing_is_told_by_purpose_and_the_question_is_logged_without_the_address():
    make_suppression(scope="ads")

    standings = {s.purpose.code: s.row for s in suppression.standing_of("anna@example.org", actor=CLERK)}

    assert {code: bool(found) for code, found in standings.items()} == {"ads": True, "ads_measurement": False}
    event = Event.objects.get(fact="suppression_checked")
    assert (event.actor_id, event.subject, event.reason) == (CLERK.id, None, "")


def test_tallies_count_by_what_and_why():
    for number in range(3):
        make_suppression(address=f"person-{number}@example.org")
    make_suppression(scope="ads", reason=Suppression.Reason.COMPLAINT)

    found = [(t.kind, t.scope, t.reason, t.number) for t in suppression.tallies()]

    assert found == [("suppressed", "*", "objection", 3), ("suppressed", "ads", "complaint", 1)]
