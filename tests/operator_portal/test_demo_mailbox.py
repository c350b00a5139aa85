"""What the demo shows of the mails that were sent."""

from datetime import UTC, datetime

from operator_portal.demo import mailbox


def test_a_mail_was_sent_at_the_moment_that_its_date_means(tmp_path, monkeypatch):
    """Python writes UTC as -0000, and reads that as a time of no zone."""
    monkeypatch.setattr(mailbox, "folder", lambda: tmp_path)
    (tmp_path / "one.eml").write_text("Subject: a\nTo: b@example.org\nDate: Sun, 22 Nov 2026 10:14:00 -0000\n\nc\n")

    found = mailbox.find("one")

    assert found is not None
    assert found.at == datetime(2026, 11, 22, 10, 14, tzinfo=UTC)
