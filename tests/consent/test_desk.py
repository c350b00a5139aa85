"""The desk: staff enter what came on paper, see masks, say why they open; another decides."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from access.roles import Role
from consent.models import LedgerEntry, PaperConsent, Term
from consent.papers import Way
from law import clock
from processing_log.models import Event
from tests.factories.accounts import make_user, sign_in
from tests.factories.consent import make_consent, make_withdrawal, text_of
from tests.factories.papers import by_guardian, make_paper
from tests.factories.personal_data import make_subject
from tests.factories.suppression import make_suppression

pytestmark = pytest.mark.usefixtures("published")
DESK = "/admin/consent/paperconsent/"


@pytest.fixture
def clerk(client):
    user = make_user(address="clerk@example.org", role=Role.STAFF, language="en")
    sign_in(client, user)
    client.cookies["django_language"] = "en"
    return user


@pytest.fixture
def subject():
    return make_subject()


@pytest.fixture
def paper(subject):
    """Entered by somebody else."""
    return make_paper(subject_id=subject.pk, at=clock.now() - timedelta(hours=1), **by_guardian())


def pdf(begins: bytes = b"%PDF-1.7") -> SimpleUploadedFile:
    return SimpleUploadedFile("Паспорт Беловой.pdf", begins + " скан".encode(), content_type="application/pdf")


def text(response) -> str:
    assert response.status_code == 200
    return str(response.content, "utf-8")


def one(paper, act: str = "change") -> str:
    return f"{DESK}{paper.pk}/{act}/"


def form(**changes: object) -> dict[str, object]:
    values: dict[str, object] = {"way": "paper", "language": "ru", "received_on": "2026-02-01", "given_by": "subject"}
    return values | {"document": pdf()} | changes


def test_enter_begins_with_the_text_that_was_signed(client, clerk, subject):
    html = text(client.get(f"{DESK}enter/{subject.pk}/"))

    assert html.count("Form to print") == 4


def test_enter_takes_the_scan_and_waits_for_another(client, clerk, subject):
    path = f"{DESK}enter/{subject.pk}/?text={text_of('surveys').pk}"
    assert "Scan of the signed consent" in text(client.get(path))

    html = text(client.post(path, form(), follow=True))

    paper = PaperConsent.objects.get()
    assert (paper.author, paper.state, paper.way) == (clerk.pk, "waiting", Way.PAPER)
    assert "You entered it, so another person has to look" in html
    assert "I have seen it and confirm" not in html
    assert "Беловой" not in html
    client.post(one(paper, "confirm"))
    assert LedgerEntry.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"document": ""}, "Something that proves the consent is missing"),
        ({"document": pdf(b"MZ\x90\x00")}, "A scan is a PDF, a PNG or a JPEG."),
        ({"received_on": "2999-01-01"}, "This day has not come yet."),
        ({"way": "telephone", "given_by": "guardian"}, "A call is not enough"),
        ({"given_by": "guardian"}, "Something that proves the consent is missing"),
    ],
)
def test_enter_says_what_is_wrong(client, clerk, subject, changes, said):
    response = client.post(f"{DESK}enter/{subject.pk}/?text={text_of('surveys').pk}", form(**changes))

    assert said in text(response)
    assert PaperConsent.objects.count() == 0


def test_page_masks_names_and_scans_until_a_reason_is_said(client, clerk, paper, subject):
    assert "Белова" not in text(client.get(one(paper)))
    assert "Белова" not in text(client.post(one(paper, "open"), {"reason": ""}))
    assert not Event.objects.filter(subject=subject.pk, operation="extract").exists()

    html = text(client.post(one(paper, "open"), {"reason": "consent"}))

    assert "Белова Мария" in html
    (event,) = Event.objects.filter(subject=subject.pk, operation="extract")
    assert (event.actor_kind, event.reason, event.categories) == ("staff", "consent", ["name"])


@pytest.mark.parametrize("which", ["document", "authority_document"])
def test_scan_is_taken_for_a_reason_under_a_name_that_says_nothing(client, clerk, paper, subject, which):
    assert client.post(one(paper, f"scan/{which}"), {}).headers["Content-Type"].startswith("text/html")

    response = client.post(one(paper, f"scan/{which}"), {"reason": "consent"})

    assert "скан" in response.content.decode()
    assert response.headers["Content-Disposition"] == f'attachment; filename="consent-{paper.pk}.pdf"'
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert Event.objects.filter(subject=subject.pk, operation="extract", reason="consent").count() == 1


def test_scan_by_get_and_of_something_else_is_refused(client, clerk, paper):
    assert client.get(one(paper, "scan/document")).status_code == 405
    assert client.post(one(paper, "scan/caller"), {"reason": "consent"}).status_code == 404


def test_another_confirms_and_the_consent_is_in_force(client, clerk, paper):
    assert "I have seen it and confirm" in text(client.get(one(paper)))

    assert "Confirmed: the consent is in force." in text(client.post(one(paper, "confirm"), follow=True))

    assert LedgerEntry.objects.get().given_by == "guardian"
    assert "It was decided already." in text(client.post(one(paper, "refuse"), {"why": "not_signed"}, follow=True))


def test_another_refuses_with_a_reason(client, clerk, paper):
    client.post(one(paper, "refuse"), {"why": ""})
    assert PaperConsent.objects.get().state == "waiting"

    html = text(client.post(one(paper, "refuse"), {"why": "no_authority"}, follow=True))

    assert "Refused: nothing is in force." in html
    assert PaperConsent.objects.get().refusal == "no_authority"


def test_administrator_looks_and_decides_nothing(client, paper):
    sign_in(client, make_user(address="admin@example.org", role=Role.ADMIN))

    assert client.get(one(paper)).status_code == 200
    assert client.post(one(paper, "confirm")).status_code == 403
    assert client.get(f"{DESK}enter/{paper.subject_id}/").status_code == 403


def test_list_shows_what_waits_first_and_costs_as_much_with_three(client, clerk, paper, django_assert_max_num_queries):
    client.get(DESK)
    for _ in range(3):
        make_paper(subject_id=make_subject().pk, at=clock.now())

    with django_assert_max_num_queries(12):
        assert "waits for a second person" in text(client.get(DESK))


def test_account_on_the_desk_leads_to_entering(client, clerk):
    person = make_user(address="vera@example.org")

    assert f"{DESK}enter/{person.subject_id}/" in text(client.get(f"/admin/accounts/user/{person.pk}/change/"))


def test_terms_are_on_the_desk_and_what_is_done_by_hand_has_a_button(client, clerk, subject):
    at = clock.now() - timedelta(days=1)
    make_consent(subject_id=subject.pk, purpose="surveys", at=at)
    entry = make_withdrawal(subject_id=subject.pk, purpose="surveys", at=at)
    stop = Term.objects.create(
        entry=entry, subject=subject, rule="D19", started_at=at, due_on=at.date(), due_at=at, target_on=at.date()
    )

    html = text(client.get("/admin/consent/term/"))

    assert "the processing stopped at once" in html
    assert f"/admin/consent/term/{stop.pk}/meet/" in html
    assert "Noted: the term is met." in text(client.post(f"/admin/consent/term/{stop.pk}/meet/", follow=True))
    assert Term.objects.get(pk=stop.pk).how == "published"


# --- the auditor ------------------------------------------------------------------------------------------------------


@pytest.fixture
def auditor(client):
    sign_in(client, make_user(address="auditor@example.org", role=Role.AUDITOR))
    client.cookies["django_language"] = "en"


def test_auditor_goes_from_one_id_to_everything(client, auditor, subject):
    entry = make_consent(subject_id=subject.pk)

    assert entry.served
    html = text(client.get(f"/audit/consents/{entry.pk}/"))

    for said in (entry.sha256, entry.served.screen_id, "Nothing was altered", "by a link from a mail", "mail sent"):
        assert said.lower() in html.lower()
    assert "Даю согласие" in html
    assert "A consent was given" in html
    assert Event.objects.filter(fact="consent_evidence_read", subject=subject.pk, actor_kind="auditor").count() == 1


def test_auditor_sees_loudly_what_was_altered(client, auditor, subject, monkeypatch):
    from consent.verifying import Finding, Flaw

    entry = make_consent(subject_id=subject.pk)
    finding = Finding(flaw=Flaw.SCREEN_ALTERED, what="screen")
    monkeypatch.setattr("consent.evidence.flaws_of_entry", lambda _entry: [finding])

    html = text(client.get(f"/audit/consents/{entry.pk}/"))

    assert "ALTERED: this consent proves nothing" in html
    assert 'role="alert"' in html
    assert "Nothing was altered" not in html


def test_auditor_lists_the_ledger_of_one_person(client, auditor, subject):
    mine, other = make_consent(subject_id=subject.pk), make_consent(subject_id=make_subject().pk)

    html = text(client.get(f"/audit/consents/?subject={subject.pk}"))

    assert str(mine.pk) in html
    assert str(other.pk) not in html
    assert client.get("/audit/consents/?subject=nobody").status_code == 400
    assert "The ledger has no entry of this person." in text(client.get(f"/audit/consents/?subject={uuid4()}"))
    assert client.get(f"/audit/consents/{subject.pk}/").status_code == 404


def test_auditor_turns_the_pages_of_the_ledger(client, auditor, subject, monkeypatch):
    monkeypatch.setattr("consent.views.audit.SHOWN", 1)
    older, newer = make_consent(subject_id=subject.pk), make_withdrawal(subject_id=subject.pk)

    first = text(client.get(f"/audit/consents/?subject={subject.pk}"))
    second = text(client.get(f"/audit/consents/?subject={subject.pk}&page=2"))

    assert f"/audit/consents/{newer.pk}/" in first
    assert f"/audit/consents/{older.pk}/" not in first
    assert f"?subject={subject.pk}&amp;page=2" in first
    assert f"/audit/consents/{older.pk}/" in second


def test_lists_of_the_desk_count_and_say_days_in_proper_russian(client, clerk):
    client.cookies["django_language"] = "ru"
    make_suppression(at=datetime(2026, 11, 2, 9, 0, tzinfo=UTC))
    make_suppression(address="vera@example.org", at=datetime(2026, 11, 3, 9, 0, tzinfo=UTC))

    html = client.get("/admin/consent/suppression/").content.decode()

    assert "Всего: 2" in html
    assert "2 ноября</a>" in html
    assert "2 Ноябр" not in html
