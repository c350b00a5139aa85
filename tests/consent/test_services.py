from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from consent.facts import Fact
from consent.models import Acknowledgement, LedgerEntry, PolicyVersion, Screen, Served
from consent.services import (
    AlreadyInForce,
    MayNotConsent,
    NotInForce,
    NotTheTextShown,
    acknowledge_policy,
    give_consent,
    rebuild_open_purposes,
    withdraw_consent,
)
from personal_data.models import Subject, SubjectKind
from processing_log.actors import Actor
from processing_log.models import Event
from retention.models import Clock
from tests.factories.consent import (
    GIVEN_AT,
    WITHDRAWN_AT,
    make_acknowledgement,
    make_consent,
    make_withdrawal,
    show,
    text_of,
)
from tests.factories.personal_data import make_subject, person

pytestmark = pytest.mark.usefixtures("published")
LATER = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)


def open_purposes(subject: Subject) -> list[str]:
    return Subject.objects.get(pk=subject.pk).open_purposes


def facts_of(subject: Subject) -> list[tuple[str, str]]:
    return list(Event.objects.filter(subject=subject.pk).exclude(fact="").order_by("id").values_list("fact", "reason"))


def test_give_consent_opens_the_purpose_and_is_logged():
    subject = make_subject()

    entry = make_consent(subject_id=subject.pk, purpose="ads")

    assert (entry.turn, entry.kind, entry.at) == (1, "given", GIVEN_AT)
    assert entry.sha256 == text_of("ads").sha256
    assert open_purposes(subject) == ["ads"]
    assert [fact for fact, _reason in facts_of(subject)] == [
        Fact.CONSENT_SHOWN,
        Fact.CONSENT_ASKED,
        Fact.CONSENT_MAIL_SENT,
        Fact.CONSENT_GIVEN,
    ]
    assert facts_of(subject)[-1] == (Fact.CONSENT_GIVEN, "ads 1")


def test_give_consent_remembers_the_language_that_was_shown():
    entry = make_consent(subject_id=make_subject().pk, language="en")

    assert (entry.language, entry.sha256) == ("en", text_of("ads").sha256_en)


def test_give_consent_refuses_a_second_one_in_force():
    subject = make_subject()
    make_consent(subject_id=subject.pk)

    with pytest.raises(AlreadyInForce):
        make_consent(subject_id=subject.pk, at=LATER)

    assert LedgerEntry.objects.count() == 1


def test_give_consent_refuses_a_purpose_that_needs_none():
    subject = make_subject()
    nonce = show(subject_id=subject.pk, purpose="ads").nonce

    with pytest.raises(NotTheTextShown):
        give_consent(subject_id=subject.pk, purpose="account", nonce=nonce, actor=person(subject.pk), at=GIVEN_AT)


def test_give_consent_refuses_somebody_blocked():
    subject = make_subject()
    subject.block(at=GIVEN_AT)

    with pytest.raises(MayNotConsent):
        make_consent(subject_id=subject.pk)

    assert LedgerEntry.objects.count() == 0


def test_give_consent_refuses_somebody_for_whom_the_purpose_is_not():
    subject = make_subject(kind=SubjectKind.STAFF)

    with pytest.raises(MayNotConsent):
        make_consent(subject_id=subject.pk)


def test_withdraw_consent_destroys_nothing_that_other_grounds_cover():
    subject = make_subject()
    make_consent(subject_id=subject.pk)

    make_withdrawal(subject_id=subject.pk)

    assert list(Clock.objects.all()) == []
    assert facts_of(subject)[4:] == [("kept_on_another_ground", "ads"), (Fact.CONSENT_WITHDRAWN, "ads 1")]


def test_withdraw_consent_closes_the_purpose_and_is_logged():
    subject = make_subject()
    given = make_consent(subject_id=subject.pk)
    make_consent(subject_id=subject.pk, purpose="surveys")

    entry = make_withdrawal(subject_id=subject.pk)

    assert (entry.turn, entry.kind, entry.at, entry.text) == (2, "withdrawn", WITHDRAWN_AT, given.text)
    assert open_purposes(subject) == ["surveys"]
    assert facts_of(subject)[-1] == (Fact.CONSENT_WITHDRAWN, "ads 1")


def test_withdraw_consent_refuses_one_that_is_not_in_force():
    subject = make_subject()

    with pytest.raises(NotInForce):
        withdraw_consent(subject_id=subject.pk, purpose="ads", actor=Actor.system("test"), at=WITHDRAWN_AT)

    assert facts_of(subject) == []


def test_withdraw_consent_refuses_a_second_time():
    subject = make_subject()
    make_consent(subject_id=subject.pk)
    make_withdrawal(subject_id=subject.pk)

    with pytest.raises(NotInForce):
        make_withdrawal(subject_id=subject.pk, at=LATER)


def test_withdraw_consent_works_for_somebody_blocked():
    subject = make_subject()
    make_consent(subject_id=subject.pk)
    subject.block(at=GIVEN_AT)

    make_withdrawal(subject_id=subject.pk)

    assert open_purposes(subject) == []


