"""What a receipt says, and that it is signed."""

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from consent.models import LedgerEntry, Receipt, ReceiptTerms
from consent.receipts import issuing, signing
from consent.receipts.verify_receipt import from_base64url, payload_of, signing_input, to_base64url
from profiles import current
from tests.factories.consent import GIVEN_AT, WITHDRAWN_AT, make_consent, make_withdrawal, press, show, text_of
from tests.factories.papers import by_guardian, make_paper_consent
from tests.factories.personal_data import make_subject

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published")]

SITE = "https://portal.example.org"


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.BASE_URL = SITE


def receipt_of(entry: LedgerEntry) -> dict[str, Any]:
    return issuing.receipt_of(entry.pk)


def record_of(entry: LedgerEntry) -> dict[str, Any]:
    record: dict[str, Any] = receipt_of(entry)["dpv:hasRecordOfActivity"][0]
    return record


def test_receipt_has_the_shape_of_ts_27560_in_dpv():
    subject = make_subject()
    entry = make_consent(subject_id=subject.pk, purpose="ads")
    text, operator = text_of("ads"), current().operator
    served, awaited = entry.served, entry.awaited
    assert served
    assert awaited is not None

    receipt = receipt_of(entry)
    signature = receipt["ru:evidence"].pop("signature")

    assert receipt == {
        "@context": {
            "dpv": "https://w3id.org/dpv#",
            "pd": "https://w3id.org/dpv/pd#",
            "loc": "https://w3id.org/dpv/loc#",
            "dct": "http://purl.org/dc/terms/",
            "schema": "https://schema.org/",
            "ru": f"{SITE}/ns/152fz#",
        },
        "@id": f"{SITE}/receipts/rcp_{entry.pk}",
        "@type": "dpv:ConsentReceipt",
        "dct:identifier": f"rcp_{entry.pk}",
        "dct:conformsTo": ["https://w3id.org/dpv/schema/dpv-27560#receipt", f"{SITE}/ns/receipt/1"],
        "dct:created": "2026-02-01T09:00:00.000000Z",
        "dct:publisher": {
            "@id": f"{SITE}/#operator",
            "@type": "dpv:DataController",
            "dpv:hasName": operator.name.ru,
            "ru:inn": operator.inn,
            "ru:ogrn": operator.ogrn,
            "schema:contactPoint": {"schema:email": operator.email, "schema:address": operator.address.ru},
        },
        "schema:recipient": {"@id": f"urn:psn:{subject.pk}"},
        "dpv:hasRecordOfActivity": [
            {
                "@id": f"{SITE}/consents/cns_{entry.pk}",
                "@type": "dpv:ConsentRecord",
                "dct:identifier": f"cns_{entry.pk}",
                "dct:conformsTo": ["https://w3id.org/dpv/schema/dpv-27560#record"],
                "dpv:hasDataSubject": {"@id": f"urn:psn:{subject.pk}", "@type": "dpv:DataSubject"},
                "dpv:hasDataController": [{"@id": f"{SITE}/#operator"}],
                "dpv:hasJurisdiction": ["loc:RU"],
                "dpv:hasApplicableLaw": ["ru:152-FZ"],
                "dpv:hasNotice": [
                    {
                        "@type": "dpv:ConsentNotice",
                        "@id": f"{SITE}/privacy/consents/advertising/v/1/consent.ru.txt",
                        "dct:date": "2025-11-10",
                        "dct:language": "ru",
                        "dct:coverage": "ads",
                        "ru:textSha256": text.sha256,
                        "ru:screenSha256": served.screen_id,
                        "ru:servedAt": "2026-02-01T09:00:00.000000Z",
                    }
                ],
                "dpv:hasProcess": [
                    {
                        "dpv:hasPurpose": [
                            {
                                "@id": f"{SITE}/privacy/data-map/#purpose-ads",
                                "dct:title": "Реклама по электронной почте",
                                "@type": "dpv:Marketing",
                            }
                        ],
                        "dpv:hasPersonalData": [
                            {
                                "@type": "pd:Communication",
                                "dct:title": "Письма, которые портал отправил вам",
                                "dpv:hasNecessity": "dpv:Required",
                            },
                            {
                                "@type": "pd:EmailAddress",
                                "dct:title": "Адрес электронной почты",
                                "dpv:hasNecessity": "dpv:Required",
                            },
                            {
                                "@type": "pd:Name",
                                "dct:title": "Фамилия, имя, отчество",
                                "dpv:hasNecessity": "dpv:Optional",
                            },
                        ],
                        "dpv:hasProcessing": [
                            "dpv:Record",
                            "dpv:Organise",
                            "dpv:Store",
                            "dpv:Retrieve",
                            "dpv:Use",
                            "dpv:Erase",
                            "dpv:Destruct",
                        ],
                        "dpv:hasRecipient": [],
                        "dpv:hasStorageCondition": [
                            {"@type": "dpv:StorageLocation", "dpv:hasLocation": "loc:RU"},
                            {
                                "@type": "dpv:StorageDuration",
                                "dpv:hasDuration": "P30D",
                                "ru:after": "account-deleted",
                            },
                            {"@type": "dpv:StorageDuration", "dpv:hasDuration": "P30D", "ru:after": "withdrawal"},
                            {
                                "@type": "dpv:StorageDuration",
                                "dpv:hasDuration": "P30D",
                                "ru:after": "subscription-ended",
                            },
                            {"@type": "dpv:StorageDeletion", "ru:evidence": "order-179"},
                        ],
                    }
                ],
                "dpv:hasLegalBasis": ["dpv:Consent"],
                "dpv:hasConsentControl": [
                    {"@type": "dpv:ProvideConsent", "dpv:isExercisedAt": f"{SITE}/me/consents/advertising/"},
                    {
                        "@type": "dpv:WithdrawConsent",
                        "dpv:isExercisedAt": f"{SITE}/me/consents/#consent-advertising",
                    },
                ],
                "dpv:hasRight": ["ru:art14-information", "ru:art9-withdrawal", "ru:art20-correction"],
                "dpv:hasConsentStatus": [
                    {
                        "@type": ["dpv:ConsentGiven", "dpv:ExpressedConsent"],
                        "dpv:isIndicatedBy": {"@id": f"urn:psn:{subject.pk}"},
                        "dpv:hasIndicationMethod": "button+email-link",
                        "dpv:isIndicatedAtTime": "2026-02-01T09:00:00.000000Z",
                        "dpv:hasDuration": "until-withdrawal",
                    }
                ],
            }
        ],
        "ru:evidence": {
            "logOrigin": current().system_name,
            "termsSha256": entry.receipt.terms_id,
            "context": str(entry.act),
            "noticeServedContext": str(served.act),
            "nonceSha256": bytes(served.nonce_digest).hex(),
            "askedContext": str(awaited.act),
            "askedAt": "2026-02-01T09:00:00.000000Z",
        },
    }
    header, between, signed = signature.split(".")
    assert json.loads(from_base64url(header)) == {"alg": "EdDSA", "kid": signing.current().key_id}
    assert between == ""
    key = Ed25519PublicKey.from_public_bytes(signing.current().public_key)
    key.verify(from_base64url(signed), signing_input(header, payload_of(receipt)))


