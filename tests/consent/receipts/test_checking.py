"""A receipt that somebody holds, against its signature and against the ledger; the ledger as a superuser leaves it."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from consent.models import ConsentTextVersion, LedgerEntry
from consent.receipts import issuing
from consent.receipts.checking import Verdict, Why, check
from consent.receipts.parts import Part
from consent.receipts.reading import in_words
from consent.receipts.signing import Signer
from consent.receipts.verify_receipt import read
from consent.verifying import Flaw
from tests.factories.consent import GIVEN_AT, WITHDRAWN_AT, make_consent, make_withdrawal, publish, publish_next
from tests.factories.papers import make_paper_consent
from tests.factories.personal_data import make_subject

pytestmark = pytest.mark.django_db(transaction=True)

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def entry(transactional_db: None) -> LedgerEntry:
    publish()
    return make_consent(subject_id=make_subject().pk, purpose="ads")


@pytest.fixture
def receipt(entry: LedgerEntry) -> bytes:
    """As its owner took it away."""
    return issuing.as_file(issuing.receipt_of(entry.pk))


def changed(receipt: bytes, change: Change) -> bytes:
    document = json.loads(receipt)
    change(document)
    return json.dumps(document).encode()


def record_of(document: dict[str, Any]) -> dict[str, Any]:
    record: dict[str, Any] = document["dpv:hasRecordOfActivity"][0]
    return record


def notice_of(document: dict[str, Any]) -> dict[str, Any]:
    notice: dict[str, Any] = record_of(document)["dpv:hasNotice"][0]
    return notice


def alter(superuser: Any, table: str, assignment: str) -> None:
    """As somebody with every right in the database would."""
    superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
    superuser.execute(f"UPDATE {table} SET {assignment}")
    superuser.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only")


# --- sound ------------------------------------------------------------------------------------------------------------


def test_receipt_as_it_was_taken_is_genuine(entry, receipt):
    found = check(receipt)

    assert (found.verdict, found.why, found.differing, found.flaws) == (Verdict.GENUINE, (), (), ())
    assert found.entry == entry
    assert found.withdrawn_at is None


def test_order_of_names_and_white_space_are_no_alteration(receipt):
    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: turned(value[name]) for name in reversed(value)}
        return [turned(each) for each in value] if isinstance(value, list) else value

    for text in (
        json.dumps(turned(json.loads(receipt)), indent=7),
        json.dumps(json.loads(receipt), separators=(",", ":")),
        "\ufeff" + receipt.decode().replace("\n", "\r\n"),
    ):
        assert check(text.encode()).verdict == Verdict.GENUINE


def test_receipt_of_a_withdrawn_consent_stays_genuine_and_says_so(entry, receipt):
    make_withdrawal(subject_id=entry.subject_id, purpose="ads")

    found = check(receipt)

    assert (found.verdict, found.withdrawn_at) == (Verdict.GENUINE, WITHDRAWN_AT)


def test_receipt_of_a_consent_that_a_newer_one_replaced_says_so_and_speaks_of_no_withdrawal(entry):
    subject_id = make_subject().pk
    publish_next("surveys", covers=False)
    held = make_consent(subject_id=subject_id, purpose="surveys")
    publish_next("surveys")

    renewed = make_consent(subject_id=subject_id, purpose="surveys", at=WITHDRAWN_AT)

    found = check(issuing.as_file(issuing.receipt_of(held.pk)))
    assert (found.verdict, found.withdrawn_at, found.replaced_at) == (Verdict.GENUINE, None, WITHDRAWN_AT)
    states = [record_of(issuing.receipt_of(each.pk))["dpv:hasConsentStatus"][0]["@type"][0] for each in (held, renewed)]
    assert states == ["dpv:ConsentGiven", "dpv:RenewedConsentGiven"]
    assert check(issuing.as_file(issuing.receipt_of(renewed.pk))).is_genuine


def test_receipt_of_a_consent_on_paper_names_the_day_and_no_hour_that_nobody_wrote_down(entry):
    given = make_paper_consent(subject_id=make_subject().pk, at=GIVEN_AT)

    receipt = issuing.receipt_of(given.pk)

    assert given.paper
    assert receipt["ru:evidence"]["receivedOn"] == "2026-02-01"
    assert receipt["ru:evidence"]["enteredContext"] == str(given.paper.act)
    assert in_words(receipt).received_on == GIVEN_AT.date()


def test_receipt_of_a_withdrawal_is_genuine(entry):
    withdrawn = make_withdrawal(subject_id=entry.subject_id, purpose="ads")

    found = check(issuing.as_file(issuing.receipt_of(withdrawn.pk)))

    assert (found.verdict, found.entry) == (Verdict.GENUINE, withdrawn)


# --- an altered receipt -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "why", "parts"),
    [
        (
            lambda document: notice_of(document).update({"ru:textSha256": "0" * 64}),
            (Why.SIGNATURE, Why.TEXT_UNKNOWN),
            (Part.TEXT,),
        ),
        (
            lambda document: notice_of(document).update({"ru:screenSha256": "0" * 64}),
            (Why.SIGNATURE, Why.SCREEN_UNKNOWN),
            (Part.SCREEN,),
        ),
        (
            lambda document: notice_of(document).update({"ru:servedAt": "2026-02-01T08:00:00.000000Z"}),
            (Why.SIGNATURE,),
            (Part.SHOWN,),
        ),
        (
            lambda document: record_of(document)["dpv:hasConsentStatus"][0].update({"dpv:isIndicatedAtTime": "2020"}),
            (Why.SIGNATURE,),
            (Part.MOMENT,),
        ),
        (
            lambda document: record_of(document)["dpv:hasConsentStatus"][0].update({"dpv:hasIndicationMethod": "-"}),
            (Why.SIGNATURE,),
            (Part.METHOD,),
        ),
        (
            lambda document: record_of(document)["dpv:hasProcess"][0]["dpv:hasPersonalData"].pop(),
            (Why.SIGNATURE,),
            (Part.DATA,),
        ),
        (
            lambda document: record_of(document)["dpv:hasProcess"][0]["dpv:hasRecipient"].append({"dpv:hasName": "X"}),
            (Why.SIGNATURE,),
            (Part.RECIPIENTS,),
        ),
        (
            lambda document: record_of(document)["dpv:hasProcess"][0]["dpv:hasStorageCondition"].reverse(),
            (Why.SIGNATURE,),
            (Part.STORAGE,),
        ),
        (lambda document: document["dct:publisher"].update({"ru:inn": "1"}), (Why.SIGNATURE,), (Part.OPERATOR,)),
        (lambda document: document["schema:recipient"].update({"@id": "urn:psn:me"}), (Why.SIGNATURE,), (Part.PERSON,)),
        (lambda document: document["ru:evidence"].update({"context": "x"}), (Why.SIGNATURE,), (Part.LOG,)),
        (lambda document: document.update({"more": True}), (Why.SIGNATURE,), (Part.OTHER,)),
        (
            lambda document: document.update({"dct:identifier": "rcp_00000000-0000-4000-8000-000000000000"}),
            (Why.SIGNATURE, Why.NO_ENTRY),
            (),
        ),
        (lambda document: document.update({"dct:identifier": ["rcp_"]}), (Why.SIGNATURE, Why.NO_ENTRY), ()),
    ],
)
def test_altered_receipt_is_detected_and_says_where(receipt, change, why, parts):
    found = check(changed(receipt, change))

    assert (found.verdict, found.why, found.differing) == (Verdict.ALTERED, why, parts)


def test_receipt_signed_again_with_another_key_is_altered(entry):
    document = issuing.receipt_of(entry.pk)
    notice_of(document)["ru:textSha256"] = "0" * 64
    document["ru:evidence"]["signature"] = Signer(b"\x07" * 32).sign(document)

    assert check(issuing.as_file(document)).verdict == Verdict.ALTERED


def test_receipt_of_another_operator_is_not_ours(entry):
    document = issuing.receipt_of(entry.pk)
    document["dct:identifier"] = "rcp_00000000-0000-4000-8000-000000000000"
    document["ru:evidence"]["signature"] = Signer(b"\x07" * 32).sign(document)

    found = check(issuing.as_file(document))

    assert (found.verdict, found.why) == (Verdict.NOT_OURS, (Why.UNKNOWN_KEY,))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", Why.NOT_JSON),
        (b"%PDF-1.4", Why.NOT_JSON),
        (b'{"a": 1, "a": 2}', Why.NOT_JSON),
        (b"{}", Why.NOT_A_RECEIPT),
        (b'{"@type": "dpv:ConsentReceipt"}', Why.NOT_A_RECEIPT),
        (b'{"@type": "dpv:ConsentReceipt", "ru:evidence": {"signature": "a.b.c"}}', Why.NOT_A_RECEIPT),
        (b'{"@type": "dpv:ConsentReceipt", "ru:evidence": {"signature": "YQ..YQ"}}', Why.NOT_A_RECEIPT),
        (b'{"@type": "dpv:ConsentReceipt", "ru:evidence": {"signature": "bnVsbA..YQ"}}', Why.NOT_A_RECEIPT),
    ],
)
def test_what_is_no_receipt_is_told_apart(transactional_db, data, why):
    found = check(data)

    assert (found.verdict, found.why) == (Verdict.NOT_A_RECEIPT, (why,))


# --- an altered ledger ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "assignment", "part"),
    [
        ("ledgerentry", "sha256 = repeat('0', 64)", Part.TEXT),
        ("ledgerentry", "at = at + interval '1 microsecond'", Part.MOMENT),
        ("ledgerentry", "given_by = 'subject', language = 'en'", Part.TEXT),
        ("ledgerentry", "act = gen_random_uuid()", Part.LOG),
        ("served", "at = at - interval '1 second'", Part.SHOWN),
        ("awaited", "at = at - interval '1 microsecond'", Part.LOG),
        ("consenttextversion", "updated_on = '2020-01-01'", Part.TEXT),
    ],
)
@pytest.mark.usefixtures("entry")
def test_row_altered_by_a_superuser_is_detected(receipt, as_superuser, where, assignment, part):
    alter(as_superuser, f"consent_{where}", assignment)

    found = check(receipt)

    assert found.verdict == Verdict.OURS_DIFFER
    assert part in found.differing
    assert Flaw.RECEIPT_ALTERED in found.flaws, "also without the receipt that its owner holds"


def test_published_text_altered_by_a_superuser_is_detected(receipt, as_superuser):
    alter(as_superuser, "consent_consenttextversion", "content = jsonb_set(content, '{ru,title}', '\"Да\"')")

    found = check(receipt)

    assert (found.verdict, found.flaws) == (Verdict.OURS_DIFFER, (Flaw.TEXT_ALTERED,))


def test_text_and_its_hash_altered_together_are_detected(receipt, as_superuser):
    """Every hash computes; only what was signed does not."""
    row = ConsentTextVersion.objects.get(purpose="ads")
    forged = row.document.model_copy(update={"ru": row.document.ru.model_copy(update={"title": "Согласие на всё"})})
    for table in ("consent_consenttextversion", "consent_ledgerentry"):
        as_superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
    as_superuser.execute(
        "UPDATE consent_consenttextversion SET content = %s, sha256 = %s WHERE id = %s",
        (json.dumps(forged.model_dump(mode="json")), forged.ru.hash, row.pk),
    )
    as_superuser.execute("UPDATE consent_ledgerentry SET sha256 = %s", (forged.ru.hash,))
    for table in ("consent_consenttextversion", "consent_ledgerentry"):
        as_superuser.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only")

    found = check(receipt)

    assert (found.verdict, found.differing) == (Verdict.OURS_DIFFER, (Part.TEXT,))
    assert Flaw.RECEIPT_ALTERED in found.flaws


def test_screen_altered_by_a_superuser_is_detected(receipt, as_superuser):
    as_superuser.execute("ALTER TABLE consent_screen DROP CONSTRAINT screen_hash_is_of_its_words")
    alter(as_superuser, "consent_screen", "content = replace(content, 'Даю согласие', 'ОК, всё')")

    found = check(receipt)

    assert (found.verdict, found.flaws) == (Verdict.OURS_DIFFER, (Flaw.SCREEN_ALTERED,))
    alter(as_superuser, "consent_screen", "content = replace(content, 'ОК, всё', 'Даю согласие')")
    as_superuser.execute(
        "ALTER TABLE consent_screen ADD CONSTRAINT screen_hash_is_of_its_words "
        "CHECK (sha256 = encode(sha256(convert_to(content, 'UTF8')), 'hex'))"
    )


def test_signature_altered_or_taken_away_by_a_superuser_is_detected(entry, receipt, as_superuser):
    alter(as_superuser, "consent_receipt", "signature = replace(signature, '..', '..A')")
    assert check(receipt).flaws == (Flaw.RECEIPT_ALTERED,)

    as_superuser.execute("ALTER TABLE consent_receipt DISABLE TRIGGER append_only")
    as_superuser.execute("DELETE FROM consent_receipt")
    as_superuser.execute("ALTER TABLE consent_receipt ENABLE ALWAYS TRIGGER append_only")
    assert check(receipt).flaws == (Flaw.RECEIPT_MISSING,)


def test_entry_taken_away_by_a_superuser_is_detected(receipt, as_superuser):
    as_superuser.execute("SET session_replication_role = replica")
    for table in ("receipt", "term", "ledgerentry"):
        as_superuser.execute(f"ALTER TABLE consent_{table} DISABLE TRIGGER USER")
        as_superuser.execute(f"DELETE FROM consent_{table}")
        as_superuser.execute(f"ALTER TABLE consent_{table} ENABLE TRIGGER USER")
        for trigger in _always(as_superuser, f"consent_{table}"):
            as_superuser.execute(f"ALTER TABLE consent_{table} ENABLE ALWAYS TRIGGER {trigger}")
    as_superuser.execute("SET session_replication_role = origin")

    found = check(receipt)

    assert (found.verdict, found.why) == (Verdict.OURS_DIFFER, (Why.NO_ENTRY,))


def _always(superuser: Any, table: str) -> list[str]:
    rows = superuser.execute(
        "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal", (table,)
    ).fetchall()
    return [name for (name,) in rows]


# --- any change at all ------------------------------------------------------------------------------------------------


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """To every value of a document, however deep."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in items:
        yield from paths(inner, (*path, name))


