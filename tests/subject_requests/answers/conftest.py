"""Setting a PDF takes longer than all the rest: tests that do not look at it do without, `real_pdf` sets it."""

import pytest

from subject_requests.answers import archive, pdf


@pytest.fixture(autouse=True)
def quick_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "make_pdf", lambda _document: b"%PDF-")


@pytest.fixture
def real_pdf(quick_pdf: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "make_pdf", pdf.make_pdf)