def test_withdraw_consent_works_for_somebody_destroyed():
    subject = make_subject()
    make_consent(subject_id=subject.pk)
    Subject.objects.filter(pk=subject.pk).update(wrapped_key=None, destroyed_at=GIVEN_AT)

    entry = make_withdrawal(subject_id=subject.pk)

    assert entry.turn == 2
    assert facts_of(subject)[-1][0] == Fact.CONSENT_WITHDRAWN


def test_give_consent_after_a_withdrawal_is_a_new_turn():
    subject = make_subject()
    make_consent(subject_id=subject.pk)
    make_withdrawal(subject_id=subject.pk)

    assert make_consent(subject_id=subject.pk, at=LATER).turn == 3
    assert list(LedgerEntry.objects.in_force().values_list("turn", flat=True)) == [3]


def test_in_force_is_what_nothing_came_after():
    subject, other = make_subject(), make_subject()
    make_consent(subject_id=subject.pk)
    make_withdrawal(subject_id=subject.pk)
    kept = make_consent(subject_id=other.pk)
    also_kept = make_consent(subject_id=subject.pk, purpose="surveys")

    assert set(LedgerEntry.objects.in_force()) == {kept, also_kept}


def test_rebuild_open_purposes_follows_the_ledger():
    subject = make_subject()
    make_consent(subject_id=subject.pk, purpose="surveys")
    Subject.objects.filter(pk=subject.pk).update(open_purposes=["ads"])

    with transaction.atomic():
        assert rebuild_open_purposes(subject_id=subject.pk)
        assert not rebuild_open_purposes(subject_id=subject.pk)

    assert open_purposes(subject) == ["surveys"]


def test_acknowledge_policy_keeps_hash_and_time_and_is_no_consent():
    subject = make_subject()

    acknowledgement = make_acknowledgement(subject_id=subject.pk)

    assert acknowledgement.sha256 == PolicyVersion.objects.get().sha256
    assert (acknowledgement.at, acknowledgement.language) == (GIVEN_AT, "ru")
    assert (LedgerEntry.objects.count(), open_purposes(subject)) == (0, [])
    assert facts_of(subject) == [(Fact.POLICY_ACKNOWLEDGED, "policy 1")]


def test_acknowledge_policy_a_second_time_changes_nothing():
    subject = make_subject()
    first = make_acknowledgement(subject_id=subject.pk)

    assert make_acknowledgement(subject_id=subject.pk, at=LATER) == first
    assert Acknowledgement.objects.get().at == GIVEN_AT
    assert len(facts_of(subject)) == 1


def test_acknowledge_policy_refuses_a_text_that_was_not_shown():
    subject = make_subject()

    with pytest.raises(NotTheTextShown):
        acknowledge_policy(subject_id=subject.pk, shown="0" * 64, actor=person(subject.pk), at=GIVEN_AT)


def entry_of(subject: Subject, **changes: object) -> LedgerEntry:
    text = text_of("ads")
    values = {"purpose": "ads", "turn": 1, "kind": "given", "language": "ru", "sha256": text.sha256, "at": GIVEN_AT}
    return LedgerEntry(subject=subject, text=text, act=uuid4(), **(values | changes))


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"turn": 3}, "ledger_entry_turns_have_no_gaps"),
        ({"kind": "withdrawn"}, "ledger_entry_turns_give_and_withdraw"),
        ({"sha256": "0" * 64}, "ledger_entry_has_the_text_shown"),
        ({"purpose": "surveys"}, "ledger_entry_has_the_text_shown"),
        ({"channel": "rumour"}, "ledger_entry_channel_is_known"),
    ],
)
def test_database_refuses_an_entry_that_breaks(changes, constraint):
    with pytest.raises(
        IntegrityError,
        match=constraint.replace("ledger_entry_turns_have_no_gaps", "not the next one").replace(
            "ledger_entry_has_the_text_shown", "not the one of its purpose"
        ),
    ):
        entry_of(make_subject(), **changes).save(force_insert=True)


def test_database_refuses_a_second_consent_in_force():
    subject = make_subject()
    make_consent(subject_id=subject.pk)
    served = Served.objects.create(
        nonce_digest=b"0",
        subject=subject,
        text=text_of("ads"),
        language="ru",
        sha256=text_of("ads").sha256,
        screen=Screen.objects.get(),
        at=GIVEN_AT,
        expires_at=LATER,
        act=uuid4(),
    )

    with pytest.raises(IntegrityError, match="ledger_entry_turns_give_and_withdraw"):
        entry_of(subject, turn=2, served=served).save(force_insert=True)


def test_database_refuses_a_consent_of_somebody_blocked():
    subject = make_subject()
    subject.block(at=GIVEN_AT)

    with pytest.raises(IntegrityError, match="blocked or destroyed"):
        entry_of(subject).save(force_insert=True)