def test_receipt_of_a_withdrawal_is_of_the_same_record_with_both_events():
    subject = make_subject()
    given = make_consent(subject_id=subject.pk, purpose="surveys")
    withdrawn = make_withdrawal(subject_id=subject.pk, purpose="surveys")

    receipt, record = receipt_of(withdrawn), record_of(withdrawn)

    assert receipt["dct:identifier"] == f"rcp_{withdrawn.pk}"
    assert record["dct:identifier"] == f"cns_{given.pk}"
    statuses = record["dpv:hasConsentStatus"]
    assert [status["@type"] for status in statuses] == [
        ["dpv:ConsentGiven", "dpv:ExpressedConsent"],
        ["dpv:ConsentWithdrawn"],
    ]
    assert statuses[1]["dpv:isIndicatedAtTime"] == "2026-03-01T09:00:00.000000Z"
    assert receipt["ru:evidence"]["withdrawnContext"] == str(withdrawn.act)
    assert record["dpv:hasNotice"] == record_of(given)["dpv:hasNotice"]
    assert issuing.is_sound(receipt)


def test_receipt_of_a_paper_says_by_whom_and_has_no_screen():
    entry = make_paper_consent(subject_id=make_subject().pk, **by_guardian())

    receipt, record = receipt_of(entry), record_of(entry)

    assert "ru:screenSha256" not in record["dpv:hasNotice"][0]
    assert record["dpv:hasConsentStatus"][0]["dpv:isIndicatedBy"] == {"@type": "ru:Guardian"}
    assert record["dpv:hasConsentStatus"][0]["dpv:hasIndicationMethod"] == "paper+second-person"
    assert record["dpv:hasConsentStatus"][0]["@type"] == ["dpv:ConsentGiven", "dpv:ExplicitlyExpressedConsent"]
    assert receipt["ru:evidence"]["confirmedAt"] == "2026-02-01T09:00:00.000000Z"
    assert "Белова" not in json.dumps(receipt, ensure_ascii=False)
    assert issuing.is_sound(receipt)


