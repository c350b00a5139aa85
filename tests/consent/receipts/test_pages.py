"""Receipts on pages: their owner's, everybody's, the auditor's."""

import json
import logging
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import translation

from access.roles import Role
from consent.models import LedgerEntry, Receipt
from consent.receipts import issuing
from consent.receipts.verify_receipt import LARGEST, main
from processing_log.models import Event
from tests.factories.accounts import make_user, sign_in
from tests.factories.consent import make_consent, make_withdrawal
from tests.factories.papers import by_guardian, make_paper_consent
from tests.factories.personal_data import make_subject

pytestmark = pytest.mark.usefixtures("published")

VERIFY = "/privacy/verify-receipt/"


@pytest.fixture
def user(db: None) -> Any:
    return make_user(address="anna@example.org")


@pytest.fixture
def signed_in(client: Client, user: Any) -> Client:
    client.cookies["django_language"] = "en"
    return sign_in(client, user)


@pytest.fixture
def entry(user: Any) -> LedgerEntry:
    return make_consent(subject_id=user.subject_id, purpose="surveys")


@pytest.fixture
def receipt(entry: LedgerEntry) -> bytes:
    return issuing.as_file(issuing.receipt_of(entry.pk))


def text(response: Any) -> str:
    assert response.status_code == 200
    return str(response.content, "utf-8")


def verdict_on(client: Client, data: bytes, language: str = "en") -> str:
    client.cookies["django_language"] = language
    return text(client.post(VERIFY, {"pasted": data.decode()}))


# --- their owner's ----------------------------------------------------------------------------------------------------


def test_every_entry_has_its_receipt_on_the_page_of_consents(signed_in, entry):
    withdrawal = make_withdrawal(subject_id=entry.subject_id, purpose="surveys")

    for page in ("/me/consents/", "/me/consents/surveys/"):
        html = text(signed_in.get(page))
        assert f"/me/consents/{entry.pk}/receipt/" in html
        assert f"/me/consents/{withdrawal.pk}/receipt/" in html


def test_receipt_page_says_what_when_how_and_shows_the_hashes(signed_in, entry):
    html = text(signed_in.get(f"/me/consents/{entry.pk}/receipt/"))

    for words in (
        "Receipt of a consent",
        "Опросы и исследования",
        "1 February 2026, 12:00",
        "by a button on the portal",
        entry.sha256,
        entry.served.screen_id,
        f"rcp_{entry.pk}",
        f"cns_{entry.pk}",
        str(entry.act),
        str(entry.served.act),
        entry.receipt.signature,
        "30 calendar days after the consent is withdrawn",
        VERIFY,
    ):
        assert words in html, words
    assert "no longer those" not in html


def test_receipt_page_of_a_withdrawal_says_both_moments(signed_in, entry):
    withdrawal = make_withdrawal(subject_id=entry.subject_id, purpose="surveys")

    html = text(signed_in.get(f"/me/consents/{withdrawal.pk}/receipt/"))

    assert "Receipt of a withdrawal" in html
    assert "1 February 2026" in html
    assert "1 March 2026" in html


def test_receipt_file_is_the_receipt(signed_in, entry, receipt):
    response = signed_in.get(f"/me/consents/{entry.pk}/receipt.jsonld")

    assert response.content == receipt
    assert response.headers["Content-Type"] == "application/ld+json"
    assert response.headers["Content-Disposition"] == f'attachment; filename="rcp_{entry.pk}.jsonld"'
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize("page", ["receipt/", "receipt.jsonld"])
def test_receipt_of_somebody_else_is_not_there(signed_in, page):
    other = make_consent(subject_id=make_subject().pk, purpose="surveys")

    assert signed_in.get(f"/me/consents/{other.pk}/{page}").status_code == 404


def test_receipt_tells_nothing_of_who_the_person_is(user, receipt):
    assert b"anna" not in receipt
    assert json.loads(receipt)["schema:recipient"] == {"@id": f"urn:psn:{user.subject_id}"}


def test_address_in_the_receipt_leads_its_owner_to_the_page(signed_in, entry):
    for address in (f"/receipts/rcp_{entry.pk}", f"/consents/cns_{entry.pk}"):
        response = signed_in.get(address)
        assert (response.status_code, response.url) == (302, f"/me/consents/{entry.pk}/receipt/")


def test_address_of_a_receipt_tells_a_stranger_nothing(client, entry):
    known = client.get(f"/receipts/rcp_{entry.pk}")
    unknown = client.get("/receipts/rcp_00000000-0000-4000-8000-000000000000")

    assert (known.status_code, unknown.status_code) == (302, 302)


def test_owner_is_told_when_the_records_are_not_what_was_signed(signed_in, entry, monkeypatch):
    monkeypatch.setattr(issuing, "is_sound", lambda receipt: False)

    assert "no longer those that this receipt was signed for" in text(
        signed_in.get(f"/me/consents/{entry.pk}/receipt/")
    )


# --- everybody's ------------------------------------------------------------------------------------------------------