OFTEN = settings(
    max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(min_value=-(2**60), max_value=2**60) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=4,
)


def means_the_same(one: bytes, other: bytes) -> bool:
    try:
        return read(one) == read(other)
    except ValueError:
        return False


@OFTEN
@given(data=st.data())
def test_any_single_byte_that_changes_the_meaning_is_detected(receipt, data):
    place = data.draw(st.integers(min_value=0, max_value=len(receipt) - 1))
    byte = data.draw(st.integers(min_value=0, max_value=255))
    forged = receipt[:place] + bytes([byte]) + receipt[place + 1 :]

    assert check(forged).is_genuine == means_the_same(forged, receipt)


@OFTEN
@given(data=st.data())
def test_any_byte_lost_or_added_that_changes_the_meaning_is_detected(receipt, data):
    place = data.draw(st.integers(min_value=0, max_value=len(receipt) - 1))
    added = data.draw(st.binary(max_size=1))
    forged = receipt[:place] + added + receipt[place + (not added) :]

    assert check(forged).is_genuine == means_the_same(forged, receipt)


@OFTEN
@given(data=st.data())
def test_any_value_or_name_that_is_changed_is_detected(receipt, data):
    document = json.loads(receipt)
    *way, last = data.draw(st.sampled_from(list(paths(document))))
    forged = copy.deepcopy(document)
    place = forged
    for step in way:
        place = place[step]
    act = data.draw(st.sampled_from(["change", "remove", "rename", "add"]))
    if act == "change":
        place[last] = data.draw(VALUES)
    elif act == "remove":
        del place[last]
    elif act == "add" or isinstance(place, list):
        place[last] = [place[last], data.draw(VALUES)]
    else:
        place[data.draw(st.text(min_size=1, max_size=8))] = place.pop(last)
    assume(json.dumps(forged, sort_keys=True) != json.dumps(document, sort_keys=True))

    assert not check(json.dumps(forged).encode(errors="surrogatepass")).is_genuine
