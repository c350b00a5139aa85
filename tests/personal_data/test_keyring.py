import json
import os
from uuid import uuid4

import pytest

from personal_data import installation, keyring, keyring_file
from personal_data.errors import KeyringMismatch, KeyringMissing, WrongKey
from personal_data.keyring import Keyring
from personal_data.models import KeyEpoch
from personal_data.scope import processing
from tests.factories.personal_data import make_specimen, staff
from tests.specimens.models import Specimen


@pytest.fixture
def another_keyring(settings, monkeypatch):
    """Points KEYRING to what the test gives, and forgets what this process knew of keyrings."""

    def use(ring: Keyring) -> None:
        monkeypatch.setenv("TEST_KEYRING", ring.to_json())
        settings.KEYRING = f"env:TEST_KEYRING#{uuid4()}".split("#")[0]
        keyring.forget()

    monkeypatch.setattr(installation, "_fitting", {})
    yield use
    keyring.forget()


def kept_keyring() -> Keyring:
    ring = keyring.current()
    assert isinstance(ring, Keyring)
    return ring


def test_a_new_keyring_file_is_for_its_owner_only_and_never_overwritten(tmp_path):
    path = tmp_path / "keyring"
    keyring_file.write_new(path)
    first = path.read_text()

    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        keyring_file.write_new(path)
    assert Keyring.from_json(first).to_json() == first


@pytest.mark.parametrize("location", ["file:/nowhere/keyring", "env:NOT_SET", "elsewhere:transit", ""])
def test_a_missing_keyring_is_said(settings, location):
    settings.KEYRING = location
    with pytest.raises(KeyringMissing):
        keyring.current()


def test_an_unreadable_keyring_is_said_without_its_content(settings, monkeypatch):
    monkeypatch.setenv("BROKEN_KEYRING", json.dumps({"id": "secret-part"}))
    settings.KEYRING = "env:BROKEN_KEYRING"
    with pytest.raises(KeyringMissing) as error:
        keyring.current()
    assert "secret-part" not in str(error.value)


@pytest.mark.django_db
def test_a_keyring_of_another_database_opens_nothing(another_keyring):
    make_specimen(name="Анна")
    installation._fitting.clear()
    another_keyring(Keyring.new())

    with pytest.raises(KeyringMismatch), processing("rights", actor=staff()):
        pass


@pytest.mark.django_db
def test_a_keyring_with_the_right_name_and_a_wrong_key_is_found_by_the_canary(another_keyring):
    ring = kept_keyring()
    another_keyring(Keyring(id=ring.id, epochs={1: os.urandom(32)}, root=ring.root))

    with pytest.raises(KeyringMismatch, match="not the one in use"), processing("rights", actor=staff()):
        pass


@pytest.mark.django_db
def test_a_keyring_without_the_key_of_an_epoch_in_use_is_refused(another_keyring):
    ring = kept_keyring()
    another_keyring(Keyring(id=ring.id, epochs={2: os.urandom(32)}, root=ring.root))

    with pytest.raises(KeyringMismatch, match="no key of epoch 1"), processing("rights", actor=staff()):
        pass


@pytest.mark.django_db
def test_a_subject_key_that_was_swapped_does_not_unwrap(as_superuser):
    first, second = make_specimen(name="Анна"), make_specimen(name="Яна")
    as_superuser.execute(
        "UPDATE vault.personal_data_subject a SET wrapped_key = b.wrapped_key "
        "FROM vault.personal_data_subject b WHERE a.id = %s AND b.id = %s",
        [first.subject_id, second.subject_id],
    )
    with pytest.raises(WrongKey), processing("rights", actor=staff()):
        _ = Specimen.objects.get(pk=first.pk).name


@pytest.mark.django_db
def test_the_first_epoch_has_no_key_in_the_database():
    epoch = KeyEpoch.objects.get()
    assert kept_keyring().epochs[1] not in bytes(epoch.canary)


def test_each_use_has_a_key_of_its_own():
    assert keyring.derived("blind index|a.b") != keyring.derived("blind index|a.c")
    assert len(keyring.derived("session")) == 32