def test_verifier_takes_a_file_and_pasted_words(client, receipt):
    client.cookies["django_language"] = "en"
    file = SimpleUploadedFile("rcp.jsonld", receipt)

    for answer in (client.post(VERIFY, {"file": file}), client.post(VERIFY, {"pasted": receipt.decode()})):
        html = text(answer)
        assert "The receipt is genuine" in html
        assert "The consent has not been withdrawn" in html
        assert "Опросы и исследования" in html


def test_verifier_says_that_a_consent_was_withdrawn(client, entry, receipt):
    withdrawal = make_withdrawal(subject_id=entry.subject_id, purpose="surveys")

    assert "no longer in force" in verdict_on(client, receipt)
    of_withdrawal = issuing.as_file(issuing.receipt_of(withdrawal.pk))
    assert "This is the receipt of that withdrawal." in verdict_on(client, of_withdrawal)


def test_verifier_says_what_was_altered(client, receipt, entry):
    html = verdict_on(client, receipt.replace(entry.sha256.encode(), b"0" * 64))

    assert "The receipt was altered" in html
    assert "No text with such a hash was ever published here" in html
    assert "the text that was agreed to" in html
    assert "Опросы" not in html, "what it says is not to be believed, so it is not repeated"


@pytest.mark.parametrize(
    ("language", "words"), [("en", "This is not the receipt of a consent"), ("ru", "Это не квитанция о согласии")]
)
def test_verifier_tells_what_is_no_receipt(client, language, words):
    html = verdict_on(client, b"<script>alert(1)</script>", language)

    assert words in html
    assert "alert(1)" not in html


@pytest.mark.parametrize("sent", [{}, {"pasted": "  \n"}])
def test_verifier_asks_for_a_receipt(client, sent):
    client.cookies["django_language"] = "en"

    assert "Choose the file of a receipt, or paste its contents." in text(client.post(VERIFY, sent))


def test_verifier_refuses_what_is_too_large(client):
    client.cookies["django_language"] = "en"
    large = b"{" + b" " * LARGEST + b"}"

    for sent in ({"pasted": large.decode()}, {"file": SimpleUploadedFile("large.jsonld", large)}):
        assert "larger than 64 KB" in text(client.post(VERIFY, sent))


def test_verifier_keeps_and_logs_nothing(client, receipt, caplog):
    caplog.set_level(logging.DEBUG)
    events, number = Event.objects.count(), json.loads(receipt)["dct:identifier"]

    with connection.execute_wrapper(_refuse_writing):
        verdict_on(client, receipt)

    assert Event.objects.count() == events
    assert number not in "".join(
        record.getMessage() for record in caplog.records if record.name != "django.db.backends"
    )


