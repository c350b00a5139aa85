"""Reports of unwanted mail, in the shapes in which mail services send them."""

import io
import json
from datetime import UTC, datetime
from email.message import EmailMessage
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.mime.text import MIMEText
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from consent.complaints import NotAReport, NotOurs, take_complaint
from consent.models import LedgerEntry
from consent.suppressed import Suppression
from notifications import dispatch
from personal_data.models import Subject
from processing_log.models import Event
from tests.factories.accounts import make_user
from tests.factories.consent import make_consent
from tests.factories.notifications import AT
from tests.factories.suppression import make_news

pytestmark = pytest.mark.usefixtures("published")

NOW = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
FIELDS = "Feedback-Type: {kind}\r\nUser-Agent: Reporter/1\r\nVersion: 1\r\nSource-IP: 192.0.2.7\r\n"


@pytest.fixture
def anna() -> Subject:
    subject = make_user().subject
    make_consent(subject_id=subject.pk)
    return subject


@pytest.fixture
def original(anna: Subject, mailoutbox: list[Any]) -> Any:
    """What Anna was sent."""
    dispatch.dispatch(make_news(subject_id=anna.pk, language="ru").pk, at=AT)
    return mailoutbox[0].message()


def report(original: Any, *, kind: str = "abuse", shape: str = "message") -> bytes:
    whole = MIMEMultipart("report", report_type="feedback-report")
    whole.attach(MIMEText("This is an e-mail abuse report."))
    fields = MIMENonMultipart("message", "feedback-report")
    fields.set_payload(FIELDS.format(kind=kind))
    whole.attach(fields)
    if shape == "message":
        whole.attach(MIMEMessage(original))
    else:
        headers = "".join(f"{name}: {value}\n" for name, value in original.items() if name != "To")
        part = MIMENonMultipart("text", "rfc822-headers")
        part.set_payload(headers)
        whole.attach(part)
    return whole.as_bytes()


@pytest.mark.parametrize("shape", ["message", "headers"])
@pytest.mark.parametrize("kind", ["abuse", "Abuse", "opt-out"])
def test_complaint_is_as_good_as_an_unsubscription(anna, original, shape, kind):
    assert take_complaint(report(original, kind=kind, shape=shape), at=NOW)

    row = Suppression.objects.get()
    assert (row.scope, row.reason, row.channel) == ("ads", "complaint", "feedback")
    assert LedgerEntry.objects.latest("turn").kind == "withdrawn"
    assert Event.objects.filter(fact="mail_unsubscribed", subject=anna.pk).count() == 1


def test_second_complaint_changes_nothing(original):
    take_complaint(report(original), at=NOW)

    assert not take_complaint(report(original), at=NOW)
    assert Suppression.objects.count() == 1


@pytest.mark.parametrize("kind", ["not-spam", "fraud", "virus", "other", ""])
def test_report_of_something_else_stops_nothing(original, kind):
    with pytest.raises(NotAReport):
        take_complaint(report(original, kind=kind), at=NOW)

    assert not Suppression.objects.exists()


@pytest.mark.parametrize(
    "garbage", [b"", b"\xff\xfe\x00", b"Subject: hello\r\n\r\nnot a report", b"MIME-Version: 1.0\r\n"]
)
def test_what_is_no_report_is_refused(garbage):
    with pytest.raises(NotAReport):
        take_complaint(garbage, at=NOW)


def test_report_of_somebody_elses_mail_is_refused(original):
    stranger = EmailMessage()
    stranger["List-Unsubscribe"] = "<https://elsewhere.example/u/abc>"
    stranger.set_content("hello")

    with pytest.raises(NotOurs):
        take_complaint(report(stranger), at=NOW)


def run(monkeypatch: pytest.MonkeyPatch, content: bytes) -> dict[str, Any]:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    out = io.StringIO()
    call_command("take_complaint", "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_command_reads_a_report_from_standard_input(original, monkeypatch):
    assert run(monkeypatch, report(original)) == {"taken": True, "new": True}
    assert run(monkeypatch, report(original)) == {"taken": True, "new": False}


def test_command_says_by_its_status_what_was_wrong(original, monkeypatch):
    with pytest.raises(CommandError) as refusal:
        run(monkeypatch, b"no report")
    assert refusal.value.returncode == 2

    with pytest.raises(CommandError) as refusal:
        run(monkeypatch, report(EmailMessage()))
    assert refusal.value.returncode == 1
