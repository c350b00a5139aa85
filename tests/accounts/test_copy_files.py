"""What lies sealed on disk is in a person's copy as the file itself."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from accounts.copy import make_copy
from consent.receipts import verify_receipt
from personal_data.scope import processing
from tests.factories.accounts import JOINED_AT, make_user
from tests.factories.consent import make_consent, make_withdrawal, publish
from tests.factories.papers import by_guardian, make_paper, scan


@pytest.mark.django_db
def test_copy_holds_what_proves_the_consents_without_the_portal(tmp_path: Path):
    publish()
    user = make_user()
    make_consent(subject_id=user.subject_id)
    make_withdrawal(subject_id=user.subject_id)

    with processing("rights", actor=user.actor):
        zipfile.ZipFile(io.BytesIO(make_copy(user, at=JOINED_AT))).extractall(tmp_path)

    folder = tmp_path / "receipts"
    receipts, (text,) = list(folder.glob("rcp_*.jsonld")), folder.glob("texts/*.txt")
    assert len(receipts) == 2
    for receipt in receipts:
        assert verify_receipt.main([str(receipt), str(folder / "receipt-keys.json"), "--text", str(text)]) == 0
    assert (folder / "verify_receipt.py").read_bytes() == Path(verify_receipt.__file__).read_bytes()


@pytest.mark.django_db
def test_copy_of_who_never_consented_has_no_receipts():
    user = make_user()

    with processing("rights", actor=user.actor):
        archive = zipfile.ZipFile(io.BytesIO(make_copy(user, at=JOINED_AT)))

    assert archive.namelist() == ["my-data.json", "my-data.html"]


@pytest.mark.django_db
def test_copy_holds_the_scans_themselves_and_nothing_of_the_machinery():
    publish()
    user = make_user()
    make_paper(subject_id=user.subject_id, **by_guardian())

    with processing("rights", actor=user.actor):
        archive = zipfile.ZipFile(io.BytesIO(make_copy(user, at=JOINED_AT)))

    copy = archive.read("my-data.json").decode()
    (record,) = [record for record in json.loads(copy)["records"] if len(record["values"]) == 3]
    files = [value["value"] for value in record["values"] if str(value["value"]).startswith("files/")]
    assert sorted(archive.namelist()) == sorted(["my-data.html", "my-data.json", *files])
    assert archive.read(files[0]) == scan().read()
    assert "SealedFile" not in copy + archive.read("my-data.html").decode()
    assert "Белова Мария" in copy