def _refuse_writing(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    assert sql.split(maxsplit=1)[0] not in {"INSERT", "UPDATE", "DELETE"}, sql
    return execute(sql, params, many, context)


def test_verifier_is_for_everybody_and_needs_no_script(client):
    client.cookies["django_language"] = "en"
    html = text(client.get(VERIFY))

    assert "<script" not in html.split("<main")[1]
    assert 'enctype="multipart/form-data"' in html
    assert "/privacy/verify-receipt/verify_receipt.py" in html


def test_verifier_wants_the_token_of_its_own_page(receipt):
    strict = Client(enforce_csrf_checks=True)

    assert strict.post(VERIFY, {"pasted": receipt.decode()}).status_code == 403


def test_address_of_the_vocabulary_is_that_in_the_receipt(client, receipt, settings):
    address = json.loads(receipt)["@context"]["ru"].removeprefix(settings.BASE_URL).removesuffix("#")
    client.cookies["django_language"] = "en"

    html = text(client.get(address))
    data = client.get(address, headers={"accept": "application/ld+json"})

    assert 'id="textSha256"' in html
    assert data.headers["Content-Type"] == "application/ld+json"
    names = {term["@id"] for term in data.json()["@graph"]}
    assert _our_words(json.loads(receipt)) <= names


def _our_words(value: Any) -> set[str]:
    """Every `ru:` name in a receipt, and what stands inside its evidence."""
    if isinstance(value, dict):
        inside = (
            {f"ru:{name}" for name in value["ru:evidence"]} if isinstance(value.get("ru:evidence"), dict) else set()
        )
        own = {name for name in value if name.startswith("ru:")}
        return own.union(inside, *(_our_words(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*map(_our_words, value))
    return {value} if isinstance(value, str) and value.startswith("ru:") else set()


def test_every_word_of_ours_is_in_the_vocabulary(client, entry):
    paper = make_paper_consent(subject_id=make_subject().pk, **by_guardian())
    withdrawal = make_withdrawal(subject_id=entry.subject_id, purpose="surveys")
    by_mail = make_consent(subject_id=make_subject().pk, purpose="ads")
    names = {term["@id"] for term in client.get("/ns/152fz.jsonld").json()["@graph"]}

    for each in (entry, paper, withdrawal, by_mail):
        assert _our_words(issuing.receipt_of(each.pk)) <= names


def test_profile_named_in_the_receipt_is_a_page(client, receipt, settings):
    address = json.loads(receipt)["dct:conformsTo"][1].removeprefix(settings.BASE_URL)

    assert "RFC 8785" in text(client.get(address))


# --- without the portal -----------------------------------------------------------------------------------------------


@pytest.fixture
def files(client: Client, receipt: bytes, tmp_path: Path) -> Path:
    """What somebody has taken away: the program, the keys, the receipt, the text."""
    (tmp_path / "verify_receipt.py").write_bytes(client.get(f"{VERIFY}verify_receipt.py").content)
    (tmp_path / "keys.json").write_bytes(client.get("/.well-known/receipt-keys.json").content)
    (tmp_path / "receipt.jsonld").write_bytes(receipt)
    notice = json.loads(receipt)["dpv:hasRecordOfActivity"][0]["dpv:hasNotice"][0]["@id"]
    (tmp_path / "text.txt").write_bytes(client.get("/" + notice.split("/", 3)[3]).content)
    return tmp_path


def alone(folder: Path, *arguments: str) -> tuple[int, str]:
    """In an empty environment: nothing of the portal is there to be imported."""
    done = subprocess.run(
        [sys.executable, "-I", "verify_receipt.py", *arguments],
        cwd=folder,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_program_verifies_alone(files, entry):
    status, said = alone(files, "receipt.jsonld", "keys.json", "--text", "text.txt")

    assert (status, said.partition(":")[0]) == (0, "GENUINE")


def test_program_detects_an_altered_receipt_text_and_key(files, receipt, entry):
    (files / "altered.jsonld").write_bytes(receipt.replace(entry.sha256.encode(), b"0" * 64))
    (files / "other.txt").write_text("Согласен на всё\n")
    other = {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}
    (files / "other.json").write_text(json.dumps(other))

    assert alone(files, "altered.jsonld", "keys.json")[0] == 1
    assert alone(files, "receipt.jsonld", "keys.json", "--text", "other.txt")[0] == 1
    assert alone(files, "receipt.jsonld", "other.json")[0] == 1
    assert alone(files, "text.txt", "keys.json")[0] == 2
    assert alone(files, "receipt.jsonld", "receipt.jsonld")[0] == 2
    assert alone(files, "missing.jsonld", "keys.json")[0] == 2


def test_program_names_the_key_and_no_more(files, capsys):
    assert main([str(files / "receipt.jsonld"), str(files / "keys.json")]) == 0

    assert capsys.readouterr().out.startswith("GENUINE: signed with the key ")


# --- the command ------------------------------------------------------------------------------------------------------


def run(*arguments: str) -> tuple[int, str]:
    output = StringIO()
    try:
        with translation.override("en"):
            call_command("verify_receipt", *arguments, stdout=output)
    except SystemExit as stopped:
        return int(stopped.code or 0), output.getvalue()
    return 0, output.getvalue()


def test_command_verifies_a_receipt(entry, receipt, tmp_path):
    file = tmp_path / "receipt.jsonld"
    file.write_bytes(receipt)
    assert run(str(file)) == (0, "The receipt is genuine\nThe consent has not been withdrawn.\n")

    make_withdrawal(subject_id=entry.subject_id, purpose="surveys")
    status, report = run("--json", str(file))
    assert (status, json.loads(report)["verdict"]) == (0, "genuine")
    assert json.loads(report)["withdrawn_at"] == "2026-03-01T09:00:00.000000Z"

    file.write_bytes(receipt.replace(entry.sha256.encode(), b"0" * 64))
    status, said = run(str(file))
    assert (status, "differs: the text that was agreed to" in said) == (1, True)

    file.write_bytes(b"no receipt")
    assert run(str(file))[0] == 2


def test_command_says_when_the_file_is_not_there(tmp_path):
    with pytest.raises(CommandError) as refused:
        run(str(tmp_path / "none.jsonld"))

    assert refused.value.returncode == 2


# --- the auditor's ----------------------------------------------------------------------------------------------------


@pytest.fixture
def auditor(client: Client) -> Client:
    client.cookies["django_language"] = "en"
    return sign_in(client, make_user(address="auditor@example.org", role=Role.AUDITOR))


def test_auditor_has_the_receipt_and_its_state_from_one_id(auditor, receipt, entry):
    html = text(auditor.get(f"/audit/consents/{entry.pk}/"))
    file = auditor.get(f"/audit/consents/{entry.pk}/receipt.jsonld")

    assert "The signature fits." in html
    assert entry.receipt.signature in html
    assert file.content == receipt
    assert Event.objects.filter(fact="consent_evidence_read", reason=f"rcp_{entry.pk}").count() == 1


def test_auditor_sees_that_there_is_no_receipt(auditor, entry, monkeypatch):
    def none(entry_id: object) -> None:
        raise issuing.CannotBeMade

    monkeypatch.setattr(issuing, "receipt_of", none)

    html = text(auditor.get(f"/audit/consents/{entry.pk}/"))

    assert html.count("The entry has no receipt, or the receipt cannot be made any more") == 2


def test_database_refuses_a_receipt_for_somebody_else(entry):
    forged = Receipt(entry=entry, subject_id=make_subject().pk, terms=entry.receipt.terms, signature="x")

    with pytest.raises(IntegrityError, match="of the person who gave it"), transaction.atomic():
        forged.save(force_insert=True)
