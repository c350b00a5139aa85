"""From one id to everything that proves a consent; what was altered is seen."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from consent.evidence import evidence_of
from consent.models import LedgerEntry
from consent.verifying import Flaw
from processing_log.models import Event
from tests.factories.consent import GIVEN_AT, make_consent, make_withdrawal, publish, text_of
from tests.factories.papers import make_paper_consent
from tests.factories.personal_data import make_subject

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def consent(transactional_db) -> LedgerEntry:
    publish()
    return make_consent(subject_id=make_subject().pk, purpose="ads", language="en")


def flaws(consent: LedgerEntry) -> list[str]:
    return [finding.flaw.value for finding in evidence_of(consent.pk).flaws]


def alter(superuser, table: str, assignment: str, trigger: str = "append_only") -> None:
    """As somebody with every right in the database would."""
    superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    superuser.execute(f"UPDATE {table} SET {assignment}")
    superuser.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


def run(*arguments: str) -> tuple[int, str]:
    output = StringIO()
    try:
        with translation.override("en"):
            call_command("verify_consents", *arguments, stdout=output)
    except SystemExit as stopped:
        return int(stopped.code or 0), output.getvalue()
    return 0, output.getvalue()


def test_evidence_has_text_screen_times_way_and_log(consent):
    found = evidence_of(consent.pk)

    document = text_of("ads").document.en
    assert found.text == document.canonical()
    assert found.screen is not None
    assert found.screen["blocks"][-2]["text"] == "I give this consent"
    assert found.entry.served is not None
    assert (found.entry.served.at, found.entry.at, found.entry.channel) == (GIVEN_AT, GIVEN_AT, "mail_link")
    assert [step.kind for step in found.steps] == ["sent"]
    facts = [event.fact for event in found.events if event.fact]
    assert facts == ["consent_shown", "consent_asked", "consent_mail_sent", "consent_given"]
    assert found.is_sound


def test_evidence_of_a_withdrawal_has_its_terms_and_all_turns(consent):
    withdrawal = make_withdrawal(subject_id=consent.subject_id)

    found = evidence_of(withdrawal.pk)

    assert [turn.kind for turn in found.turns] == ["given", "withdrawn"]
    assert sorted(term.rule for term in found.terms) == ["D13", "D14"]
    assert found.is_sound


def test_evidence_of_a_paper_names_both_people_and_opens_nothing(consent):
    entry = make_paper_consent(subject_id=make_subject().pk)

    found = evidence_of(entry.pk)

    assert found.entry.paper is not None
    assert found.entry.paper.author != found.entry.paper.decided_by
    facts = [event.fact for event in found.events if event.fact]
    assert facts == ["consent_paper_entered", "consent_given", "consent_paper_confirmed"]
    assert found.is_sound
    assert not Event.objects.filter(subject=entry.subject_id, operation="extract").exists()


def test_altered_text_is_detected(consent, as_superuser):
    alter(
        as_superuser, "consent_consenttextversion", "content = jsonb_set(content, '{en,title}', '\"Consent to all\"')"
    )

    assert flaws(consent) == [Flaw.TEXT_ALTERED]


def test_text_that_cannot_be_read_any_more_is_detected(consent, as_superuser):
    alter(as_superuser, "consent_consenttextversion", "content = '{}'")

    assert flaws(consent) == [Flaw.TEXT_UNREADABLE]
    assert evidence_of(consent.pk).text == ""


def test_altered_screen_is_detected(consent, as_superuser):
    as_superuser.execute("ALTER TABLE consent_screen DROP CONSTRAINT screen_hash_is_of_its_words")
    alter(as_superuser, "consent_screen", "content = replace(content, 'I give this consent', 'OK')")

    assert flaws(consent) == [Flaw.SCREEN_ALTERED]

    as_superuser.execute("ALTER TABLE consent_screen DISABLE TRIGGER append_only")
    as_superuser.execute("UPDATE consent_screen SET content = replace(content, 'OK', 'I give this consent')")
    as_superuser.execute("ALTER TABLE consent_screen ENABLE ALWAYS TRIGGER append_only")
    as_superuser.execute(
        "ALTER TABLE consent_screen ADD CONSTRAINT screen_hash_is_of_its_words "
        "CHECK (sha256 = encode(sha256(convert_to(content, 'UTF8')), 'hex'))"
    )


@pytest.mark.parametrize(
    ("table", "assignment", "flaw"),
    [
        ("consent_ledgerentry", "sha256 = repeat('0', 64)", Flaw.HASHES_DIFFER),
        ("consent_served", "sha256 = repeat('0', 64)", Flaw.HASHES_DIFFER),
        ("consent_served", "nonce_digest = '\\x00'", Flaw.NUMBER_ALTERED),
        ("consent_served", "at = at + interval '1 hour'", Flaw.ORDER_BROKEN),
    ],
)
def test_altered_entry_is_detected(consent, as_superuser, table, assignment, flaw):
    alter(as_superuser, table, assignment)

    assert flaw in flaws(consent)


# --- the command ------------------------------------------------------------------------------------------------------


def test_verify_consents_finds_nothing_in_a_sound_ledger(consent):
    make_withdrawal(subject_id=consent.subject_id)

    assert run() == (0, "Rows verified: 7. Nothing was altered.\n")
    assert run(str(consent.pk)) == (0, "Rows verified: 1. Nothing was altered.\n")


def test_verify_consents_names_what_was_altered(consent, as_superuser):
    alter(as_superuser, "consent_consenttextversion", "content = jsonb_set(content, '{ru,title}', '\"Да\"')")

    status, said = run()
    assert (status, "ALTERED: 4" in said, "text ads 1 ru" in said) == (1, True, True)
    status, report = run("--json", str(consent.pk))
    assert (status, json.loads(report)["sound"]) == (1, False)
    assert json.loads(report)["flaws"] == [{"flaw": "text_altered", "what": "text ads 1 ru"}]


def test_verify_consents_of_an_unknown_one_says_so(consent):
    with pytest.raises(CommandError) as refused:
        run(str(make_subject().pk))

    assert refused.value.returncode == 2