def test_receipt_is_in_the_language_of_the_consent():
    entry = make_consent(subject_id=make_subject().pk, purpose="surveys", language="en")

    record = record_of(entry)

    assert record["dpv:hasProcess"][0]["dpv:hasPurpose"][0]["dct:title"] == "Surveys and research"
    assert record["dpv:hasNotice"][0]["ru:textSha256"] == text_of("surveys").sha256_en


def test_shown_and_given_are_two_moments_joined_by_one_number():
    subject, later = make_subject(), GIVEN_AT + timedelta(minutes=3, microseconds=7)
    show(subject_id=subject.pk, purpose="surveys")
    entry = press(subject_id=subject.pk, purpose="surveys", at=later)

    record, evidence = record_of(entry), receipt_of(entry)["ru:evidence"]

    assert record["dpv:hasNotice"][0]["ru:servedAt"] == "2026-02-01T09:00:00.000000Z"
    assert record["dpv:hasConsentStatus"][0]["dpv:isIndicatedAtTime"] == "2026-02-01T09:03:00.000007Z"
    assert evidence["nonceSha256"] == bytes(entry.served.nonce_digest).hex()
    assert evidence["noticeServedContext"] != evidence["context"]


def test_hash_of_the_text_is_that_of_the_file_it_names(client):
    record = record_of(make_consent(subject_id=make_subject().pk))

    notice = record["dpv:hasNotice"][0]
    words = client.get(notice["@id"].removeprefix(SITE)).content

    assert hashlib.sha256(words).hexdigest() == notice["ru:textSha256"]


def test_same_entry_gives_the_same_bytes():
    entry = make_consent(subject_id=make_subject().pk)

    assert issuing.as_file(receipt_of(entry)) == issuing.as_file(receipt_of(entry))


def test_receipt_tells_what_was_declared_then_not_what_is_declared_today(settings, monkeypatch):
    entry = make_consent(subject_id=make_subject().pk, purpose="surveys")
    before = receipt_of(entry)

    settings.BASE_URL = "https://new.example.org"
    profile = current()
    surveys = profile.purposes["surveys"].model_copy(update={"categories": frozenset({"email"})})
    changed = profile.model_copy(update={"purposes": {**profile.purposes, "surveys": surveys}})
    monkeypatch.setattr("consent.receipts.terms.current", lambda: changed)
    later = make_consent(subject_id=make_subject().pk, purpose="surveys")

    assert receipt_of(entry) == before
    assert [len(process["dpv:hasPersonalData"]) for process in record_of(later)["dpv:hasProcess"]] == [1]
    assert receipt_of(later)["@id"].startswith("https://new.example.org/")
    assert ReceiptTerms.objects.count() == 2


def test_terms_are_kept_once_for_all_who_agreed_to_them():
    for _ in range(3):
        make_consent(subject_id=make_subject().pk, purpose="surveys")

    assert (Receipt.objects.count(), ReceiptTerms.objects.count()) == (3, 1)


def test_withdrawal_is_receipted_when_the_profile_has_forgotten_the_purpose(monkeypatch):
    subject = make_subject()
    given = make_consent(subject_id=subject.pk, purpose="surveys")
    without = {code: purpose for code, purpose in current().purposes.items() if code != "surveys"}
    changed = current().model_copy(update={"purposes": without})
    monkeypatch.setattr("consent.receipts.terms.current", lambda: changed)

    withdrawn = make_withdrawal(subject_id=subject.pk, purpose="surveys", at=WITHDRAWN_AT)

    assert withdrawn.receipt.terms_id == given.receipt.terms_id
    assert issuing.is_sound(receipt_of(withdrawn))


def test_published_keys_are_the_ones_that_sign(client):
    response = client.get("/.well-known/receipt-keys.json")

    signer = signing.current()
    assert response.headers["Content-Type"] == "application/jwk-set+json"
    assert response.json() == {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": to_base64url(signer.public_key),
                "kid": signer.key_id,
                "use": "sig",
                "alg": "EdDSA",
            }
        ]
    }


def test_key_that_signs_no_more_is_still_published(monkeypatch):
    entry = make_consent(subject_id=make_subject().pk)
    monkeypatch.setattr(signing, "LABELS", (*signing.LABELS, "the next one"))

    newer = make_consent(subject_id=make_subject().pk)

    assert len(signing.public_keys()) == 2
    assert issuing.is_sound(receipt_of(entry))
    assert issuing.is_sound(receipt_of(newer))
    assert receipt_of(entry)["ru:evidence"]["signature"].split(".")[0] != newer.receipt.signature.split(".")[0]
